/** Who subscribes to what in this process: two to the same thing are mostly a mistake, and each costs a connection. */
import type { BackendRequest } from "./backend.ts";
import { SubscriberError } from "./errors.ts";

const claimed = new Map<string, number>();

/**
 * Claims what is subscribed to; the returned function, called once, gives it back.
 * @throws SubscriberError DUPLICATE_SUBSCRIPTION
 */
export function claim(
  source: string,
  { eventTypes, filters, consumer }: BackendRequest,
  allowsDuplicate: boolean,
): () => void {
  const key = sortedJson([source, [...new Set(eventTypes)].sort(), filters, consumer ?? null]);
  const count = claimed.get(key) ?? 0;
  if (count > 0 && !allowsDuplicate)
    throw new SubscriberError(
      "DUPLICATE_SUBSCRIPTION",
      `This process subscribes at ${source} to ${eventTypes.join(", ")} with the same filters already.`,
    );
  claimed.set(key, count + 1);
  return () => {
    const left = (claimed.get(key) ?? 1) - 1;
    if (left > 0) claimed.set(key, left);
    else claimed.delete(key);
  };
}

/** JSON in which the order of an object's keys does not matter. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
