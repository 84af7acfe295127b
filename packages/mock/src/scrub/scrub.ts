/**
 * Takes everybody out of a captured stream. What is kept has to be known: names of fields, values of enumerations, times,
 * numbers that measure. Everything else becomes a fake, the same for the same original, so that relations survive.
 */
import { createDisguise, type Disguise } from "./disguise.ts";
import { isKnownField, keepsLargeNumbers, scrubPieces, scrubText, type Place } from "./text.ts";

/** Maps and lists inside one another. */
const depthMax = 64;
/** Names of unknown fields that are remembered for the report. */
const unknownFieldsMax = 1_000;
/** A whole number with as many digits may be the number of a telephone. */
const largeNumber = 1_000_000;

/** What became of a line. */
export type ScrubbedLine =
  | { readonly kind: "scrubbed"; readonly text: string }
  | { readonly kind: "bad"; readonly why: string };

/** Scrubs the lines of one stream: the same original becomes the same fake in all of them. */
export interface Scrubber {
  /** Scrubs a line of JSON, without its line end. */
  line(text: string): ScrubbedLine;
  /** Fields that the models of Genesys do not have: their names are disguised too. */
  readonly unknownFields: ReadonlySet<string>;
}

/** Below these, names of fields are free too. */
const freeFields: ReadonlySet<string> = new Set([
  "attributes",
  "additionalProperties",
  "customFields",
  "messageParams",
  "participantData",
  "variables",
]);
const top: Place = { field: "", isKnown: true, isFree: false };

/** @param key makes the fakes: whoever has it can tell whether a guess at an original was right */
export function createScrubber(key: string): Scrubber {
  const disguise = createDisguise(key);
  const unknownFields = new Set<string>();

  function scrub(value: unknown, place: Place, depth: number): unknown {
    if (depth > depthMax) throw new RangeError("it is nested too deeply");
    if (typeof value === "string") return scrubText(value, place, disguise);
    if (typeof value === "number") return scrubNumber(value, place, disguise);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => scrub(item, place, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([field, held]) => {
        const isKnown = isKnownField(field) && !place.isFree;
        if (!isKnown && !place.isFree && unknownFields.size < unknownFieldsMax)
          unknownFields.add(field);
        const isFree = place.isFree || freeFields.has(field);
        return [
          isKnown ? field : scrubPieces(field, disguise),
          scrub(held, { field, isKnown, isFree }, depth + 1),
        ];
      }),
    );
  }

  return {
    unknownFields,
    line(text) {
      const json = parsed(text);
      if (typeof json !== "object" || json === null || Array.isArray(json))
        return { kind: "bad", why: "it is no JSON object" };
      try {
        const scrubbed = scrub(json, top, 0) as Record<string, unknown>;
        const body = ledgerBody(json);
        if (body !== undefined) scrubbed["body"] = JSON.stringify(scrub(body, top, 0));
        return { kind: "scrubbed", text: JSON.stringify(scrubbed) };
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return { kind: "bad", why: "it is nested too deeply" };
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An entry of a ledger has its event body as text. */
function ledgerBody(json: object): unknown {
  const isEntry = "sequence" in json && "body" in json && typeof json.body === "string";
  return isEntry ? parsed(String(json.body)) : undefined;
}

function scrubNumber(value: number, place: Place, disguise: Disguise): number {
  const measures = Math.abs(value) < largeNumber || keepsLargeNumbers(place.field);
  if (place.isKnown && !place.isFree && measures) return value;
  return Number(disguise.number(String(value))) || 0;
}
