/** Entries as CloudEvents 1.0 in JSON: docs/SINKS.md says what each attribute means. */
import type { Entry, EventEntry, GapEntry, GapState } from "../../journal/entry.ts";
import { cutEventBody } from "../../event-body.ts";

export const eventContentType = "application/cloudevents+json";
export const batchContentType = "application/cloudevents-batch+json";

/** Widest position that a number holds exactly: `sequence` is compared as text. */
const positionDigits = 16;

/** @returns JSON; `data` is the eventBody exactly as Genesys wrote it */
export function cloudEvent(entry: Entry): string {
  const attributes = JSON.stringify({
    specversion: "1.0",
    id: entry.cursor,
    source: sourceOf(entry),
    type: typeOf(entry),
    subject: entry.kind === "event" ? entry.topic : entry.gapId,
    time: isoTime(entry.kind === "event" ? entry.receivedAtMs : entry.recordedAtMs),
    datacontenttype: "application/json",
    // Extensions: lower-case letters and digits, at most 20; those without a value are left out.
    sequence: String(entry.position).padStart(positionDigits, "0"),
    trunklinecursor: entry.cursor,
    trunk: entry.trunk,
    organizationid: entry.organizationId,
    gapid: entry.gapId,
    ...(entry.kind === "event" ? eventExtensions(entry) : {}),
  });
  const data = entry.kind === "event" ? (cutEventBody(entry.raw) ?? "null") : gapData(entry);
  return `${attributes.slice(0, -1)},"data":${data}}`;
}

function eventExtensions({
  source,
  entity,
  types,
  maybeDuplicate,
}: EventEntry): Readonly<Record<string, unknown>> {
  return {
    origin: source,
    entity,
    eventtypes: types.length === 0 ? undefined : types.join(" "),
    maybeduplicate: maybeDuplicate ? true : undefined,
  };
}

function gapData(gap: GapEntry): string {
  return JSON.stringify({
    gapId: gap.gapId,
    state: gap.state,
    topics: gap.topics,
    from: isoTime(gap.fromMs),
    to: gap.toMs === undefined ? undefined : isoTime(gap.toMs),
    cause: gap.cause,
    serverOffsetMs: gap.serverOffsetMs,
    certainty: gap.certainty,
  });
}

/** Together with `id` it is unique in the world, since journals are; the name of a trunk is the operator's. */
function sourceOf({ cursor, trunk }: Entry): string {
  return `/trunkline/${cursor.slice(0, cursor.lastIndexOf("-"))}/${encodeURIComponent(trunk.toWellFormed())}`;
}

const gapTypes: Readonly<Record<GapState, string>> = {
  open: "trunkline.gap.opened",
  closed: "trunkline.gap.closed",
  filled: "trunkline.gap.filled",
  partial: "trunkline.gap.partial",
  unfillable: "trunkline.gap.unfillable",
};

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;

/**
 * The topic without what differs from object to object, in lower case since topics compare without
 * case: `cloud.genesys.v2.routing.queues.conversations`. genesys.cloud is whose meaning it is.
 */
export function typeOf(entry: Entry): string {
  if (entry.kind === "gap") return gapTypes[entry.state];
  const entity = entry.entity?.toLowerCase();
  const segments = entry.topic
    .toLowerCase()
    .split(".")
    .filter((segment) => segment !== entity && !uuid.test(segment) && !/^\d+$/u.test(segment));
  return ["cloud.genesys", ...segments].join(".");
}

/** RFC 3339. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
