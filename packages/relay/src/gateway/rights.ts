/** Whether a grant lets a subscription be. */
import type { Subscription } from "@trunkline/events";
import { everything } from "./access/scopes.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Grant } from "./grant.ts";

/** @throws GatewayError EVENT_TYPE_FORBIDDEN, naming all event types that may not be read */
export function mustRead({ eventTypes }: Pick<Subscription, "eventTypes">, grant: Grant): void {
  const forbidden = eventTypes.filter((type) => !grant.mayRead(type));
  if (forbidden.length === 0) return;
  const remedy = grant.scopes.includes(everything)
    ? ""
    : `; the scope ${everything} reads all that the client is not kept from`;
  throw new GatewayError(
    "EVENT_TYPE_FORBIDDEN",
    `The client ${grant.clientId} with the scopes ${grant.scopes.join(" ")} may not read ${forbidden.join(", ")}${remedy}.`,
  );
}
