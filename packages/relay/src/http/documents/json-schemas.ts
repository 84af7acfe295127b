/** Named schemas as the documents hold them. */
import { z } from "zod";
import type { JsonSchema, Names } from "./exactly.ts";

/**
 * AsyncAPI speaks draft 07, OpenAPI 3.1 draft 2020-12. Schemas name each other by `#/components/schemas/…`.
 */
export type Dialect = "draft-7" | "draft-2020-12";

export function schemasOf(
  names: readonly Names[],
  target: Dialect,
): Readonly<Record<string, JsonSchema>> {
  return Object.assign(
    {},
    ...names.map(({ registry }) => {
      const { schemas } = z.toJSONSchema(registry, { target, uri: refTo, io: "input" });
      return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
    }),
  ) as Readonly<Record<string, JsonSchema>>;
}

/** One that has no name. */
export function schemaOf(schema: z.ZodType, target: Dialect): JsonSchema {
  const made = z.toJSONSchema(schema, { target, io: "input", unrepresentable: "any" });
  return bare(made);
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
