/**
 * Reads JSON (RFC 8259, nothing more) and keeps where everything stands, which `JSON.parse` does not:
 * keys that stand twice, and a fault with its place and what was expected there. One pass, in time that
 * grows with the length of the text.
 */
import { describeStranger, type Remark } from "./fault-text.ts";
import type { Path, Place } from "./place.ts";

/** Characters of a text that is read. Some 1,500 ids. */
export const jsonCharactersMax = 65_536;
/** Objects and arrays in one another. */
export const jsonDepthMax = 64;
/** Keys that stand twice, of which the places are kept. */
const duplicatesMax = 100;

/** The first thing that makes a text no JSON. */
export interface JsonFault extends Remark {
  readonly kind: "syntax" | "depth" | "length";
  readonly offset: number;
}

export interface DuplicateKey {
  /** Of the member whose name stands twice. */
  readonly path: Path;
  /** Offsets of the name. */
  readonly first: number;
  readonly second: number;
}

export type JsonReading =
  | {
      readonly kind: "value";
      readonly value: unknown;
      readonly root: Place;
      readonly duplicates: readonly DuplicateKey[];
    }
  | {
      readonly kind: "fault";
      readonly fault: JsonFault;
      readonly duplicates: readonly DuplicateKey[];
    };

interface Scan {
  readonly text: string;
  readonly path: (string | number)[];
  readonly duplicates: DuplicateKey[];
  offset: number;
  fault: JsonFault | undefined;
}

/** Never throws. */
export function readJson(text: string): JsonReading {
  const scan: Scan = { text, path: [], duplicates: [], offset: 0, fault: undefined };
  const { duplicates } = scan;
  if (text.length > jsonCharactersMax) {
    const fault: JsonFault = {
      kind: "length",
      offset: 0,
      message: `The text has ${text.length} characters, and at most ${jsonCharactersMax} are read.`,
      help: "Split it: each subscription may name others of the ids.",
    };
    return { kind: "fault", fault, duplicates };
  }
  const root = readValue(scan, undefined);
  if (root !== undefined) {
    skipSpace(scan);
    if (scan.offset < text.length)
      fail(scan, "the end of the text, for the JSON is complete before it");
  }
  if (scan.fault !== undefined) return { kind: "fault", fault: scan.fault, duplicates };
  if (root === undefined) return { kind: "fault", fault: unexplained, duplicates };
  try {
    return { kind: "value", value: JSON.parse(text), root, duplicates };
  } catch {
    // Both readers accept the same texts, and a test compares them; were they to differ, the stricter holds.
    return { kind: "fault", fault: unexplained, duplicates };
  }
}

const unexplained: JsonFault = {
  kind: "syntax",
  offset: 0,
  message: "The text is no JSON.",
  help: "Send one JSON object.",
};

function readValue(scan: Scan, keyStart: number | undefined): Place | undefined {
  skipSpace(scan);
  const start = scan.offset;
  const first = scan.text[start];
  if (first === "{") return readObject(scan, keyStart);
  if (first === "[") return readArray(scan, keyStart);
  const isRead = first === '"' ? passString(scan) : passPattern(scan);
  if (!isRead) return undefined;
  return { start, end: scan.offset, keyStart, members: undefined, items: undefined };
}

function readObject(scan: Scan, keyStart: number | undefined): Place | undefined {
  const start = scan.offset;
  if (!enter(scan)) return undefined;
  const members = new Map<string, Place>();
  while (true) {
    skipSpace(scan);
    if (scan.text[scan.offset] === "}" && members.size === 0) break;
    const nameStart = scan.offset;
    if (scan.text[nameStart] !== '"') {
      return fail(
        scan,
        members.size === 0 ? 'a name in double quotes, or "}"' : "a name in double quotes",
      );
    }
    if (!passString(scan)) return undefined;
    const name = JSON.parse(scan.text.slice(nameStart, scan.offset)) as string;
    skipSpace(scan);
    if (scan.text[scan.offset] !== ":") return fail(scan, '":" after the name');
    scan.offset += 1;
    scan.path.push(name);
    const before = members.get(name)?.keyStart;
    if (before !== undefined && scan.duplicates.length < duplicatesMax)
      scan.duplicates.push({ path: [...scan.path], first: before, second: nameStart });
    const member = readValue(scan, nameStart);
    if (member === undefined) return undefined;
    scan.path.pop();
    members.set(name, member);
    skipSpace(scan);
    if (scan.text[scan.offset] === "}") break;
    if (scan.text[scan.offset] !== ",") return fail(scan, '"," or "}"');
    scan.offset += 1;
  }
  scan.offset += 1;
  return { start, end: scan.offset, keyStart, members, items: undefined };
}

