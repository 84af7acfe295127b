/** `trunkline tail --direct`: a line of its own to Genesys Cloud. */
import {
  isTrunklineError,
  TrunklineError,
  type Client,
  type ClientOptions,
  type Redundancy,
} from "@trunkline/client";
import type { ConcealingSystem } from "../conceal.ts";
import { resolveConnection, type ConnectionFlags } from "../connection.ts";
import { CliError } from "../errors.ts";
import type { FormatName } from "../print/format-names.ts";
import { createFormat } from "../print/format.ts";
import { watch } from "../watch.ts";

export interface DirectFlags extends ConnectionFlags {
  readonly topic?: readonly string[];
  readonly evict?: boolean;
  readonly redundancy?: Redundancy;
  readonly format?: FormatName;
  readonly trace?: boolean;
}

/** @throws CliError, TrunklineError */
export async function tailDirect(
  flags: DirectFlags,
  system: ConcealingSystem,
  create: (options: ClientOptions) => Client,
): Promise<void> {
  const { topic: topics = [] } = flags;
  if (topics.length === 0) throw new CliError("TOPIC_MISSING", "There is no topic to tail.");
  const { place, placeSource, credentials } = resolveConnection(flags, system);
  const { clientId, clientSecret } = credentials;
  system.stderr.hide(clientSecret, "client secret");
  system.stderr.hide(`${clientId}:${clientSecret}`, "client id and secret");

  const options: ClientOptions = {
    ...place,
    credentials,
    topics,
    evictChannels: flags.evict,
    redundancy: flags.redundancy,
    trace: flags.trace,
    signal: system.stop,
  };
  await using client = naming(placeSource, () => create(options));
  const { isTerminal } = system.stdout;
  const format = createFormat(flags.format ?? (isTerminal ? "pretty" : "json"), system, { topics });
  await watch({ client, format }, system);
}

/** A region comes from an option or a variable: the message says from which. */
function naming(source: string, make: () => Client): Client {
  try {
    return make();
  } catch (error) {
    if (!isTrunklineError(error, "REGION_UNKNOWN")) throw error;
    throw new TrunklineError(error.code, `${source}: ${error.message}`, { cause: error });
  }
}
