/** How a standing subscription is read: as a subscription that its id names. */
import type { SubscribeMessage } from "@trunkline/events";
import type { Standing } from "./subscriptions.ts";

/** @param since where the reader goes on; without it the first one begins where the subscription did, and others now */
export function readerOf(standing: Standing, since: string | undefined): SubscribeMessage {
  const { id, subscription, written } = standing;
  return {
    kind: "subscribe",
    id,
    subscription,
    since: since ?? standing.since ?? undefined,
    answer: "subscribed",
    written,
  };
}
