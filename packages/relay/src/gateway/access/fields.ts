/** The fields of a body that is a form or JSON, as OAuth's endpoints take them. */
import { GatewayError } from "../gateway-error.ts";

/** Texts alone; a field that is left empty is none (RFC 6749 section 3.2). */
export type Fields = Readonly<Partial<Record<string, string>>>;

/** Fields in one body. */
const fieldsMax = 50;

/** @throws GatewayError JSON_INVALID, DUPLICATE_KEY, FIELD_INVALID, MESSAGE_TOO_LARGE */
export function readFields(body: string, contentType: string | undefined): Fields {
  if (body.trim() === "") return {};
  const isJson =
    /^application\/(?:[\w.-]+\+)?json\b/iu.test(contentType ?? "") ||
    body.trimStart().startsWith("{");
  const fields = isJson ? fromJson(body) : fromForm(body);
  return Object.fromEntries(fields.filter(([, value]) => value !== ""));
}

function fromForm(body: string): readonly (readonly [string, string])[] {
  const fields = [...new URLSearchParams(body.trim())];
  mustFit(fields.length);
  const seen = new Set<string>();
  for (const [name] of fields) {
    if (seen.has(name))
      throw new GatewayError("DUPLICATE_KEY", `The field ${shown(name)} stands twice in the form.`);
    seen.add(name);
  }
  return fields;
}

function fromJson(body: string): readonly (readonly [string, string])[] {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    // The parser's own words would repeat part of the body, which has a secret in it.
    throw new GatewayError("JSON_INVALID", "The body is declared as JSON, and is none.");
  }
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new GatewayError("JSON_INVALID", "The body is JSON, but no object.");
  const fields = Object.entries(read);
  mustFit(fields.length);
  return fields.map(([name, value]: [string, unknown]) => {
    if (typeof value === "string") return [name, value] as const;
    throw new GatewayError("FIELD_INVALID", `The field ${shown(name)} is no text.`);
  });
}

function mustFit(count: number): void {
  if (count > fieldsMax)
    throw new GatewayError(
      "MESSAGE_TOO_LARGE",
      `The body has ${count} fields; ${fieldsMax} are read at most.`,
    );
}

function shown(name: string): string {
  return name.slice(0, 40).replaceAll(/[^\w-]/gu, "?");
}
