/** `trunkline clients`: who may have tokens of the relay's Event API, written into its configuration. */
import {
  addClient as addTo,
  hashClientSecret,
  listClients as listIn,
  objectionsToClient,
  RelayError,
  removeClient as removeFrom,
  type WrittenClient,
} from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { palette } from "../print/colours.ts";
import { table } from "../print/table.ts";
import { whyOf } from "../settings.ts";
import { configFileDefault } from "./run-config.ts";

export interface ClientFlags {
  readonly config?: string;
  readonly json?: boolean;
}

export interface AddFlags extends ClientFlags {
  readonly scope?: readonly string[];
  readonly eventType?: readonly string[];
}

/** Grants to connect, and to read everything. */
const scopeDefault = "analytics:events:read";
/** The largest file that is read; a relay reads no more either. */
const fileCharactersMax = 4_000_000;

/** @throws CliError CLIENT_INVALID, CLIENT_EXISTS, FILE_UNWRITABLE; RelayError CONFIG_MISSING, CONFIG_INVALID */
export async function addClient(
  name: string,
  flags: AddFlags,
  system: ConcealingSystem,
): Promise<void> {
  const { scope: scopes = [scopeDefault], eventType: eventTypes = [] } = flags;
  const [objection] = objectionsToClient({ id: name, scopes, eventTypes });
  if (objection !== undefined)
    throw new CliError("CLIENT_INVALID", `${objection.message}.`, { help: objection.help });
  const { path, text } = readConfig(flags, system);
  if (listIn(text, path).some(({ id }) => id === name))
    throw new CliError("CLIENT_EXISTS", `There is a client ${name} in ${path} already.`);
  const secret = system.newSecret();
  const client = { id: name, secretHash: hashClientSecret(secret), scopes, eventTypes };
  write(path, addTo(text, path, client), system);
  const { stdout } = system;
  if (flags.json === true) {
    const kept = eventTypes.length === 0 ? {} : { eventTypes };
    await stdout.write(`${JSON.stringify({ id: name, secret, scopes, ...kept })}\n`);
    return;
  }
  const { bold, dim } = palette(stdout.hasColours);
  const reads = eventTypes.length === 0 ? "all that its scopes grant" : eventTypes.join(", ");
  await stdout.write(`${bold(name)} is in ${path}.

  client id      ${name}
  client secret  ${bold(secret)}  ${dim("shown this once: the file has only its hash")}
  scopes         ${scopes.join(", ")}
  event types    ${reads}

Next:
  1. Have a running relay take it over:   ${system.commandName} reload
  2. Get a token; curl asks for the secret:
       curl --user ${name} -d grant_type=client_credentials http://127.0.0.1:8484/oauth/token
`);
}

/** @throws RelayError CONFIG_MISSING, CONFIG_INVALID */
export async function listClients(flags: ClientFlags, system: ConcealingSystem): Promise<void> {
  const { path, text } = readConfig(flags, system);
  const clients = listIn(text, path);
  const { stdout } = system;
  await stdout.write(
    flags.json === true
      ? clients.map((client) => `${JSON.stringify(client)}\n`).join("")
      : clientsText(clients, path, system),
  );
}

/** @throws CliError CLIENT_UNKNOWN, FILE_UNWRITABLE; RelayError CONFIG_MISSING, CONFIG_INVALID */
export async function removeClient(
  id: string,
  flags: ClientFlags,
  system: ConcealingSystem,
): Promise<void> {
  const { path, text } = readConfig(flags, system);
  const removed = removeFrom(text, path, id);
  if (removed === undefined) {
    const ids = listIn(text, path).map((client) => client.id);
    const known = ids.length === 0 ? "It has none." : `It has ${ids.join(", ")}.`;
    throw new CliError(
      "CLIENT_UNKNOWN",
      `There is no client ${JSON.stringify(id)} in ${path}. ${known}`,
    );
  }
  write(path, removed, system);
  await system.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ removed: id })}\n`
      : `${id} is no longer in ${path}. Its tokens end when a running relay takes that over: ${system.commandName} reload\n`,
  );
}

interface ConfigText {
  readonly path: string;
  readonly text: string;
}

function readConfig(
  { config = configFileDefault }: ClientFlags,
  system: ConcealingSystem,
): ConfigText {
  if (config.trim() === "") throw new CliError("OPTION_EMPTY", "--config is empty.");
  let text: string;
  try {
    text = system.readText(config, fileCharactersMax + 1);
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "ENOENT")
      throw new RelayError("CONFIG_MISSING", `There is no file ${config}.`, {
        cause,
        help: "Make one with `trunkline init`, or name yours with -c FILE.",
      });
    throw new RelayError("CONFIG_UNREADABLE", `${config} cannot be read${whyOf(cause)}.`, {
      cause,
    });
  }
  if (text.length <= fileCharactersMax) return { path: config, text };
  throw new RelayError(
    "CONFIG_UNREADABLE",
    `${config} has more than ${fileCharactersMax} characters.`,
    { help: "A configuration is not so large: is this the right file?" },
  );
}

/** In place, so that its owner, its rights and links to it stay. */
function write(path: string, text: string, { writeText }: ConcealingSystem): void {
  try {
    writeText(path, text, "overwrite");
  } catch (cause) {
    throw new CliError("FILE_UNWRITABLE", `${path} cannot be written${whyOf(cause)}.`, { cause });
  }
}

function clientsText(
  clients: readonly WrittenClient[],
  path: string,
  { stdout, commandName }: ConcealingSystem,
): string {
  if (clients.length === 0)
    return `There are no clients in ${path}. Make one: ${commandName} clients add NAME\n`;
  const { bold } = palette(stdout.hasColours);
  const columns = ["CLIENT", "SCOPES", "EVENT TYPES", "TRUNKS", "GENESYS CLIENT"];
  const rows = clients.map(({ id, scopes, eventTypes, trunks, genesysClientId }) =>
    [
      id,
      scopes.join(", "),
      eventTypes?.join(", ") ?? "all",
      trunks?.join(", ") ?? "all",
      genesysClientId ?? "",
    ].map((text) => ({ text })),
  );
  return table(
    columns.map((title) => ({ title })),
    rows,
    bold,
  );
}