function readArray(scan: Scan, keyStart: number | undefined): Place | undefined {
  const start = scan.offset;
  if (!enter(scan)) return undefined;
  const items: Place[] = [];
  while (true) {
    skipSpace(scan);
    if (scan.text[scan.offset] === "]" && items.length === 0) break;
    scan.path.push(items.length);
    const item = readValue(scan, undefined);
    if (item === undefined) return undefined;
    scan.path.pop();
    items.push(item);
    skipSpace(scan);
    if (scan.text[scan.offset] === "]") break;
    if (scan.text[scan.offset] !== ",") return fail(scan, '"," or "]"');
    scan.offset += 1;
  }
  scan.offset += 1;
  return { start, end: scan.offset, keyStart, members: undefined, items };
}

/** Steps over the bracket, unless it is one too many. */
function enter(scan: Scan): boolean {
  // The path has one step for each object or array around this one.
  if (scan.path.length >= jsonDepthMax) {
    scan.fault = {
      kind: "depth",
      offset: scan.offset,
      message: `Here more than ${jsonDepthMax} objects and arrays stand in one another.`,
      help: "No message of the Event API is that deep: look at the program that writes it.",
    };
    return false;
  }
  scan.offset += 1;
  return true;
}

function skipSpace(scan: Scan): void {
  const { text } = scan;
  while (scan.offset < text.length) {
    const code = text.charCodeAt(scan.offset);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    scan.offset += 1;
  }
}

const plainValue = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Steps over a number or one of the three words. */
function passPattern(scan: Scan): boolean {
  plainValue.lastIndex = scan.offset;
  const found = plainValue.exec(scan.text)?.[0];
  // A word that only begins like one of the three, or a number like 01, is left to the complaint.
  if (found !== undefined && !/[\w.]/.test(scan.text[plainValue.lastIndex] ?? "")) {
    scan.offset += found.length;
    return true;
  }
  fail(scan, "a value");
  return false;
}

/** Steps over a string, both quotes included. */
function passString(scan: Scan): boolean {
  const { text } = scan;
  const start = scan.offset;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      scan.offset = at + 1;
      return true;
    }
    if (code < 0x20) return failString(scan, at, "has a control character, or a line end, in it");
    if (code !== 0x5c) continue;
    const length = escapeLength(text, at);
    if (length === 0) return failString(scan, at, "has a backslash that begins no escape of JSON");
    at += length - 1;
  }
  return failString(scan, start, 'has no closing "');
}

function failString(scan: Scan, offset: number, what: string): false {
  scan.fault = {
    kind: "syntax",
    offset,
    message: `The string ${what}.`,
    help: 'Inside strings write \\n for a line end, \\" for a quote, \\\\ for a backslash.',
  };
  return false;
}

function escapeLength(text: string, at: number): number {
  const next = text[at + 1] ?? "";
  if (next === "u") return /^[\dA-Fa-f]{4}$/.test(text.slice(at + 2, at + 6)) ? 6 : 0;
  return next !== "" && '"\\/bfnrt'.includes(next) ? 2 : 0;
}

function fail(scan: Scan, expected: string): undefined {
  const { text, offset } = scan;
  scan.fault = { kind: "syntax", offset, ...describeStranger(text, offset, expected) };
}
