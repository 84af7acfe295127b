/** What has become of a channel that the service no longer has. */
import { isTrunklineError } from "../errors.ts";
import type { GapCause } from "../events.ts";
import type { Notifications } from "../rest/notifications.ts";
import type { Channel } from "../rest/channel.ts";

/**
 * - `expired`: its 24 h were over
 * - `token`: the token that had made it is dead
 * - `evicted`: neither, and all places were taken: a 21st has taken its place (inferred, no call deletes a channel)
 * - `channel-gone`: nobody knows why
 * - `given-up`: it may still exist, hidden from the token that we have now, or we no longer want it
 */
export type Fate = "expired" | "token" | "evicted" | "channel-gone" | "given-up";

/**
 * @param nowMs elapsed time
 * @param isCrowded whether all channels that there may be were there when last counted
 */
export function fateOf(channel: Channel, nowMs: number, isCrowded: boolean): Fate {
  // A 404 to another token than its own may only mean that the channel is hidden from that one.
  if (channel.token !== channel.madeWith) return "given-up";
  if (nowMs >= channel.expiresAtMs) return "expired";
  const { madeAtMs, lifeMs } = channel.madeWith;
  if (nowMs >= madeAtMs + lifeMs) return "token";
  return isCrowded ? "evicted" : "channel-gone";
}

/** Why a session fell: that its channel is gone says less than what has become of it. */
export function causeOf(cause: GapCause, fate: Fate): GapCause {
  return cause === "channel-gone" && fate !== "given-up" ? fate : cause;
}

/** The service's own word on a channel whose upgrade was refused; `refused`: it is no longer ours to ask about. */
export async function lookFor(
  channel: Channel,
  notifications: Pick<Notifications, "isAlive">,
  signal: AbortSignal,
): Promise<"alive" | "gone" | "refused" | "unknown"> {
  try {
    return (await notifications.isAlive(channel, signal)) ? "alive" : "gone";
  } catch (error) {
    signal.throwIfAborted();
    // Neither token nor right: whoever holds this channel, we no longer do.
    const isRefused =
      isTrunklineError(error, "TOKEN_REFUSED") || isTrunklineError(error, "FORBIDDEN");
    return isRefused ? "refused" : "unknown";
  }
}
