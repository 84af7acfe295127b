/** Where to connect and as whom: from the command line first, then from the environment. Strict, so that nothing is guessed. */
import { CliError } from "./errors.ts";
import { describeSpace, readSecretFile, variable, whyNoUrl, type Value } from "./settings.ts";
import type { System } from "./system.ts";

/** The names of one family of environment variables. The first family that says anything is taken. */
const families = [
  {
    id: "GENESYSCLOUD_OAUTHCLIENT_ID",
    secret: "GENESYSCLOUD_OAUTHCLIENT_SECRET",
    region: "GENESYSCLOUD_REGION",
  },
  { id: "GC_CLIENT_ID", secret: "GC_CLIENT_SECRET", region: "GC_REGION" },
] as const;

export interface ConnectionFlags {
  readonly region?: string;
  readonly baseUrl?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
}

export interface Connection {
  readonly place: { readonly region: string } | { readonly baseUrl: string };
  /** Where `place` was read: an option or a variable, for messages. */
  readonly placeSource: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
}

/** @throws CliError, naming the option or variable that is missing or wrong, never its value if secret */
export function resolveConnection(flags: ConnectionFlags, system: System): Connection {
  const { place, placeSource } = resolvePlace(flags, system);
  return { place, placeSource, credentials: resolveCredentials(flags, system) };
}

function resolvePlace(
  { region, baseUrl }: ConnectionFlags,
  { env }: System,
): Pick<Connection, "place" | "placeSource"> {
  if (region !== undefined && baseUrl !== undefined)
    throw new CliError("USAGE", "--region and --base-url exclude each other.", {
      help: "Leave one of them out.",
    });
  if (baseUrl !== undefined)
    return { place: { baseUrl: checkUrl(baseUrl) }, placeSource: "--base-url" };
  if (region !== undefined) {
    if (region.trim() === "") throw new CliError("OPTION_EMPTY", "--region is empty.");
    return { place: { region }, placeSource: "--region" };
  }
  for (const family of families) {
    const found = variable(env, family.region, { mayHaveSpace: true });
    if (found !== undefined) return { place: { region: found.text }, placeSource: found.source };
  }
  throw new CliError("REGION_MISSING", "Neither a region nor a base URL is given.");
}

function checkUrl(baseUrl: string): string {
  const why = whyNoUrl(baseUrl);
  if (why === undefined) return baseUrl;
  throw new CliError("BASE_URL_INVALID", `--base-url ${why}.`);
}

function resolveCredentials(
  { clientId, clientSecretFile }: ConnectionFlags,
  system: System,
): Connection["credentials"] {
  const { env } = system;
  const idFlag =
    clientId === undefined ? undefined : checkId({ text: clientId, source: "--client-id" });
  const secretFlag =
    clientSecretFile === undefined
      ? undefined
      : readSecretFile("--client-secret-file", clientSecretFile, system);
  if (idFlag !== undefined && secretFlag !== undefined) return pair(idFlag, secretFlag);

  const set = families.find(
    (family) => env[family.id] !== undefined || env[family.secret] !== undefined,
  );
  if (set === undefined) return incomplete(idFlag, secretFlag, families[0]);
  // An option replaces its half of the pair; the other half is not even looked at, so it may be broken.
  const id = idFlag ?? variable(env, set.id);
  const secret = secretFlag ?? variable(env, set.secret);
  return id !== undefined && secret !== undefined ? pair(id, secret) : incomplete(id, secret, set);
}

function pair(id: Value, secret: Value): Connection["credentials"] {
  return { clientId: id.text, clientSecret: secret.text };
}

function incomplete(
  id: Value | undefined,
  secret: Value | undefined,
  family: (typeof families)[number],
): never {
  if (id === undefined && secret === undefined)
    throw new CliError("CREDENTIALS_MISSING", "There is no client id and no client secret.");
  if (secret === undefined) {
    throw new CliError(
      "CREDENTIALS_INCOMPLETE",
      `${id?.source} is given, ${family.secret} is not set.`,
      { help: `Set ${family.secret}, or give --client-secret-file.` },
    );
  }
  throw new CliError(
    "CREDENTIALS_INCOMPLETE",
    `${secret.source} is given, ${family.id} is not set.`,
    { help: `Set ${family.id}, or give --client-id.` },
  );
}

function checkId(id: Value): Value {
  if (id.text.trim() === "") throw new CliError("OPTION_EMPTY", `${id.source} is empty.`);
  if (/\s/u.test(id.text))
    throw new CliError("USAGE", `${id.source} has ${describeSpace(id.text)}.`, {
      help: "Give the bare client id.",
    });
  return id;
}
