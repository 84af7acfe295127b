/** What becomes of a text in a captured stream, by where it stands and what it looks like. */
import { topicTemplates } from "../cloud/topics.ts";
import { enumPhrases, enumWords, fieldNames } from "../data/vocabulary.ts";
import type { Disguise } from "./disguise.ts";

/** Where a value stands. */
export interface Place {
  /** The nearest field around it. */
  readonly field: string;
  /** The models of Genesys have the field. */
  readonly isKnown: boolean;
  /** It is below a field whose content, names included, others have made up. */
  readonly isFree: boolean;
}

const knownFields: ReadonlySet<string> = new Set(fieldNames);
const knownValues: ReadonlySet<string> = new Set([...enumWords, ...enumPhrases]);
/** What may stand between the points of a topic and the slashes of a path. */
const pathWords: ReadonlySet<string> = new Set([
  ...topicTemplates.flatMap(({ topic }) => topic.split(".")),
  ..."api availabletopics subscriptions http https ws wss".split(" "),
]);

/** People wrote what stands there, or it says who they are, though it may look like a value that is known. */
const textField =
  /^(?:subject|notes?|comments?|transcript|description|label|title|externalTag|previewText|messageWithParams|text)$|address|numbers?$/iu;
const nameField = /name$/iu;
/** Fields of such a name that name neither people nor what people have named. */
const otherNames: ReadonlySet<string> = new Set(["topicName", "columnName", "fieldName"]);
/** Counters of our own lines. */
const keptFields: ReadonlySet<string> = new Set(["cursor", "version"]);
const largeField =
  /time|date|ms$|duration|seconds|bytes|length|size|sum|min|max|count|sequence|expires|scheduled/iu;

const ids = /([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|streaming-\d+-[\da-z]{26})/iu;
const instant = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)`;
const isoTime = new RegExp(`^${instant}(?:/${instant})?$`, "u");
const topic = /^v2(?:\.[\w-]+)+(?:\?[\w.&-]*)?$/u;
const email = /^[^\s@,;<>"]+@[^\s@,;<>"]+$/u;
const phone = /^\+?[\d\s().-]{4,}$/u;
const language = /^[a-z]{2}(?:-[A-Z]{2})?$/u;
const mimeType = /^(?:text|image|audio|video|application)\/[a-z\d.+-]+$/u;

export function isKnownField(field: string): boolean {
  return knownFields.has(field);
}

/** Whether a large number there counts or measures something. */
export function keepsLargeNumbers(field: string): boolean {
  return largeField.test(field);
}

export function scrubText(text: string, place: Place, disguise: Disguise): string {
  const { field, isFree, isKnown } = place;
  if (text === "") return text;
  if (topic.test(text)) return scrubWords(text, disguise);
  if (nameField.test(field) && !otherNames.has(field))
    return ids.test(text) ? scrubPieces(text, disguise) : disguise.name(text);
  if (isKnown && !isFree && !textField.test(field) && isHarmless(text, field)) return text;
  const [, scheme = "", rest = text] = /^(tel:|sips?:|mailto:)(.+)$/isu.exec(text) ?? [];
  if (phone.test(rest)) return scheme + disguise.number(rest);
  if (email.test(rest) && !ids.test(rest)) return scheme + disguise.email(rest);
  if (scheme === "" && (text.startsWith("/") || /^[a-z]+:\/\//u.test(text)))
    return scrubWords(text, disguise);
  return scheme + scrubPieces(rest, disguise);
}

function isHarmless(text: string, field: string): boolean {
  if (knownValues.has(text) || isoTime.test(text)) return true;
  if (keptFields.has(field)) return /^\d{1,20}$/u.test(text);
  if (/language|dialect|locale/iu.test(field)) return language.test(text);
  return field === "contentType" && mimeType.test(text);
}

/** A text with ids in it: those become ids, the rest is disguised. */
export function scrubPieces(text: string, disguise: Disguise): string {
  return pieces(text, disguise, (piece) => disguise.text(piece));
}

/** A topic or path: words of the service stay. */
function scrubWords(text: string, disguise: Disguise): string {
  return pieces(text, disguise, (piece) =>
    piece.replaceAll(/[\p{L}\p{N}_-]+/gu, (word) =>
      pathWords.has(word) ? word : disguise.text(word),
    ),
  );
}

function pieces(text: string, disguise: Disguise, other: (piece: string) => string): string {
  return text
    .split(ids)
    .map((piece, index) => {
      if (index % 2 === 0) return other(piece);
      return piece.toLowerCase().startsWith("streaming-")
        ? disguise.channelId(piece)
        : disguise.uuid(piece);
    })
    .join("");
}
