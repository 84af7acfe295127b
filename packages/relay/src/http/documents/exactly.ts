/** Schemas of what goes over the wire: checked by the compiler against the types of whoever writes it. */
import { z } from "zod";

/** A value as JSON has it: keys without a value are not there, and nothing is read-only. */
export type Wire<T> = unknown extends T
  ? T
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? Flat<{ -readonly [K in keyof T as IsGiven<T[K], K>]: Wire<T[K]> } & WireOptional<T>>
      : T;

type WireOptional<T> = {
  -readonly [K in keyof T as K extends IsGiven<T[K], K> ? never : K]?: Wire<
    Exclude<T[K], undefined>
  >;
};
type IsGiven<V, K> = unknown extends V ? K : undefined extends V ? never : K;
type Flat<T> = { [K in keyof T]: T[K] };

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never;

/**
 * A schema of exactly the type `T` as JSON has it. Where one of them has a field, a value or a null that the other
 * has not, the compiler objects.
 */
export function exactly<T>(): <S extends z.ZodType>(
  schema: S & Same<Wire<z.output<S>>, Wire<T>>,
) => S {
  return (schema) => schema;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas that have a name in the documents. */
export interface Names {
  readonly byId: ReadonlyMap<string, z.ZodType>;
  /** @throws Error for a name that is taken */
  readonly name: <S extends z.ZodType>(id: string, schema: S) => S;
}

export function createNames(): Names {
  const byId = new Map<string, z.ZodType>();
  return {
    byId,
    name: (id, schema) => {
      if (byId.has(id)) throw new Error(`there are two schemas ${id}`);
      byId.set(id, schema);
      return schema;
    },
  };
}

/** An instant: ISO 8601 in UTC. */
export function instant(description: string): z.ZodString {
  return z.string().meta({
    format: "date-time",
    description,
    examples: ["2026-11-21T09:30:00.000Z"],
  });
}

export const cursor = z
  .string()
  .regex(/^\w{1,64}-\d{1,15}$/u)
  .meta({ examples: ["4f1d0c2a-1207"] });

/** What `since` may be. */
export const since = z
  .string()
  .regex(/^(?:0|\w{1,64}-\d{1,15})$/u)
  .describe("A cursor as it was sent: what came after it comes first. 0: all that is kept.")
  .meta({ examples: ["4f1d0c2a-1207", "0"] });

export const count = z.int().nonnegative();
