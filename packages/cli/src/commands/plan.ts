/** `trunkline plan`: what a subscription would ask of Genesys Cloud, in an organisation as it is now. */
import { createClient, type Client, type ClientOptions } from "@trunkline/client";
import { needs, plan as planned, type LineSetup } from "@trunkline/events";
import { listOrganisation, loadConfig, type RelayConfig, type TrunkConfig } from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { resolveConnection, type ConnectionFlags } from "../connection.ts";
import { CliError } from "../errors.ts";
import { planText } from "../print/plan.ts";
import { readSubscriptionText } from "./plan-file.ts";

export interface PlanFlags extends ConnectionFlags {
  readonly config?: string;
  readonly trunk?: string;
  readonly json?: boolean;
}

const fileCharactersMax = 1_048_576;

/** A place, credentials, and how a line to it is set up. */
interface Target {
  readonly options: Pick<ClientOptions, "credentials" | "region" | "baseUrl" | "requestsPerMinute">;
  readonly setup: LineSetup;
}

/** @throws CliError, TrunklineError, RelayError */
export async function plan(
  file: string,
  flags: PlanFlags,
  system: ConcealingSystem,
  create: (options: ClientOptions) => Client = createClient,
): Promise<void> {
  const subscription = readSubscriptionText(readFile(file, system));
  const { options, setup } = resolveTarget(flags, system);
  await using client = create({ ...options, signal: system.stop });
  const { organisation, problems } = await listOrganisation(
    (asked) => client.ask(asked),
    needs(subscription),
    { clock: system.clock, signal: system.stop },
  );
  const made = planned(subscription, organisation, setup);
  const text =
    flags.json === true
      ? `${JSON.stringify({ ...made, problems })}\n`
      : planText(made, problems, system.stdout.hasColours);
  await system.stdout.write(text);
  if (problems.length === 0) return;
  const parts = [...new Set(problems.map(({ part }) => part))].join(", ");
  throw new CliError(
    "LISTING_INCOMPLETE",
    `Not all of the organisation could be listed: ${parts}.`,
  );
}

function readFile(file: string, { readText }: ConcealingSystem): string {
  try {
    return readText(file, fileCharactersMax);
  } catch (cause) {
    throw new CliError("FILE_UNREADABLE", `${file} cannot be read.`, { cause });
  }
}

function resolveTarget(flags: PlanFlags, system: ConcealingSystem): Target {
  if (flags.config === undefined) {
    if (flags.trunk !== undefined)
      throw new CliError("USAGE", "--trunk names a trunk of --config, which is not given.");
    const { place, credentials } = resolveConnection(flags, system);
    hide(credentials.clientId, credentials.clientSecret, system);
    return { options: { ...place, credentials }, setup: {} };
  }
  const { region, baseUrl, clientId, clientSecretFile } = flags;
  if ([region, baseUrl, clientId, clientSecretFile].some((value) => value !== undefined))
    throw new CliError("USAGE", "--config says where and as whom: the other options exclude it.", {
      help: "Leave --config out, or --region, --base-url, --client-id and --client-secret-file.",
    });
  const { env, readText, isWorldReadable } = system;
  const config = loadConfig({ path: flags.config, env, readText, isWorldReadable });
  const { place, credentials, requestsPerMinute, redundancy } = trunkOf(config, flags.trunk);
  const clientSecret = credentials.clientSecret.reveal();
  hide(credentials.clientId, clientSecret, system);
  return {
    options: {
      ...place,
      credentials: { clientId: credentials.clientId, clientSecret },
      requestsPerMinute,
    },
    setup: { requestsPerMinute, redundancy },
  };
}

function trunkOf({ trunks }: RelayConfig, name: string | undefined): TrunkConfig {
  const found = name === undefined ? trunks : trunks.filter((trunk) => trunk.name === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const names = trunks.map((trunk) => trunk.name).join(", ");
  throw new CliError(
    "TRUNK_UNKNOWN",
    name === undefined
      ? `The configuration has several trunks: ${names}.`
      : `The configuration has no trunk ${name}; it has ${names}.`,
  );
}

function hide(clientId: string, clientSecret: string, { stderr }: ConcealingSystem): void {
  stderr.hide(clientSecret, "client secret");
  stderr.hide(`${clientId}:${clientSecret}`, "client id and secret");
}
