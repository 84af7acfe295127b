/** Where to connect and as whom: from the command line first, then from the environment. Strict, so that nothing is guessed. */
import { CliError } from "./errors.ts";
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

/** The longest secret file that is read. */
const secretCharactersMax = 4_096;

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

interface Value {
  readonly text: string;
  /** The option, variable or file that it came from. */
  readonly source: string;
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

/** A password in the URL is not repeated. */
function whyNoUrl(baseUrl: string): string | undefined {
  const url = URL.parse(baseUrl);
  if (url === null) return `"${baseUrl}" is not a URL`;
  if (url.username !== "" || url.password !== "") return "has a user or password in it";
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `"${baseUrl}" does not begin with http:// or https://`;
  if (url.search !== "" || url.hash !== "") return `"${baseUrl}" has a query or fragment`;
  return undefined;
}

function resolveCredentials(
  { clientId, clientSecretFile }: ConnectionFlags,
  system: System,
): Connection["credentials"] {
  const { env } = system;
  const idFlag =
    clientId === undefined ? undefined : checkId({ text: clientId, source: "--client-id" });
  const secretFlag =
    clientSecretFile === undefined ? undefined : readSecretFile(clientSecretFile, system);
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

/** A variable that is set but useless is an error, since whoever set it believes that it counts. */
function variable(
  env: System["env"],
  name: string,
  { mayHaveSpace = false }: { readonly mayHaveSpace?: boolean } = {},
): Value | undefined {
  const text = env[name];
  if (text === undefined) return undefined;
  if (text.trim() === "") throw new CliError("VARIABLE_INVALID", `${name} is set, but empty.`);
  if (!mayHaveSpace && /\s/u.test(text)) {
    throw new CliError("VARIABLE_INVALID", `${name} has ${describeSpace(text)}.`, {
      help: `Set ${name} to the bare value. A line end comes from reading a file with one: use "$(cat FILE)" or --client-secret-file.`,
    });
  }
  return { text, source: name };
}

function checkId(id: Value): Value {
  if (id.text.trim() === "") throw new CliError("OPTION_EMPTY", `${id.source} is empty.`);
  if (/\s/u.test(id.text))
    throw new CliError("USAGE", `${id.source} has ${describeSpace(id.text)}.`, {
      help: "Give the bare client id.",
    });
  return id;
}

function describeSpace(text: string): string {
  const what = /[\r\n]/u.test(text) ? "a line end" : "white space";
  return `${what} ${text.trimEnd() === text ? "in it" : "at its end"}`;
}

function readSecretFile(path: string, { readText }: System): Value {
  if (path === "") throw new CliError("OPTION_EMPTY", "--client-secret-file is empty.");
  let text: string;
  try {
    text = readText(path, secretCharactersMax + 1);
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    const why = typeof code === "string" ? ` (${code})` : "";
    throw new CliError("SECRET_FILE_UNREADABLE", `${path} cannot be read${why}.`, { cause });
  }
  if (text.length > secretCharactersMax)
    throw new CliError(
      "SECRET_FILE_INVALID",
      `${path} is longer than ${secretCharactersMax} characters.`,
    );
  const secret = text.replace(/\r?\n$/u, "");
  if (secret.trim() === "") throw new CliError("SECRET_FILE_INVALID", `${path} is empty.`);
  if (/\s/u.test(secret))
    throw new CliError("SECRET_FILE_INVALID", `${path} has ${describeSpace(secret)}.`);
  return { text: secret, source: "--client-secret-file" };
}
