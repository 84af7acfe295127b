/** Filters of analytics queries: predicates, and clauses of predicates, joined by and / or (models of GENESYS.md 3.7). */
import * as z from "zod";

export interface Predicate {
  readonly dimension: string;
  readonly operator: "matches" | "exists" | "notExists";
  readonly value?: string | undefined;
}

interface Joined {
  readonly type: "and" | "or";
  readonly predicates: readonly Predicate[];
}

export interface Filter extends Joined {
  readonly clauses: readonly Joined[];
}

/** Reads filters on these dimensions; another one is refused. */
export function filterOf(dimensions: readonly string[]): z.ZodType<Filter> {
  const predicate = z
    .strictObject({
      type: z
        .literal("dimension", { error: "the mock plays predicates of type dimension only" })
        .optional(),
      dimension: z.enum(dimensions, { error: `expected one of ${dimensions.join(", ")}` }),
      operator: z
        .enum(["matches", "exists", "notExists"], {
          error: "expected matches, exists or notExists",
        })
        .default("matches"),
      value: z.string({ error: "expected a string" }).nullish(),
    })
    .refine(({ operator, value }) => operator !== "matches" || typeof value === "string", {
      path: ["value"],
      error: "expected a value to match",
    })
    .transform(({ dimension, operator, value }) => ({
      dimension,
      operator,
      ...(typeof value === "string" && { value }),
    }));
  const type = z.enum(["and", "or"], { error: "expected and or or" });
  const predicates = z.array(predicate, { error: "expected a list of predicates" });
  const clause = z.strictObject({ type, predicates: predicates.min(1) });
  return z
    .strictObject({
      type,
      predicates: predicates.default([]),
      clauses: z.array(clause, { error: "expected a list of clauses" }).default([]),
    })
    .refine((filter) => filter.predicates.length + filter.clauses.length > 0, {
      error: "expected predicates or clauses",
    });
}

/** A list of filters, all of which must hold; none unless given. */
export function filtersOf(dimensions: readonly string[]): z.ZodType<readonly Filter[]> {
  return z.array(filterOf(dimensions), { error: "expected a list of filters" }).default([]);
}

export function passes(
  filter: Filter,
  valueOf: (dimension: string) => string | undefined,
): boolean {
  return join(filter.type, [
    ...filter.predicates.map((predicate) => () => holds(predicate, valueOf)),
    ...filter.clauses.map(
      (clause) => () =>
        join(
          clause.type,
          clause.predicates.map((predicate) => () => holds(predicate, valueOf)),
        ),
    ),
  ]);
}

function join(type: "and" | "or", tests: readonly (() => boolean)[]): boolean {
  return type === "and" ? tests.every((test) => test()) : tests.some((test) => test());
}

function holds(
  { dimension, operator, value }: Predicate,
  valueOf: (dimension: string) => string | undefined,
): boolean {
  const actual = valueOf(dimension);
  if (operator === "exists") return actual !== undefined;
  if (operator === "notExists") return actual === undefined;
  return actual !== undefined && actual.toLowerCase() === value?.toLowerCase();
}
