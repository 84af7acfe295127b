/** One reading of a text or value: where complaints and notices are gathered, with their places. */
import type { Complaint, Notice, NoticeCode } from "../complaint.ts";
import { eventApiErrors, type EventApiErrorCode } from "../errors.ts";
import { createPositions, placeOf, pointerOf, type Path, type Place } from "../json/place.ts";
import { readJson } from "../json/read-json.ts";
import { isSecretName, quoted, showValue } from "../json/show-value.ts";
import { nearMiss } from "../near-miss.ts";

/** Complaints about one text; what is wrong beyond them comes to light once these are mended. */
export const complaintsMax = 100;
/** Notices about one text. */
const noticesMax = 100;
/** Names that are compared with all known ones, which takes time. */
const suggestionsMax = 20;

interface Particulars {
  /** Instead of the help of the table. */
  readonly help?: string | undefined;
  /** Whether it is the name of the member that is wrong, not its value. */
  readonly atName?: boolean;
  /** Where nothing stands there: a field that is missing. */
  readonly isAbsent?: boolean;
}

interface Placed {
  readonly complaint: Complaint;
  readonly offset: number;
}

export type Complain = (
  code: EventApiErrorCode,
  path: Path,
  message: string,
  particulars?: Particulars,
) => void;

export interface Reading {
  /** What was read, parsed; undefined where it is no JSON. */
  readonly value: unknown;
  readonly complain: Complain;
  readonly notice: (code: NoticeCode, path: Path, message: string) => void;
  /** The known name that this one is near to; a few times per reading. */
  readonly suggest: (written: string, known: readonly string[]) => string | undefined;
  /** In the order of the text. At most `complaintsMax`. */
  readonly complaints: () => readonly Complaint[];
  readonly notices: () => readonly Notice[];
}

/** @param source a text is read as JSON; anything else as what JSON would make of it. Never throws. */
export function createReading(source: unknown): Reading {
  const text = typeof source === "string" ? source : toText(source);
  const read = readJson(text ?? "");
  const positions = typeof source === "string" ? createPositions(source) : undefined;
  const value = read.kind === "value" ? read.value : undefined;
  const root = read.kind === "value" ? read.root : undefined;
  const complaints: Placed[] = [];
  const notices: Notice[] = [];
  let suggestionsLeft = suggestionsMax;

  const locate = (offset: number): Pick<Complaint, "line" | "column"> =>
    positions === undefined ? { line: undefined, column: undefined } : positions(offset);
  const put = (offset: number, complaint: Omit<Complaint, "line" | "column">): void => {
    if (complaints.length >= complaintsMax) return;
    complaints.push({ offset, complaint: { ...complaint, ...locate(offset) } });
  };
  const find = (path: Path): { readonly place: Place; readonly path: Path } =>
    root === undefined ? nowhere : placeOf(root, path);
  const foundAt = (path: Path): string | undefined =>
    root === undefined || path.some(isSecretName) ? undefined : showValue(valueAt(value, path));

  const complain: Complain = (code, path, message, particulars = {}) => {
    if (complaints.length >= complaintsMax) return;
    const { help = eventApiErrors[code].help, atName = false, isAbsent = false } = particulars;
    const { place, path: there } = find(path);
    const offset = atName ? (place.keyStart ?? place.start) : place.start;
    const found = isAbsent ? undefined : foundAt(there);
    put(offset, { code, message, help, pointer: pointerOf(there), found });
  };
  if (source !== undefined && text === undefined)
    complain("JSON_INVALID", [], "What was given cannot be written as JSON.");
  else if (read.kind === "fault") {
    const { message, help, offset, kind } = read.fault;
    const code = kind === "length" ? "MESSAGE_TOO_LARGE" : "JSON_INVALID";
    put(offset, { code, message, help, pointer: "", found: undefined });
  }
  for (const { path, first, second } of read.duplicates) {
    const { path: there } = find(path);
    const places =
      positions === undefined ? "" : `: ${said(positions(first))} and ${said(positions(second))}`;
    put(second, {
      code: "DUPLICATE_KEY",
      message: `The key ${quoted(String(path.at(-1)))} stands twice in one object${places}; most readers drop the first in silence.`,
      help: duplicateHelp(path.at(-1), valueAt(value, there.slice(0, -1))),
      pointer: pointerOf(there),
      found: foundAt(there),
    });
  }
  return {
    value,
    complain,
    notice: (code, path, message) => {
      if (notices.length >= noticesMax) return;
      const { place, path: there } = root === undefined ? nowhere : placeOf(root, path);
      notices.push({ code, message, pointer: pointerOf(there), ...locate(place.start) });
    },
    suggest: (written, known) => {
      suggestionsLeft -= 1;
      return suggestionsLeft < 0 ? undefined : nearMiss(written, known);
    },
    complaints: () =>
      complaints.toSorted((a, b) => a.offset - b.offset).map(({ complaint }) => complaint),
    notices: () => notices,
  };
}

const nowhere: { readonly place: Place; readonly path: Path } = {
  place: { start: 0, end: 0, keyStart: undefined, members: undefined, items: undefined },
  path: [],
};

/** Programs have been seen to put the name of a subscription and the id of an object under one key. */
function duplicateHelp(name: Path[number] | undefined, around: unknown): string {
  return name === "id" && isObject(around) && Object.hasOwn(around, "event_type")
    ? 'Keep id for the name of the subscription, and name the object in entity: {"id":"sub-1","event_type":…,"entity":"<UUID>"}.'
    : eventApiErrors.DUPLICATE_KEY.help;
}

/** What JSON makes of a value; undefined where it makes nothing: cycles, big integers, functions. */
function toText(source: unknown): string | undefined {
  try {
    return JSON.stringify(source);
  } catch {
    return undefined;
  }
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

function said({ line, column }: { readonly line: number; readonly column: number }): string {
  return `line ${line}, column ${column}`;
}

/** An object of JSON. */
export type Members = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, for a sentence: "a number". */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
