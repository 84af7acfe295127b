/** The schema as a tree of sections and options, for whoever tells people or editors about it. */
import { z } from "zod";
import { optionFacts, type OptionFacts, sectionFacts } from "./option.ts";
import { configSchema } from "./schema.ts";

export interface Section {
  readonly kind: "section";
  readonly description: string;
  /** It means something whether it is there or not. */
  readonly isOptional: boolean;
  readonly entries: readonly (readonly [key: string, Outline])[];
}

/** A list of maps; of several kinds if they have a type. */
export interface Sections {
  readonly kind: "sections";
  readonly description: string;
  readonly variants: readonly Section[];
}

export type Outline =
  | { readonly kind: "option"; readonly facts: OptionFacts }
  /** A word that says which variant it is. */
  | { readonly kind: "type"; readonly word: string }
  | Section
  | Sections;

/** A schema that reads nothing: only what it declares is looked at. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the schema is the type
export function declaredSchema() {
  return configSchema({ env: {}, readText: () => "", folder: "/", warn: () => {} });
}

export function outlineConfig(): Section {
  const whole = outline(declaredSchema());
  if (whole.kind !== "section") throw new TypeError("The configuration is a section.");
  return whole;
}

function outline(schema: z.core.$ZodType, description = ""): Outline {
  const facts = optionFacts.get(schema);
  if (facts !== undefined) return { kind: "option", facts };
  const told = sectionFacts.get(schema)?.description ?? description;
  if (schema instanceof z.ZodPipe) return outline(schema.out, told);
  if (schema instanceof z.ZodLiteral) return { kind: "type", word: String(schema.value) };
  if (schema instanceof z.ZodOptional) {
    const inner = outline(schema.unwrap(), told);
    return inner.kind === "section" ? { ...inner, isOptional: true } : inner;
  }
  if (schema instanceof z.ZodObject) {
    const entries = Object.entries(schema.shape as z.ZodRawShape).map(
      ([key, below]) => [key, outline(below)] as const,
    );
    return { kind: "section", description: told, isOptional: false, entries };
  }
  if (schema instanceof z.ZodArray) {
    const items =
      schema.element instanceof z.ZodDiscriminatedUnion ? schema.element.options : [schema.element];
    const variants = items.map((item) => outline(item)).filter((item) => item.kind === "section");
    return { kind: "sections", description: told, variants };
  }
  throw new TypeError(`The schema has a ${schema._zod.def.type}, which nobody can tell about.`);
}
