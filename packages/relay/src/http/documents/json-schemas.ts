/** Named schemas as the documents hold them. */
import { z } from "zod";
import type { JsonSchema, Names } from "./exactly.ts";

/**
 * AsyncAPI speaks draft 07, OpenAPI 3.1 draft 2020-12. Schemas name each other by `#/components/schemas/…`.
 */
export type Dialect = "draft-7" | "draft-2020-12";

/** A name stands for the same schema in each of `names`. */
export function schemasOf(
  names: readonly Names[],
  target: Dialect,
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ readonly id: string }>();
  for (const { byId } of names) for (const [id, schema] of byId) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { target, uri: refTo, io: "input" });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** One that has no name. */
export function schemaOf(schema: z.ZodType, target: Dialect): JsonSchema {
  const made = z.toJSONSchema(schema, { target, io: "input", unrepresentable: "any" });
  return bare(made);
}

/** The name of a schema; undefined where it has none. */
export function idIn(names: readonly Names[], schema: z.ZodType): string | undefined {
  for (const { byId } of names) for (const [id, each] of byId) if (each === schema) return id;
  return undefined;
}

export function refTo(id: string): string {
  return `#/components/schemas/${id}`;
}

/** The document says which dialect it is, and names stand in its components. */
function bare(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== "$schema" && key !== "$id"),
  );
}
