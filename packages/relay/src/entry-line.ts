/**
 * Entries as lines of JSON (NDJSON): what the sinks `stdout` and `file`, the HTTP stream and
 * `trunkline tail` give out. The shape is public: fields are added at the end, never changed.
 */
import type { Entry, EventEntry, GapEntry } from "./journal/entry.ts";
import { cutEventBody } from "./event-body.ts";

/**
 * - `json`: one line an entry, events and gaps
 * - `genesys`: the frames as they came; they know no gaps
 * - `frames`: gaps as in `json`, events as `{"type":"event","cursor","frame"}` with the frame as it
 *   came last, for whoever wants `genesys` and must go on where it was
 */
export type LineFormat = "json" | "genesys" | "frames";

/** The line of an entry with its line end; undefined where the format has none for it. */
export function formatLine(entry: Entry, format: LineFormat): string | undefined {
  switch (format) {
    case "json":
      return entryLine(entry);
    case "genesys":
      return entry.kind === "event" ? frameLine(entry) : undefined;
    case "frames":
      return entry.kind === "event" ? framedLine(entry) : gapLine(entry);
    default:
      return format satisfies never;
  }
}

/** `{"type":"event",…}` or `{"type":"gap",…}`, and a line end. */
export function entryLine(entry: Entry): string {
  return entry.kind === "event" ? eventLine(entry) : gapLine(entry);
}

/** `data` is the event body as the service wrote it, `null` where the frame has none. */
function eventLine(entry: EventEntry): string {
  const { cursor, id, topic, receivedAtMs, source, raw } = entry;
  const head =
    `{"type":"event","cursor":${JSON.stringify(cursor)},"id":${JSON.stringify(id)}` +
    `,"topic":${JSON.stringify(topic)},"receivedAt":"${isoTime(receivedAtMs)}"` +
    `,"source":"${source}","data":`;
  const doubt = entry.maybeDuplicate ? `,"maybeDuplicate":true` : "";
  const types = entry.types.length === 0 ? "" : `,"types":${JSON.stringify(entry.types)}`;
  return `${head}${oneLine(cutEventBody(raw) ?? "null")}${tail(entry, doubt + types)}`;
}

/** `to` is null while the gap is open. */
function gapLine(entry: GapEntry): string {
  const { cursor, gapId: id, topics, fromMs, toMs, cause, certainty, state } = entry;
  const from = isoTime(fromMs);
  const to = toMs === undefined ? null : isoTime(toMs);
  const told = JSON.stringify({ type: "gap", cursor, id, topics, from, to, cause, state });
  return `${told.slice(0, -1)}${tail(entry, `,"certainty":"${certainty}"`)}`;
}

/** The frame itself. */
function frameLine({ raw }: EventEntry): string {
  return `${oneLine(raw)}\n`;
}

function framedLine({ cursor, raw }: EventEntry): string {
  return `{"type":"event","cursor":${JSON.stringify(cursor)},"frame":${oneLine(raw)}}\n`;
}

/** @param more fields that came later than the others, and so stand behind them */
function tail({ trunk, organizationId }: Entry, more = ""): string {
  const organization =
    organizationId === undefined ? "" : `,"organizationId":${JSON.stringify(organizationId)}`;
  return `,"trunk":${JSON.stringify(trunk)}${organization}${more}}\n`;
}

/** A line end in valid JSON can only stand between two tokens; there it becomes a space. */
function oneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replace(/[\r\n]/gu, " ") : json;
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
