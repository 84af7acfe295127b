/** How values stand in a template: each place has its own way to keep a value a value. */
import { RelayError } from "../../errors.ts";
import type { Placeholder, Scope, Template } from "./template.ts";
import { templateError, valueOf } from "./template.ts";

/** What a body is, as far as escaping goes. */
export type BodyFormat = "json" | "form" | "xml" | "text";

/** Puts one value into its place. Returns undefined where the value cannot stand there. */
export type Escape = (value: unknown, index: number) => string | undefined;

export type Rendered =
  | { readonly kind: "rendered"; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string };

/** @param where for the reason: "the URL", "header x-queue", "the body" */
export function render(
  { literals, placeholders }: Template,
  scope: Scope,
  escape: Escape,
  where: string,
): Rendered {
  let text = literals[0] ?? "";
  for (const [index, placeholder] of placeholders.entries()) {
    const value = valueOf(placeholder, scope);
    if (value === undefined) return refused(placeholder, where, "is missing in this entry");
    const escaped = escape(value, index);
    if (escaped === undefined)
      return refused(placeholder, where, `is ${describe(value)}, which cannot stand there`);
    text += escaped + (literals[index + 1] ?? "");
  }
  return { kind: "rendered", text };
}

function refused({ name }: Placeholder, where: string, why: string): Rendered {
  return { kind: "refused", reason: `${where} asks for {{ ${name} }}, which ${why}` };
}

/** Says nothing of the value itself: reasons are shown where events are not. */
function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (value === "") return "empty";
  return "a text with characters in it";
}

/** Texts, numbers, true and false as text. */
function scalar(value: unknown): string | undefined {
  if (typeof value === "string") return value.toWellFormed();
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** Any character but unreserved ones is percent-encoded. An empty value would name another resource. */
export const inUrlPath: Escape = (value) => {
  const text = scalar(value);
  return text === undefined || text === "" ? undefined : encodeURIComponent(text);
};

export const inUrlQuery: Escape = (value) => {
  const text = scalar(value);
  return text === undefined ? undefined : encodeURIComponent(text);
};

/** Header values hold visible Latin-1 characters and spaces: a line end would begin another header. */
export const inHeader: Escape = (value) => {
  const text = scalar(value);
  return text !== undefined && /^[\x20-\x7e\xa0-\xff]*$/u.test(text) ? text : undefined;
};

const xmlEntities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Control characters cannot be written in XML 1.0 at all. */
function inXml(value: unknown): string | undefined {
  const text = scalar(value);
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (text === undefined || /[\0-\x08\x0b\x0c\x0e-\x1f]/u.test(text)) return undefined;
  return text.replaceAll(/[&<>"']/gu, (character) => xmlEntities[character] ?? "");
}

/** Lists and objects are written as JSON. */
function inText(value: unknown): string | undefined {
  return scalar(value) ?? (value === null ? undefined : JSON.stringify(value));
}

/**
 * The escape for a body. In JSON it depends on the place: inside a string a value becomes part of the
 * string, elsewhere it becomes a whole JSON value with its quotes.
 * @throws RelayError TEMPLATE_INVALID where a JSON body would not be JSON
 */
export function bodyEscape(template: Template, format: BodyFormat): Escape {
  if (format !== "json") return { form: inUrlQuery, xml: inXml, text: inText }[format];
  const inString = placesInStrings(template);
  return (value, index) => {
    if (inString[index] !== true) return JSON.stringify(value);
    const text = scalar(value);
    return text === undefined ? undefined : JSON.stringify(text).slice(1, -1);
  };
}

/** For each placeholder whether it stands inside a JSON string. Checks that what comes out is JSON. */
function placesInStrings(template: Template): readonly boolean[] {
  const { literals, placeholders, text } = template;
  const places: boolean[] = [];
  let isInside = false;
  // As long as the template, so that a position in one is a position in the other.
  let sample = "";
  for (const [index, part] of literals.entries()) {
    sample += part;
    for (const [quoteOrEscape] of part.matchAll(/\\.|"/gsu))
      if (quoteOrEscape === '"') isInside = !isInside;
    const length = placeholders[index]?.length;
    if (length === undefined) break;
    places.push(isInside);
    sample += isInside ? "x".repeat(length) : "null".padEnd(length);
  }
  try {
    JSON.parse(sample);
  } catch (error) {
    throw noJson(text, String(error));
  }
  return places;
}

/** The runtime tells a position or a character, never both. */
function noJson(text: string, complaint: string): RelayError {
  const why =
    "the body is not JSON, though its content-type says so; a value outside of quotes brings its own";
  const position = /position (?<at>\d+)/u.exec(complaint)?.groups?.["at"];
  if (position !== undefined) return templateError(text, Number(position), why);
  const token = /Unexpected token '(?<token>.{1,2}?)',/su.exec(complaint)?.groups?.["token"];
  return token === undefined
    ? templateError(text, text.length, why)
    : new RelayError(
        "TEMPLATE_INVALID",
        `The template is wrong: ${JSON.stringify(token)} comes unexpected; ${why}.`,
      );
}
