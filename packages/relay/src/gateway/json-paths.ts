/**
 * JSON paths (RFC 9535) in the conditions of subscribers. They come from strangers and are asked for every
 * event, so what could make one of them slow is refused: patterns of regular expressions, and what
 * multiplies the nodes that are visited.
 */
import type { JsonPaths } from "@trunkline/events";
import { JSONPathEnvironment, JSONPathError } from "json-p3";

/** Objects and lists inside one another that `..` follows. Bodies of Genesys have about ten. */
const depthMax = 200;
/** Values of one event that are looked at. */
const valuesMax = 1_000;

/** How often each of these may stand in a path; they are counted in quoted names, too. */
const limits = [
  { mark: "..", countMax: 1, said: "more than one descent (..)" },
  { mark: "?", countMax: 2, said: "more than two filters (?)" },
  { mark: ",", countMax: 3, said: "more than three commas" },
] as const;

const environment = new JSONPathEnvironment({ maxRecursionDepth: depthMax });
// A regular expression can be written so that it never comes to an end.
environment.functionRegister.delete("match");
environment.functionRegister.delete("search");

type Json = Parameters<ReturnType<JSONPathEnvironment["compile"]>["query"]>[0];

/** Reads JSON paths for `readSubscription` and `compileFilter`. */
export const jsonPaths: JsonPaths = {
  whyNone: (path) => {
    const slow = limits.find(({ mark, countMax }) => path.split(mark).length - 1 > countMax);
    if (slow !== undefined) return `it has ${slow.said}, which may be slow`;
    try {
      environment.compile(path);
      return undefined;
    } catch (error) {
      if (error instanceof JSONPathError)
        // The library appends the place in its own notation: ("$.a[", 4).
        return error.message.replace(/ \(.*$/su, "");
      if (error instanceof RangeError) return "it is too deep";
      throw error;
    }
  },
  compile: (path) => {
    const query = environment.compile(path);
    return (data) => {
      const values: unknown[] = [];
      try {
        for (const { value } of query.lazyQuery(data as Json)) {
          values.push(value);
          if (values.length >= valuesMax) break;
        }
      } catch (error) {
        // A body that is deeper than the limit has what was found until there.
        if (!(error instanceof JSONPathError) && !(error instanceof RangeError)) throw error;
      }
      return values;
    };
  },
};
