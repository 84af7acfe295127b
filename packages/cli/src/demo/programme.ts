/** What happens to the demo's line, and when: what is announced loses nothing, and what is not is told as a gap. */

export type Interruption =
  | "announced close"
  | "abrupt cut"
  | "channel expiry"
  | "token renewal"
  | "silent socket";

export interface Programme {
  /** What the demo does to its line, in order. */
  readonly acts: readonly { readonly name: Act; readonly atMs: number }[];
  /** Tokens and channels of the demo's mock live so long; the line replaces its sessions before. */
  readonly tokenLifeS: number;
  readonly channelLifeMs: number;
}

type Act = Extract<Interruption, "announced close" | "abrupt cut" | "silent socket">;

/** How long the whole of it takes where nobody is in a hurry. */
const wholeMs = 36_000;
/** In less than this not all of it has room: then only the cut is left. */
const shortestMs = 20_000;
const dayS = 86_400;

/** @param forMs how long the demo runs; undefined where it has no end */
export function programmeOf(forMs: number | undefined): Programme {
  if (forMs !== undefined && forMs < shortestMs)
    return {
      acts: [{ name: "abrupt cut", atMs: forMs / 2 }],
      tokenLifeS: dayS,
      channelLifeMs: dayS * 1_000,
    };
  const scale = Math.min(1, (forMs ?? wholeMs) / wholeMs);
  // A session is replaced between 80 and 90 % of either life: the channel's first, then the token's.
  return {
    acts: [
      { name: "announced close", atMs: 5_000 * scale },
      { name: "abrupt cut", atMs: 10_000 * scale },
      { name: "silent socket", atMs: 30_000 * scale },
    ],
    tokenLifeS: Math.round(28 * scale),
    channelLifeMs: Math.round(15_000 * scale),
  };
}

/** Said when it happens. */
export const announcements: Readonly<Record<Act, string>> = {
  "announced close":
    "The service announces that it will close the socket: another is opened first.",
  "abrupt cut": "The connection is cut now, without a word, as networks do.",
  "silent socket": "The socket falls silent now: it stays open, and nothing comes any more.",
};
