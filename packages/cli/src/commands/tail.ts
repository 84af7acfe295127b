/** `trunkline tail`: entries in a terminal, or as data for a pipe; from a relay's journal, or straight from Genesys Cloud. */
import { createClient, type Client, type ClientOptions } from "@trunkline/client";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { tailDirect, type DirectFlags } from "./tail-direct.ts";
import { tailJournal, type JournalFlags } from "./tail-journal.ts";

export interface TailFlags extends DirectFlags, JournalFlags {
  readonly direct?: boolean;
}

type Names = Readonly<Partial<Record<keyof TailFlags, string>>>;

const directOnly: Names = {
  region: "--region",
  baseUrl: "--base-url",
  clientId: "--client-id",
  clientSecretFile: "--client-secret-file",
  evict: "--evict",
  redundancy: "--redundancy",
  trace: "--trace",
};
const journalOnly: Names = {
  since: "--since",
  url: "--url",
  tokenFile: "--token-file",
};

/** @throws CliError, TrunklineError, RelayError */
export async function tail(
  flags: TailFlags,
  system: ConcealingSystem,
  create: (options: ClientOptions) => Client = createClient,
): Promise<void> {
  if (flags.direct === true) {
    const stray = given(flags, journalOnly) ?? (flags.follow === false ? "--no-follow" : undefined);
    if (stray !== undefined)
      throw new CliError("USAGE", `${stray} and --direct exclude each other.`, {
        help: "Only a relay has a journal to read from: leave one of them out.",
      });
    return tailDirect(flags, system, create);
  }
  const stray = given(flags, directOnly);
  if (stray !== undefined)
    throw new CliError("DIRECT_REQUIRED", `${stray} is for a connection to Genesys Cloud itself.`);
  return tailJournal(flags, system);
}

function given(flags: TailFlags, names: Names): string | undefined {
  return Object.entries(names).find(([flag]) => flags[flag as keyof TailFlags] !== undefined)?.[1];
}
