/** Where the relay is and with which token: from the command line first, then from the environment. */
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { readSecretFile, variable, whyNoUrl } from "../settings.ts";

/** Where a relay listens that was started with nothing else said. */
export const relayUrlDefault = "http://127.0.0.1:8484";

export interface AddressFlags {
  readonly url?: string;
  readonly tokenFile?: string;
}

export interface Address {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** From then on stderr keeps the token. @throws CliError RELAY_URL_INVALID, VARIABLE_INVALID, SECRET_FILE_… */
export function resolveAddress(flags: AddressFlags, system: ConcealingSystem): Address {
  const { env } = system;
  const given =
    flags.url === undefined ? variable(env, "TRUNKLINE_URL") : { text: flags.url, source: "--url" };
  const { text, source } = given ?? { text: relayUrlDefault, source: "" };
  const why = whyNoUrl(text);
  if (why !== undefined) throw new CliError("RELAY_URL_INVALID", `${source} ${why}.`);
  const token =
    flags.tokenFile === undefined
      ? variable(env, "TRUNKLINE_TOKEN")
      : readSecretFile("--token-file", flags.tokenFile, system);
  if (token !== undefined) system.stderr.hide(token.text, "token");
  return { url: text.replace(/\/+$/u, ""), token: token?.text };
}
