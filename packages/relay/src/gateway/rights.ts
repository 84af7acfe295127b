/** Whether a subscription can be, and whether a grant lets it. */
import type { Subscription } from "@trunkline/events";
import { GatewayError } from "./gateway-error.ts";
import type { Grant } from "./grant.ts";

/** @throws GatewayError EVENT_TYPE_FORBIDDEN, naming all event types that may not be read */
export function mustRead({ eventTypes }: Pick<Subscription, "eventTypes">, grant: Grant): void {
  const forbidden = eventTypes.filter((type) => !grant.mayRead(type));
  if (forbidden.length === 0) return;
  throw new GatewayError(
    "EVENT_TYPE_FORBIDDEN",
    `The client ${grant.clientId} with the scopes ${grant.scopes.join(" ")} may not read ${forbidden.join(", ")}.`,
  );
}

/**
 * Which queues and users belong to a division the planner knows, and the filter does not yet: so what another
 * subscriber has carried would come as well.
 * @throws GatewayError FIELD_INVALID
 */
export function mustBeServed({ scope }: Pick<Subscription, "scope">): void {
  if (scope.divisions.every((division) => division === "self")) return;
  throw new GatewayError(
    "FIELD_INVALID",
    'Of divisions only "self" is served yet: all that the relay\'s credential sees. Name queueId or userId to have less.',
  );
}
