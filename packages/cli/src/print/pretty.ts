/** Lines for people: time, topic, and what it says. */
import type { GapCause, GapEvent, NotificationEvent } from "@trunkline/client";
import { palette } from "./colours.ts";
import { shortTopic, type Names } from "./names.ts";
import { summarise } from "./summary.ts";
import { clockTime, count, duration, shorten } from "./text.ts";

export interface PrettyOptions {
  readonly hasColours: boolean;
  /** Asked at each line, since terminals change. */
  readonly columns: () => number | undefined;
  readonly names: Names;
  /** Topics that are expected: the column is made wide enough for them. */
  readonly topics: readonly string[];
  readonly nowMs: () => number;
}

/** Where the output is no terminal, a line is no longer than this. */
const columnsMax = 200;
const columnsMin = 40;
const topicCharactersMax = 40;
const gutter = "  ";

/** Why delivery could not be proven, for people. */
const causes: Readonly<Record<GapCause, string>> = {
  cut: "the connection was cut",
  closed: "the service closed the socket",
  silence: "the peer fell silent",
  "channel-gone": "the channel had expired or was evicted",
  protocol: "a frame broke the protocol or was too large",
  malformed: "a frame was not valid",
  unsubscribed: "the service had dropped the topics",
  overflow: "the reader of this output was too slow",
};

export interface Pretty {
  readonly notification: (event: NotificationEvent) => string;
  readonly gap: (event: GapEvent) => string;
}

/** Remembers how wide topics have been, so that columns line up. */
export function createPretty({ hasColours, columns, names, topics, nowMs }: PrettyOptions): Pretty {
  const { dim, subject, warn } = palette(hasColours);
  const nameOf = (topic: string): string => shorten(shortTopic(topic, names), topicCharactersMax);
  let topicWidth = topics.reduce((width, topic) => Math.max(width, nameOf(topic).length), 0);
  return {
    notification: (event) => {
      const time = clockTime(event.receivedAtMs);
      const topic = nameOf(event.topic);
      topicWidth = Math.max(topicWidth, topic.length);
      const width = Math.max(columnsMin, columns() ?? columnsMax);
      const room = Math.max(1, width - time.length - topicWidth - 2 * gutter.length);
      const summary = shorten(summarise(event, names), room);
      return `${dim(time)}${gutter}${subject(topic.padEnd(topicWidth))}${gutter}${summary}\n`;
    },
    gap: (event) => `${warn(gapText(event, nowMs()))}\n`,
  };
}

/** A gap in one line of text, without colour or line end. */
export function gapText({ state, topics, fromMs, toMs, cause }: GapEvent, nowMs: number): string {
  const why = `${causes[cause]} (${cause})`;
  const what = count(topics.length, "topic");
  const from = clockTime(fromMs);
  const now = `${clockTime(nowMs)}${gutter}`;
  if (state === "open" || toMs === undefined)
    return `${now}gap opens: nothing sent after ${from} is proven on ${what}; ${why}`;
  const span = `${from} to ${clockTime(toMs)}`;
  return `${now}gap closed: ${span}, ${duration(toMs - fromMs)} unproven on ${what}; ${why}`;
}
