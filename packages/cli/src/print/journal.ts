/** Entries of a relay's journal in the three formats. The relay writes JSON; people and tools may want another. */
import type { GapCertainty, NotificationEvent } from "@trunkline/client";
import type { GapCause, GapState } from "@trunkline/relay";
import { CliError } from "../errors.ts";
import type { JournalLine } from "../relay/lines.ts";
import type { System } from "../system.ts";
import { palette } from "./colours.ts";
import type { FormatName } from "./format-names.ts";
import { gapText, type ToldGap } from "./gap.ts";
import type { Names } from "./names.ts";
import { createPretty } from "./pretty.ts";
import { dayOf } from "./text.ts";

/** What some lines come to. */
export interface Printed {
  readonly out: string;
  /** Gaps go there where stdout is for the frames of Genesys, which know none. */
  readonly err: string;
}

interface EventLine {
  readonly topic: string;
  readonly receivedAt: string;
  readonly maybeDuplicate?: true;
  readonly data: unknown;
}

interface GapLine {
  readonly topics: readonly string[];
  readonly from: string;
  readonly to: string | null;
  readonly cause: GapCause;
  /** A relay of before there was such a thing tells none. */
  readonly certainty?: GapCertainty;
  readonly state: GapState;
}

/** Remembers widths and the day, so that one line follows from the other. */
export function createJournalFormat(
  name: FormatName,
  { stdout, stderr, clock }: System,
  topics: readonly string[],
  names: Names = new Map(),
): (lines: readonly JournalLine[]) => Printed {
  switch (name) {
    case "json":
      // As the relay wrote them: what is parsed and written again is not the same to the digit.
      return (lines) => ({ out: lines.map(({ text }) => `${text}\n`).join(""), err: "" });
    case "genesys":
      return (lines) => {
        let out = "";
        let err = "";
        for (const line of lines) {
          if (line.kind === "event") out += `${frameOf(line)}\n`;
          else err += `${palette(stderr.hasColours).warn(gapOf(line).text)}\n`;
        }
        return { out, err };
      };
    case "pretty": {
      const { hasColours } = stdout;
      const { dim, warn } = palette(hasColours);
      const pretty = createPretty({
        hasColours,
        columns: () => stdout.columns,
        names,
        topics: topics.filter((topic) => !topic.includes("*")),
        nowMs: () => clock.wallMs(),
      });
      let day = dayOf(clock.wallMs());
      const dated = (atMs: number, text: string): string => {
        if (dayOf(atMs) === day) return text;
        day = dayOf(atMs);
        return `${dim(day)}\n${text}`;
      };
      const print = (line: JournalLine): string => {
        if (line.kind === "gap") {
          const { atMs, text } = gapOf(line);
          return dated(atMs, `${warn(text)}\n`);
        }
        const event = notificationOf(line);
        return dated(event.receivedAtMs, pretty.notification(event));
      };
      return (lines) => ({ out: lines.map(print).join(""), err: "" });
    }
    default:
      return name satisfies never;
  }
}

function notificationOf({ text }: JournalLine): NotificationEvent {
  const { topic, data, receivedAt, maybeDuplicate = false } = JSON.parse(text) as EventLine;
  return {
    type: "notification",
    topic,
    body: data,
    correlationId: undefined,
    raw: "",
    receivedAtMs: Date.parse(receivedAt),
    line: 0,
    maybeDuplicate,
  };
}

/** A gap stands where it was recorded: at its end, or at its beginning while it has none. */
function gapOf({ text }: JournalLine): { readonly atMs: number; readonly text: string } {
  const { topics, from, to, cause, certainty = "possible", state } = JSON.parse(text) as GapLine;
  const fromMs = Date.parse(from);
  const toMs = to === null ? undefined : Date.parse(to);
  const gap: ToldGap = { topics, cause, certainty, state, fromMs, toMs };
  const atMs = toMs ?? fromMs;
  return { atMs, text: gapText(gap, atMs, "journal") };
}

/** The frame ends the line of an event, so it is cut out as it is. */
function frameOf({ text, cursor }: JournalLine): string {
  const start = `{"type":"event","cursor":"${cursor}","frame":`;
  if (text.startsWith(start)) return text.slice(start.length, -1);
  throw new CliError("NOT_A_RELAY", `The relay gave no frame for ${cursor}.`, {
    help: "It may be of another version: compare `trunkline --version` with that of the relay, or use --format json.",
  });
}
