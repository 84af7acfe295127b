/** Lines for people: time, topic, and what it says. */
import type { GapEvent, NotificationEvent } from "@trunkline/client";
import { palette } from "./colours.ts";
import { gapText } from "./gap.ts";
import { shortTopic, type Names } from "./names.ts";
import { summarise } from "./summary.ts";
import { clockTime, shorten } from "./text.ts";

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
      const doubt = event.maybeDuplicate ? "maybe once more: " : "";
      const summary = shorten(`${doubt}${summarise(event, names)}`, room);
      return `${dim(time)}${gutter}${subject(topic.padEnd(topicWidth))}${gutter}${summary}\n`;
    },
    gap: (event) => `${warn(gapText(event, nowMs()))}\n`,
  };
}
