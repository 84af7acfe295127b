/**
 * What the client says to an option that it will be given. It is asked itself, so that there is one
 * set of rules; a client that is only created connects to nothing.
 */
import { createClient, isTrunklineError, type TrunklineError } from "@trunkline/client";
import type { ClientOptions } from "@trunkline/client";

const anywhere = { baseUrl: "http://127.0.0.1" };
const anybody = { clientId: "-", clientSecret: "-" };

export function objectionToRegion(region: string): TrunklineError | undefined {
  return objection({ region });
}

export function objectionToBaseUrl(baseUrl: string): TrunklineError | undefined {
  return objection({ baseUrl });
}

/** Those that are no topics, by their index. Asks once where all are, which is nearly always. */
export function objectionsToTopics(
  topics: readonly string[],
): readonly { readonly index: number; readonly error: TrunklineError }[] {
  const error = objection({ ...anywhere, topics });
  if (error === undefined) return [];
  if (topics.length <= 1) return topics.length === 0 ? [] : [{ index: 0, error }];
  const half = topics.length >> 1;
  return [
    ...objectionsToTopics(topics.slice(0, half)),
    ...objectionsToTopics(topics.slice(half)).map((found) => ({
      ...found,
      index: found.index + half,
    })),
  ];
}

function objection(options: Omit<ClientOptions, "credentials">): TrunklineError | undefined {
  try {
    void createClient({ ...options, credentials: anybody }).close();
    return undefined;
  } catch (error) {
    // Whatever else is wrong, such as a proxy in the environment, is told when the relay starts.
    return isTrunklineError(error) ? error : undefined;
  }
}
