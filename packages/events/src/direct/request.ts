/** Reads what is subscribed to, and refuses at once what cannot be had without a relay. */
import type { JsonPaths } from "../json/json-paths.ts";
import { readSubscription } from "../schema/read-subscription.ts";
import type { BackendRequest } from "../subscriber/backend.ts";
import { SubscriberError } from "../subscriber/errors.ts";
import type { Subscription } from "../subscription.ts";

export interface Wanted {
  readonly subscription: Subscription;
  /** Event types as the program wrote them. */
  readonly written: readonly string[];
}

/** @throws SubscriberError with everything that is wrong */
export function readRequest(
  { eventTypes, filters, since, consumer }: BackendRequest,
  jsonPaths: JsonPaths | undefined,
): Wanted {
  if (since !== undefined)
    throw new SubscriberError(
      "CURSOR_FOREIGN",
      "Without a relay nothing is kept, so there is no going on after a cursor.",
      { help: "Leave since out; or subscribe by a relay's gateway, which keeps what comes." },
    );
  if (consumer !== undefined)
    throw new SubscriberError(
      "OPTION_INVALID",
      "Without a relay nothing is kept, so there are no durable consumers.",
      { help: "Leave consumer out; or subscribe by a relay's gateway, which keeps their places." },
    );
  const { subscription, complaints } = readSubscription({ eventTypes, filters }, { jsonPaths });
  if (subscription === undefined) {
    const [first] = complaints;
    throw new SubscriberError(
      first?.code ?? "FIELD_INVALID",
      complaints.map(({ message, pointer }) => `${pointer}: ${message}`).join("\n"),
      { help: complaints.map(({ help }) => help).join("\n") },
    );
  }
  const paths = Object.values(subscription.predicates)
    .flat()
    .filter(({ field }) => field.startsWith("$"));
  const [path] = paths;
  if (path !== undefined && jsonPaths === undefined)
    throw new SubscriberError(
      "PREDICATE_INVALID",
      `The condition on ${path.field} is a JSON path, and nothing was given that reads them.`,
      {
        help: "Give direct() the option jsonPaths, or subscribe by a relay's gateway, which reads them.",
      },
    );
  return { subscription, written: eventTypes };
}
