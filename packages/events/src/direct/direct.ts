/** The backend without a relay: a subscription runs straight on Genesys Cloud, in this process. */
import type { ClientOptions } from "@trunkline/client";
import type { JsonPaths } from "../json/json-paths.ts";
import type { Backend } from "../subscriber/backend.ts";
import type { TokenSource } from "../subscriber/tokens.ts";
import { DirectFlow } from "./flow.ts";

/** Options of {@link direct}: those of `createClient`, whose topics the subscription itself decides. */
export interface DirectOptions extends Omit<
  ClientOptions,
  "credentials" | "topics" | "trace" | "signal"
> {
  /** As of `createClient`; or a token source that others use as well, such as `sharedTokenSource` of the official SDK's client. */
  readonly credentials: ClientOptions["credentials"] | TokenSource;
  /** Reads JSON paths in conditions; without it a subscription that has such a condition is refused. */
  readonly jsonPaths?: JsonPaths | undefined;
}

/**
 * Brings events straight from Genesys Cloud, without a relay. What cannot be proven to have arrived is told as a gap,
 * as by the client; nothing is kept: `since` and `consumer` are refused, cursors are of this process alone, and what
 * happened before the subscription or after it nobody has.
 *
 * Each subscription has a client of its own, with a channel or more of the 20 that an OAuth client has. Queues and users are
 * listed at the start and every 5 min: one that is new is carried from the next listing on, with a gap from the listing
 * before; who joins a queue that is named, and what comes into a conversation that is named, is taken from events.
 * What is known of conversations, for `conversation:created` and its like, is in memory: 50,000 of them at most. While the
 * reader rests, 10,000 events wait; then the sockets are held back, and after 20 s what comes is dropped, as a gap.
 *
 * @example
 * ```ts
 * const backend = direct({ region: "eu-central-1", credentials: { clientId, clientSecret } });
 * ```
 */
export function direct(options: DirectOptions): Backend {
  const { region, baseUrl, credentials } = options;
  const who = "clientId" in credentials ? `as ${credentials.clientId}` : "by a token that is given";
  return {
    source: `Genesys Cloud ${baseUrl ?? region ?? ""} ${who}`,
    open: (request, tell) => {
      const flow = new DirectFlow(options, tell);
      void flow.run(request, `direct_${crypto.randomUUID().replaceAll("-", "")}`);
      return flow;
    },
  };
}
