/** What a person wants to know besides the events: one line per change, on stderr. */
import type {
  BudgetEvent,
  ClientEvent,
  DisconnectedEvent,
  RejectedEvent,
  RotatedEvent,
  RotationReason,
  SubscribedEvent,
  TrunklineError,
} from "@trunkline/client";
import { palette, type Palette } from "./colours.ts";
import { clockTime, count, duration, printable } from "./text.ts";
import { remedy } from "./problem.ts";

/** Every kind of event that is neither data nor trace nor book-keeping. */
export type Notice = Exclude<
  ClientEvent,
  { type: "notification" | "gap" | "trace" | "proof" | "unsubscribed" | "identified" }
>;

const wordWidth = "disconnected".length;
const indent = " ".repeat("00:00:00.000  ".length);
/** Told before and not to be told again; beyond so many different ones, everything is told. */
const toldMax = 1_000;
/** Up to so many topics are named; of more there is only the number. */
const topicsNamedMax = 3;
/** The channels of an OAuth client are spoken of when no more than so many are left. */
const channelsLeftTold = 3;

/** Turns notices into text; undefined for what was said before and has not changed since. */
export function createNotices(
  hasColours: boolean,
  nowMs: () => number,
): (event: Notice) => string | undefined {
  const paint = palette(hasColours);
  const told = new Set<string>();
  const isNews = (key: string): boolean => {
    if (told.has(key)) return false;
    if (told.size < toldMax) told.add(key);
    return true;
  };
  const line = (word: string, colour: keyof Palette, ...texts: readonly string[]): string => {
    const [first = "", ...more] = texts.map(printable);
    const head = `${paint.dim(clockTime(nowMs()))}  ${paint[colour](word.padEnd(wordWidth))}`;
    return [`${head}  ${first}`, ...more.map((text) => `${indent}→ ${text}`), ""].join("\n");
  };

  return (event) => {
    switch (event.type) {
      case "connected":
        for (const key of told) if (key.startsWith(`${event.line} `)) told.delete(key);
        for (const key of told) if (key.startsWith("0 ")) told.delete(key);
        return line("connected", "good", `line ${event.line}, channel ${event.channel}`);
      case "disconnected":
        if (!isNews(`${event.line} ${event.error?.code ?? ""} ${event.reason}`)) return undefined;
        return line("disconnected", "bad", ...disconnection(event));
      case "subscribed":
        return line("subscribed", "good", subscription(event));
      case "rotated":
        return line("rotated", "good", rotation(event));
      case "rejected":
        if (!isNews(`rejected ${event.topic}`)) return undefined;
        return line("rejected", "bad", ...rejection(event));
      case "warning": {
        const { error } = event;
        if (!isNews(`${event.line ?? 0} ${error.code} ${error.message}`)) return undefined;
        return line("warning", "warn", coded(error), remedy(error));
      }
      case "budget": {
        const said = budget(event);
        return said === undefined ? undefined : line("budget", "warn", ...said);
      }
      default:
        return event satisfies never;
    }
  };
}

function coded({ code, message }: TrunklineError): string {
  return `${code}: ${message}`;
}

function disconnection(event: DisconnectedEvent): readonly string[] {
  const { line, code, reason, retryInMs, error } = event;
  const who = line === 0 ? "" : `line ${line}: `;
  const why = error === undefined ? reason : coded(error);
  const closed = code === undefined ? "" : ` (close code ${code})`;
  const again = retryInMs < 1_000 ? "trying again" : `trying again in ${duration(retryInMs)}`;
  const said = `${who}${why.replace(/\.$/u, "")}${closed}; ${again}`;
  return error === undefined ? [said] : [said, remedy(error)];
}

function subscription({ topics }: SubscribedEvent): string {
  const named = topics.length <= topicsNamedMax ? `: ${topics.join(", ")}` : "";
  return `${count(topics.length, "topic")} live${named}`;
}

const rotationReasons: Readonly<Record<RotationReason, string>> = {
  "retire-by": "its channel or token would have expired",
  announced: "the service announced that it would close the socket",
  commanded: "asked for",
};

function rotation({ line, reason, channel, doubtful }: RotatedEvent): string {
  const where = channel === "another" ? "on another channel" : "on the same channel";
  const doubts = doubtful === 0 ? "" : `; ${count(doubtful, "event")} may have come twice`;
  return `line ${line} has a new session ${where}: ${rotationReasons[reason]}${doubts}`;
}

/** What is missing and what to do about it; the rest of the topics goes on. */
function rejection({ topic, reason, missingPermissions }: RejectedEvent): readonly string[] {
  if (missingPermissions.length === 0) return [`${topic}: ${reason}`];
  const permissions = missingPermissions.join(", ");
  return [
    `${topic}: missing ${permissions}`,
    `Give the OAuth client a role with ${permissions}, in the divisions concerned; it is asked for again when topics change and every 8 h.`,
  ];
}

/** Only what matters: that it is getting tight, or that something found no room. */
function budget({ channels, overBudget }: BudgetEvent): readonly string[] | undefined {
  const { ours, others, limit } = channels;
  const left = limit - ours - others;
  if (left > channelsLeftTold && overBudget.length === 0) return undefined;
  const use = `${ours} of ${limit} channels ours, ${others} of other programs`;
  if (overBudget.length === 0) return [use];
  return [
    `${use}; no room for ${count(overBudget.length, "topic")}`,
    "Use an OAuth client of its own for this program, or fewer topics.",
  ];
}
