/**
 * Options: the leaves of the schema. Each is declared once, with its description, default and
 * example; validation, the JSON Schema, the commented example and the table in the documentation
 * come from the declaration.
 */
import { z } from "zod";

/** How an option is written, and how it is read. */
export interface Kind<T> {
  /** Completes "write …": `a duration such as 30s`. */
  readonly form: string;
  /** What an editor should accept. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** A placeholder where nobody gives an example. */
  readonly sample: Written;
  /** The value meant, or `refused` after at least one report. */
  readonly read: (value: unknown, report: Report) => T | typeof refused;
}

/** A value as it stands in a file. */
export type Written =
  | string
  | number
  | boolean
  | readonly Written[]
  | { readonly [key: string]: Written };

export type Report = (objection: Objection) => void;

/** What is wrong with a value. */
export interface Objection {
  /** Inside the value, if it has parts. */
  readonly path?: readonly PropertyKey[];
  /** Completes a sentence that begins with what was found, or with the option if that is not to be shown. */
  readonly message: string;
  readonly help?: string;
  /** What was found is not repeated: it may be a secret, or the message says it. @default false */
  readonly isHidden?: boolean;
  /** It is about the key at the path, not about what stands behind it. @default false */
  readonly isKey?: boolean;
}

export const refused: unique symbol = Symbol("refused");

/** What is told of an option. */
export interface Note {
  readonly description: string;
  readonly example?: Written;
  /** Stands in the example file without a comment sign. @default false */
  readonly isActive?: boolean;
}

/** Everything that is known of an option. */
export interface OptionFacts extends Note {
  readonly kind: Kind<unknown>;
  readonly isRequired: boolean;
  readonly preset: Written | undefined;
}

/** What was declared with a schema; a schema that is in here is an option. */
export const optionFacts = new WeakMap<object, OptionFacts>();

/** Descriptions of sections and of lists of sections. */
export const sectionFacts = new WeakMap<object, { readonly description: string }>();

/** An option that must be there. */
export function required<T>(kind: Kind<T>, note: Note): z.ZodType<T> {
  return declare<T>(kind, { ...note, kind, isRequired: true, preset: undefined });
}

/** An option that may be left out. */
export function optional<T>(kind: Kind<T>, note: Note): z.ZodType<T | undefined> {
  return declare<T | undefined>(kind, { ...note, kind, isRequired: false, preset: undefined });
}

/** An option that has a value even if it is left out. */
export function preset<T>(kind: Kind<T>, value: Written, note: Note): z.ZodType<T> {
  return declare<T>(kind, { ...note, kind, isRequired: false, preset: value });
}

function declare<T>(kind: Kind<T>, facts: OptionFacts): z.ZodType<T> {
  // Optional to zod, so that it is asked for a value where there is none.
  const schema = z
    .unknown()
    .optional()
    .transform((given, context): T => {
      const report: Report = ({ path = [], message, help, isHidden = false, isKey = false }) => {
        context.issues.push({
          code: "custom",
          message,
          input: undefined,
          path: [...path],
          params: { help: help ?? `Write ${kind.form}.`, isHidden, isKey } satisfies IssueParams,
        });
      };
      const value = given === undefined ? facts.preset : given;
      if (value === undefined) {
        if (facts.isRequired) report({ message: "is missing", isHidden: true });
        return undefined as T;
      }
      if (value === null) {
        const help = `Write ${kind.form}, or remove the line${facts.isRequired ? "" : " for the default"}.`;
        report({ message: "has no value", help, isHidden: true });
        return undefined as T;
      }
      const read = kind.read(value, report);
      // Checks that look at several options come across it, and must not take it for left out.
      return read === refused ? (refused as T) : read;
    });
  optionFacts.set(schema, facts);
  return schema;
}

/** What our own issues carry besides the message. */
export interface IssueParams {
  readonly help: string;
  readonly isHidden: boolean;
  readonly isKey: boolean;
}

/** Looks at several options together; `complain` takes a key, or a path from here. */
export type CrossCheck = (values: Readonly<Record<string, unknown>>, complain: Report) => void;

/** A map with fixed keys; left out or empty, it is one in which everything is left out. */
export function section<Shape extends z.ZodRawShape>(
  description: string,
  shape: Shape,
  check?: CrossCheck,
): Section<Shape> {
  const schema = z.preprocess((given) => given ?? {}, keyed(shape, check));
  sectionFacts.set(schema, { description });
  return schema;
}

type Keyed<Shape extends z.ZodRawShape> = z.ZodObject<Shape, z.core.$strict>;
type Section<Shape extends z.ZodRawShape> = z.ZodPreprocess<Keyed<Shape>>;

/** A map with fixed keys, which means something else where it is left out. */
export function optionalSection<Shape extends z.ZodRawShape>(
  description: string,
  shape: Shape,
): z.ZodPreprocess<z.ZodOptional<Keyed<Shape>>> {
  const schema = z.preprocess((given) => given ?? undefined, keyed(shape).optional());
  sectionFacts.set(schema, { description });
  return schema;
}

/** A list of maps. */
export function sections<Item extends z.ZodType>(
  description: string,
  itemsMax: number,
  item: Item,
): z.ZodPreprocess<z.ZodArray<Item>> {
  const schema = z.preprocess((given) => given ?? [], z.array(item).max(itemsMax));
  sectionFacts.set(schema, { description });
  return schema;
}

/** The map itself, for lists and unions. */
export function keyed<Shape extends z.ZodRawShape>(shape: Shape, check?: CrossCheck): Keyed<Shape> {
  if (check === undefined) return z.strictObject(shape);
  return z.strictObject(shape).superRefine(
    (values, context) => {
      // It comes here also where it is no map, or where an option was refused: all complaints at once.
      if (typeof values !== "object" || values === null) return;
      check(
        values,
        ({ path = [], message, help = "Correct one of them.", isHidden = false, isKey = false }) =>
          context.addIssue({
            code: "custom",
            path: [...path],
            message,
            params: { help, isHidden, isKey } satisfies IssueParams,
          }),
      );
    },
    { when: () => true },
  );
}
