/**
 * JSON schemas of event bodies, for the catalogue (GENESYS.md 3.5, 7): draft 4, with the models of a body as definitions.
 * Where the fields are not on record, the schema says no more than the model's name.
 */
import { bodyModels, type BodyModels } from "../data/bodies.ts";

export type Schema = Readonly<Record<string, unknown>>;

const draft = "http://json-schema.org/draft-04/schema#";
const known = new Map(bodyModels.map((models) => [models[0], models]));
const made = new Map<string, Schema>();

/** The schema of a body model; the same object at each call. */
export function bodySchema(model: string): Schema {
  const before = made.get(model);
  if (before !== undefined) return before;
  const models = known.get(model);
  const schema = {
    $schema: draft,
    title: model,
    type: "object",
    ...(models !== undefined && contentOf(models)),
  };
  made.set(model, schema);
  return schema;
}

function contentOf([root, prefix, models]: BodyModels): Schema {
  const names = new Set(models.map(([name]) => name));
  const reference = (name: string): Schema | undefined =>
    names.has(name) ? { $ref: `#/definitions/${prefix}${name}` } : undefined;
  const definitions: Record<string, Schema> = {};
  let content: Schema = {};
  for (const [name, fields] of models) {
    const properties = propertiesOf(fields, reference);
    if (`${prefix}${name}` === root) content = { properties };
    else definitions[`${prefix}${name}`] = { type: "object", properties };
  }
  return Object.keys(definitions).length === 0 ? content : { ...content, definitions };
}

/** `id: string, states: string{a|b}[]`; no field is required (GENESYS.md 7). */
function propertiesOf(
  fields: string,
  reference: (name: string) => Schema | undefined,
): Record<string, Schema> {
  const properties: Record<string, Schema> = {};
  for (const [, name, type] of fields.matchAll(/(\w+): ((?:[^,{<]|\{[^}]*\}|<[^>]*>)+)/gu)) {
    if (name !== undefined && type !== undefined) properties[name] = typeSchema(type, reference);
  }
  return properties;
}

const plainTypes: Readonly<Record<string, Schema>> = {
  string: { type: "string" },
  int: { type: "integer" },
  number: { type: "number" },
  bool: { type: "boolean" },
  datetime: { type: "string", format: "date-time" },
  object: { type: "object" },
};

function typeSchema(type: string, reference: (name: string) => Schema | undefined): Schema {
  if (type.endsWith("[]"))
    return { type: "array", items: typeSchema(type.slice(0, -2), reference) };
  const mapped = /^map<string,(.+)>$/u.exec(type)?.[1];
  if (mapped !== undefined)
    return { type: "object", additionalProperties: typeSchema(mapped, reference) };
  const values = /^string\{(.*)\}$/u.exec(type)?.[1]?.split("|");
  if (values !== undefined) {
    // A list that is not told to its end would refuse what is good.
    const whole = !values.some((value) => value.startsWith("…"));
    return { type: "string", ...(whole && { enum: values }) };
  }
  const schema = plainTypes[type] ?? reference(type);
  if (schema === undefined) throw new Error(`"${type}" is no type of a field.`);
  return schema;
}
