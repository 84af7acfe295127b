/**
 * Redaction: takes personal data out of a frame before anything is hashed or written.
 *
 * A value that a rule's JSON path (RFC 9535) matches becomes `"[redacted]"`, whatever its type;
 * everything else stays as it came, byte by byte: the frame is not printed anew, since that would
 * round large numbers. Only `eventBody` and `metadata` are touched: a frame keeps its topic, for it
 * is stored under it. In doubt more is taken out, never less: a frame that cannot be read under a
 * rule that applies to it loses its whole body.
 */
import { JSONPathEnvironment, JSONPathError, type JSONPathQuery } from "json-p3";
import type { RedactionRule } from "../config/config.ts";
import { matchTopics } from "../topics.ts";
import { replaceValues, type Marks } from "./redaction-splice.ts";

/** Gives the frame to be stored in place of `raw`: the same string where no rule names the topic. */
export type Redact = (topic: string, raw: string) => string;

/** What stands in the place of a value that was taken out. */
export const redactedText = "[redacted]";

/** Parts of a frame that rules reach. */
const reached: ReadonlySet<string | number> = new Set(["eventBody", "metadata"]);

/** Objects and lists inside one another that `..` follows. Bodies of Genesys have about ten. */
const depthMax = 200;
/** Topics whose rules are remembered; a trunk has 20,000 topics at most, with combined ones taken apart. */
const topicsMax = 50_000;

const environment = new JSONPathEnvironment({ maxRecursionDepth: depthMax });

/** Why a text is no JSON path that could match something in a frame; undefined where it could. */
export function whyNoRedactionPath(path: string): string | undefined {
  let query: JSONPathQuery;
  try {
    query = environment.compile(path);
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    // The library appends the place in its own notation: ("$.a[", 4).
    return error.message.replace(/ \(.*$/su, "");
  }
  if (
    query.segments.length === 0 ||
    /^\$(?:\.\.|\[(?:'eventBody'|'metadata'|\*)[\],])/u.test(query.toString({ form: "canonical" }))
  )
    return undefined;
  return "it does not begin with $.eventBody, so it would match nothing in a frame";
}

/** @throws JSONPathError for a path that `whyNoRedactionPath` objects to */
export function createRedactor(rules: readonly RedactionRule[]): Redact {
  if (rules.length === 0) return (_topic, raw) => raw;
  const compiled = rules.map((rule) => ({
    matches: matchTopics(rule.topics),
    queries: rule.paths.map((path) => environment.compile(path)),
  }));
  const known = new Map<string, readonly JSONPathQuery[]>();
  const queriesOf = (topic: string): readonly JSONPathQuery[] => {
    let queries = known.get(topic);
    if (queries === undefined) {
      queries = compiled.flatMap((rule) => (rule.matches(topic) ? rule.queries : []));
      if (known.size >= topicsMax) known.clear();
      known.set(topic, queries);
    }
    return queries;
  };
  return (topic, raw) => {
    const queries = queriesOf(topic);
    return queries.length === 0 ? raw : redactFrame(topic, raw, queries);
  };
}

function redactFrame(topic: string, raw: string, queries: readonly JSONPathQuery[]): string {
  try {
    const frame = JSON.parse(raw) as Parameters<JSONPathQuery["query"]>[0];
    const replacement = JSON.stringify(redactedText);
    const marks = mark(queries.flatMap((query) => query.query(frame).nodes));
    // A key that is there twice hides the first of its values from every path, so it is dropped.
    return (
      replaceValues(raw, marks, replacement) ??
      replaceValues(JSON.stringify(frame), marks, replacement) ??
      withoutBody(topic)
    );
  } catch (error) {
    const isForeseen =
      error instanceof SyntaxError || error instanceof JSONPathError || error instanceof RangeError;
    if (!isForeseen) throw error;
    return withoutBody(topic);
  }
}

/** The places of the matched values as a tree. */
function mark(nodes: readonly { readonly location: readonly (string | number)[] }[]): Marks {
  const root: Marks = new Map();
  const add = (location: readonly (string | number)[]): void => {
    let level = root;
    for (const [index, step] of location.entries()) {
      const key = String(step);
      const below = level.get(key);
      if (below === "replace") return;
      if (index === location.length - 1) level.set(key, "replace");
      else if (below === undefined) {
        const next: Marks = new Map();
        level.set(key, next);
        level = next;
      } else level = below;
    }
  };
  for (const { location } of nodes) {
    const [part] = location;
    if (part === undefined) for (const name of reached) add([name]);
    else if (reached.has(part)) add(location);
  }
  return root;
}

function withoutBody(topic: string): string {
  return JSON.stringify({ topicName: topic, eventBody: redactedText });
}
