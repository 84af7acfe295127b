/** The JSON Schema of the configuration file, for editors: completion, descriptions, red lines. */
import { z } from "zod";
import { optionFacts, sectionFacts } from "./option.ts";
import { declaredSchema } from "./outline.ts";

/** The text of `trunkline.schema.json`. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(declaredSchema(), {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const facts = optionFacts.get(zodSchema);
      if (facts !== undefined) {
        const { kind, description, example, preset } = facts;
        Object.assign(jsonSchema, kind.jsonSchema, {
          description: `${description} ${sentence(kind.form)}`,
        });
        if (preset !== undefined) jsonSchema.default = plain(preset);
        if (example !== undefined) jsonSchema.examples = [plain(example)];
        return;
      }
      if (zodSchema instanceof z.ZodObject) {
        const shape = zodSchema.shape as z.ZodRawShape;
        const isNeeded = (key: string): boolean => {
          const below = shape[key];
          return (
            below instanceof z.ZodLiteral ||
            (below !== undefined && optionFacts.get(below)?.isRequired === true)
          );
        };
        const needed = Object.keys(shape).filter(isNeeded);
        if (needed.length > 0) jsonSchema.required = needed;
        else delete jsonSchema.required;
      }
      const section = sectionFacts.get(zodSchema);
      if (section === undefined) return;
      jsonSchema.description = section.description;
      // A section whose options are all commented out is null in YAML.
      if (typeof jsonSchema.type === "string")
        Object.assign(jsonSchema, { type: [jsonSchema.type, "null"] });
    },
  });
  const titled = { ...schema, title: "Configuration of Trunkline" };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

function sentence(form: string): string {
  return `Written as ${form}.`;
}

function plain(written: unknown): z.core.util.JSONType {
  return JSON.parse(JSON.stringify(written)) as z.core.util.JSONType;
}
