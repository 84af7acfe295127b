/**
 * What scopes grant. Their names are those that programs ask for; none of them is one of Genesys
 * Cloud's public API, so what each grants is our reading, and this table.
 */
import { canonical, realTopicOf } from "@trunkline/events";
import type { GatewayClient } from "../../config/config.ts";

/** Grants everything that the client is not kept from otherwise. */
export const everything = "analytics:events:read";

const connecting: ReadonlySet<string> = new Set([
  everything,
  "notification:websocket:read",
  "view:notification",
  "notification:subscribe",
]);

const conversationReading: ReadonlySet<string> = new Set([
  "view:conversation",
  "conversation:view",
]);

/** Scopes that grant something by themselves. */
export const knownScopes: readonly string[] = [...connecting, ...conversationReading];

/** Whether a socket or stream may be opened. */
export function mayConnect(scopes: readonly string[]): boolean {
  return scopes.some((scope) => connecting.has(scope));
}

/** What else decides, besides the scopes of a token. */
export interface ReadRules {
  readonly client: Pick<GatewayClient, "eventTypes">;
  /** The scope that an event type asks for besides. */
  readonly eventTypeScopes: Readonly<Record<string, string>>;
}

/** Makes the question whether somebody with some scopes may read events of a type: what scopes do not change is made once. */
export function readingOf({
  client,
  eventTypeScopes,
}: ReadRules): (scopes: readonly string[], eventType: string) => boolean {
  const allowed =
    client.eventTypes === undefined ? undefined : new Set(client.eventTypes.map(ruledName));
  const asked = new Map(
    Object.entries(eventTypeScopes).map(([name, scope]) => [ruledName(name), scope]),
  );
  return (scopes, eventType) => {
    const name = ruledName(eventType);
    const readsAll = scopes.includes(everything);
    const readsConversations = scopes.some((scope) => conversationReading.has(scope));
    if (!readsAll && !(readsConversations && isConversationType(name))) return false;
    if (allowed !== undefined && !isAllowed(name, allowed)) return false;
    const more = asked.get(name);
    return more === undefined || scopes.includes(more);
  };
}

/** All events of conversations include each kind of them. */
function isAllowed(name: string, allowed: ReadonlySet<string>): boolean {
  return allowed.has(name) || (allowed.has("conversation:all") && name.startsWith("conversation:"));
}

/** Event types of conversations, and topics whose name speaks of them. */
function isConversationType(name: string): boolean {
  return (
    /^(?:conversation|interaction):/u.test(name) || /^v\d+\.(?:.*\.)?conversations?\b/iu.test(name)
  );
}

/** The name that rules go by: the canonical one, and of a topic with its ids put in its template. */
export function ruledName(name: string): string {
  const real = realTopicOf(name);
  if (real !== undefined) return real.template;
  return (
    canonical(name) ?? (isTopic.test(name) ? name.toLowerCase().replaceAll(uuid, "{id}") : name)
  );
}

/** Also one that the catalogue does not have. */
const isTopic = /^v\d+\./iu;
const uuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gu;

/** Scopes as a request writes them: with spaces between (RFC 6749 section 3.3). Each once. */
export function splitScopes(text: string): readonly string[] {
  return [...new Set(text.split(" ").filter((scope) => scope !== ""))];
}
