/** Gaps for people, from a line of our own or from a journal. */
import type { GapCertainty } from "@trunkline/client";
import type { GapCause, GapState } from "@trunkline/relay";
import { clockTime, count, duration } from "./text.ts";

/** What a gap says, wherever it was found. */
export interface ToldGap {
  readonly state: GapState;
  readonly topics: readonly string[];
  readonly fromMs: number;
  readonly toMs: number | undefined;
  readonly cause: GapCause;
  readonly certainty: GapCertainty;
}

/** Why delivery could not be proven. */
const causes: Readonly<Record<GapCause, string>> = {
  cut: "the connection was cut",
  closed: "the service closed the socket",
  silence: "the peer fell silent",
  "channel-gone": "the channel no longer existed",
  evicted: "another channel had taken the place of ours",
  expired: "the channel had lived its day",
  token: "the token had expired or was revoked, and the channel with it",
  path: "the way to the service was at fault",
  moved: "the service moved the socket, and there was no spare channel",
  protocol: "a frame broke the protocol or was too large",
  malformed: "a frame was not valid",
  unsubscribed: "the service had dropped the topics",
  overflow: "events came faster than they could be stored",
  stopped: "the relay was stopped, and started again",
  killed: "the relay was killed or crashed, and started again",
  retention: "it is older than what the journal keeps",
};

const verdicts: Readonly<Record<GapCertainty, string>> = {
  unlikely: "; nothing points to a loss",
  possible: "",
  certain: "; events are missing",
};

/** The cause in words. A line of our own overflows where a reader is slow, a journal where the disk is. */
function causeWords(cause: GapCause, place: "line" | "journal"): string {
  return cause === "overflow" && place === "line"
    ? "the reader of this output was too slow"
    : (causes[cause] ?? cause);
}

/** The cause in words, and what it says of a loss where it says more than that there may be one. */
export function whyText(
  { cause, certainty }: Pick<ToldGap, "cause" | "certainty">,
  place: "line" | "journal",
): string {
  return `${causeWords(cause, place)}${verdicts[certainty] ?? ""} (${cause})`;
}

/** A gap in one line of text, without colour or line end. @param atMs the time at the start of the line */
export function gapText(gap: ToldGap, atMs: number, place: "line" | "journal" = "line"): string {
  const { state, topics, fromMs, toMs } = gap;
  const why = whyText(gap, place);
  const what = count(topics.length, "topic");
  const from = clockTime(fromMs);
  const head = `${clockTime(atMs)}  `;
  if (state === "open" || toMs === undefined)
    return `${head}gap opens: nothing sent after ${from} is proven on ${what}; ${why}`;
  const span = `${from} to ${clockTime(toMs)}`;
  switch (state) {
    case "closed":
      return `${head}gap closed: ${span}, ${duration(toMs - fromMs)} unproven on ${what}; ${why}`;
    case "filled":
      return `${head}gap filled: ${span}, restored in full on ${what}; ${why}`;
    case "partial":
      return `${head}gap filled in part: ${span}, restored in part on ${what}; ${why}`;
    case "unfillable":
      return `${head}gap stays: ${span}, not to be restored on ${what}; ${why}`;
    default:
      return state satisfies never;
  }
}
