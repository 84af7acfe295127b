/** Entries as lines of JSON: what another program reads. */
import type { GapEvent, NotificationEvent } from "@trunkline/client";
import { cutEventBody } from "@trunkline/relay";
import { isoTime } from "./text.ts";

/** `data` is the event body as the service wrote it. */
export function eventLine(event: NotificationEvent): string {
  const { topic, correlationId, receivedAtMs, maybeDuplicate } = event;
  const head = JSON.stringify({
    type: "event",
    id: correlationId ?? null,
    topic,
    receivedAt: isoTime(receivedAtMs),
    source: "live",
  });
  return `${head.slice(0, -1)},"data":${dataOf(event)}${maybeDuplicate ? `,"maybeDuplicate":true` : ""}}\n`;
}

function dataOf({ raw, body }: NotificationEvent): string {
  const cut = cutEventBody(raw);
  return cut === undefined || /[\r\n]/u.test(cut) ? JSON.stringify(body) : cut;
}

export function gapLine({ id, topics, fromMs, toMs, cause, state, certainty }: GapEvent): string {
  const from = isoTime(fromMs);
  const to = toMs === undefined ? null : isoTime(toMs);
  return `${JSON.stringify({ type: "gap", id, topics, from, to, cause, state, certainty })}\n`;
}

/** The frame itself. A line end in it can only stand between two tokens; there it becomes a space. */
export function frameLine({ raw }: NotificationEvent): string {
  return `${raw.replace(/[\r\n]/gu, " ")}\n`;
}
