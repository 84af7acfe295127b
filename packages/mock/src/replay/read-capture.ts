/**
 * Reads a captured stream: lines of JSON as `trunkline tail` and the relay write them (`json`, `genesys` and `frames`), or
 * entries of a mock's ledger, in any mixture.
 */
import { isSystemTopic } from "../cloud/topics.ts";
import { MockError } from "../mock-error.ts";
import type { Capture, CapturedEvent } from "./capture.ts";
import { memberText } from "./member-text.ts";

/** The longest capture that is played: it is kept whole. */
export const captureCharactersMax = 256 * 1024 * 1024;
/** An event on whose line no time stands comes so long after the one before. */
const untimedGapMs = 100;

/** Undefined for lines that say nothing on a topic: gaps, heartbeats, system notices, what the ledger has no body of. */
interface Timed {
  readonly atMs: number | undefined;
  readonly topic: string;
  readonly body: string;
}

/** @throws MockError CAPTURE_INVALID with file and line, CAPTURE_TOO_LARGE */
export function readCapture(text: string, file: string, loop: boolean): Capture {
  if (text.length > captureCharactersMax)
    throw new MockError(
      "CAPTURE_TOO_LARGE",
      `${file} has more than ${captureCharactersMax / 1024 / 1024} Mi characters`,
    );
  const events: CapturedEvent[] = [];
  const counts = new Map<string, number>();
  let firstAtMs: number | undefined;
  let offsetMs = 0;
  for (const { line, number } of linesOf(text)) {
    const read = readLine(line, `${file}:${number}`);
    if (read === undefined) continue;
    const { atMs, topic, body } = read;
    if (atMs === undefined) offsetMs += events.length === 0 ? 0 : untimedGapMs;
    else {
      firstAtMs ??= atMs - offsetMs;
      // Lines of several sessions may overlap: what is written later is played no sooner.
      offsetMs = Math.max(offsetMs, atMs - firstAtMs);
    }
    events.push({ offsetMs, topic, body });
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
  }
  if (events.length === 0) throw new MockError("CAPTURE_INVALID", `${file} holds no event`);
  const topics = [...counts].toSorted((a, b) => b[1] - a[1]).map(([topic]) => topic);
  return { events, topics, loop };
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly number: number }> {
  let number = 0;
  for (let start = 0; start < text.length;) {
    const stop = text.indexOf("\n", start);
    const end = stop === -1 ? text.length : stop;
    number += 1;
    const line = text.slice(start, end);
    if (line.trim() !== "") yield { line, number };
    start = end + 1;
  }
}

function readLine(line: string, place: string): Timed | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new MockError("CAPTURE_INVALID", `${place}: the line is not valid JSON`);
  }
  const fields = isObject(json) ? json : {};
  const { type, topic, topicName, frame, sequence } = fields;
  if (type === "gap") return undefined;
  if (type === "event" && isObject(frame)) return frameOf(memberText(line, "frame"), place);
  if (type === "event" && typeof topic === "string")
    return event(topic, memberText(line, "data"), timeOf(fields["receivedAt"], place), place);
  if (typeof topicName === "string") return frameOf(line, place);
  if (typeof sequence === "number" && typeof topic === "string") {
    const { body, atMs } = fields;
    if (typeof body !== "string") return undefined;
    return event(topic, body, typeof atMs === "number" ? atMs : undefined, place);
  }
  throw new MockError(
    "CAPTURE_INVALID",
    `${place}: expected a frame with topicName, a line of type event or gap, or an entry of a ledger`,
  );
}

function frameOf(frame: string | undefined, place: string): Timed | undefined {
  const { topicName } = JSON.parse(frame ?? "{}") as { readonly topicName?: unknown };
  if (typeof topicName !== "string")
    throw new MockError("CAPTURE_INVALID", `${place}: the frame has no topicName`);
  return event(topicName, memberText(frame ?? "", "eventBody"), undefined, place);
}

function event(
  topic: string,
  body: string | undefined,
  atMs: number | undefined,
  place: string,
): Timed | undefined {
  if (isSystemTopic(topic)) return undefined;
  if (body === undefined) throw new MockError("CAPTURE_INVALID", `${place}: the event has no body`);
  return { atMs, topic, body };
}

function timeOf(text: unknown, place: string): number | undefined {
  if (text === undefined) return undefined;
  const atMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new MockError("CAPTURE_INVALID", `${place}: receivedAt is no time`);
  return atMs;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
