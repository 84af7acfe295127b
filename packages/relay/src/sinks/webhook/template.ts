/**
 * Templates: text with values of an entry in it, `{{ data.id }}` or `{{ entity ?? "none" }}`. Names,
 * dots, indexes and one default, nothing that runs. How a value is escaped follows from where it
 * stands (escape.ts), so that a value can never become markup, a header, a path or a host.
 */
import { RelayError } from "../../errors.ts";

export interface Template {
  readonly text: string;
  /** Literal text and placeholders in turn; begins and ends with a literal. */
  readonly literals: readonly string[];
  readonly placeholders: readonly Placeholder[];
}

export interface Placeholder {
  /** As written, for messages. */
  readonly name: string;
  readonly path: readonly (string | number)[];
  /** What stands in where the value is missing or null. */
  readonly fallback: { readonly value: unknown } | undefined;
  /** Of its first brace in the text. */
  readonly offset: number;
  /** From its first brace to behind its last one. */
  readonly length: number;
}

/** Values that a template may name: those that events have, and those that gaps have. */
const names = {
  event: ["topic", "types", "entity", "receivedAt", "source", "maybeDuplicate", "data"],
  gap: ["state", "topics", "from", "to", "cause", "certainty", "recordedAt"],
  both: ["kind", "id", "cursor", "trunk", "organizationId", "gapId", "type"],
} as const;

const kindOf = new Map<string, keyof typeof names>();
for (const kind of ["event", "gap", "both"] as const)
  for (const name of names[kind]) kindOf.set(name, kind);

const space = /\s*/uy;
const head = /[A-Za-z_$][\w$-]*/uy;
const step = /\.(?<key>[A-Za-z_$][\w$-]*)|\[(?<index>\d{1,6})\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\]/uy;
const literal = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null/uy;

/** @throws RelayError TEMPLATE_INVALID, with the place: "at line 1, column 14 (offset 13)" */
export function parseTemplate(text: string): Template {
  const literals: string[] = [];
  const placeholders: Placeholder[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf("{{", at);
    if (open < 0) break;
    const placeholder = parsePlaceholder(text, open);
    literals.push(text.slice(at, open));
    placeholders.push(placeholder);
    at = open + placeholder.length;
  }
  literals.push(text.slice(at));
  return { text, literals, placeholders };
}

function parsePlaceholder(text: string, offset: number): Placeholder {
  let at = offset + 2;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const fail = (why: string): never => {
    throw templateError(text, at, why);
  };
  take(space);
  const nameStart = at;
  const first = take(head)?.[0];
  if (first === undefined) return fail("after {{ comes a name, as in {{ data.id }}");
  if (!kindOf.has(first)) {
    at = nameStart;
    return fail(`there is no "${first.slice(0, 50)}"; there are ${[...kindOf.keys()].join(", ")}`);
  }
  const path: (string | number)[] = [first];
  for (let part = take(step)?.groups; part !== undefined; part = take(step)?.groups) {
    const { key, index, quoted } = part;
    if (quoted !== undefined) path.push(parseLiteral(quoted, fail) as string);
    else path.push(index === undefined ? (key ?? "") : Number(index));
  }
  const name = text.slice(nameStart, at);
  take(space);
  let fallback: Placeholder["fallback"];
  if (text.startsWith("??", at)) {
    at += 2;
    take(space);
    const word = take(literal)?.[0];
    if (word === undefined) return fail('after ?? comes "text", a number, true, false or null');
    fallback = { value: parseLiteral(word, fail) };
    take(space);
  }
  if (!text.startsWith("}}", at)) return fail(`"${name.slice(0, 50)}" is not followed by }}`);
  return { name, path, fallback, offset, length: at + 2 - offset };
}

function parseLiteral(word: string, fail: (why: string) => never): unknown {
  try {
    return JSON.parse(word);
  } catch {
    return fail("a text in quotes is written as in JSON");
  }
}

/** @param offset counted from 0, in UTF-16 units; lines and columns count from 1 */
export function templateError(text: string, offset: number, why: string): RelayError {
  const lines = text.slice(0, offset).split("\n");
  const column = (lines.at(-1) ?? "").length + 1;
  return new RelayError(
    "TEMPLATE_INVALID",
    `The template is wrong at line ${lines.length}, column ${column} (offset ${offset}): ${why}.`,
  );
}

/** Kinds of entries that have everything that the templates ask for without a default. */
export function kindsServed(
  templates: readonly Template[],
): Readonly<Record<"event" | "gap", boolean>> {
  const asked = new Set(
    templates
      .flatMap(({ placeholders }) => placeholders)
      .filter(({ fallback }) => fallback === undefined)
      .map(({ path }) => kindOf.get(String(path[0]))),
  );
  return { event: !asked.has("gap"), gap: !asked.has("event") };
}

/** The values of one entry, by the names that templates use. */
export type Scope = Readonly<Record<string, unknown>>;

/** The value for a placeholder; undefined where it is missing and has no default. */
export function valueOf({ path, fallback }: Placeholder, scope: Scope): unknown {
  let value: unknown = scope;
  for (const key of path) {
    // Own keys only: a template reads data, not what objects inherit.
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
      value = undefined;
      break;
    }
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value === undefined || value === null ? (fallback ? fallback.value : value) : value;
}
