/** Options and values that several verbs share. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { parseDuration } from "../duration.ts";
import { CliError } from "../errors.ts";

const portMax = 65_535;
const rateMax = 100_000;

export function traceOption(): Option {
  return new Option(
    "--trace",
    "show each request, upgrade, frame and close on stderr, without secrets",
  );
}

/** `--trace` may stand before every verb, so those without a line of their own must refuse it. */
export function refuseTrace({ trace }: { readonly trace?: boolean }, why: string): void {
  if (trace !== true) return;
  throw new CliError("USAGE", `${why}, so there is nothing to trace.`, {
    help: "--trace shows the wire of demo and of tail --direct.",
  });
}

/** A secret on the command line is refused with a reason, not with "unknown option". */
export function secretOption(name: string): Option {
  return new Option(`--${name} [${name}]`).hideHelp();
}

/** The options of every verb that asks a relay. */
export function addRelayOptions(command: Command): Command {
  return command
    .option("--url <url>", "the relay (default: TRUNKLINE_URL, or http://127.0.0.1:8484)")
    .option("--token-file <file>", "file with the relay's token (default: TRUNKLINE_TOKEN)")
    .addOption(secretOption("token"));
}

export const relayHelp = `
Environment:
  TRUNKLINE_URL     where the relay is
  TRUNKLINE_TOKEN   its token, if it wants one
`;

/** @throws CliError SECRET_ON_COMMAND_LINE */
export function refuseToken({ token }: { readonly token?: unknown }): void {
  if (token === undefined) return;
  throw new CliError("SECRET_ON_COMMAND_LINE", "A token is not taken from the command line.", {
    help: "Every user of the machine can read it there (ps). Put it into TRUNKLINE_TOKEN, or into a file for --token-file.",
  });
}

/** What may stand on the command line of every verb, and belongs to few. */
export interface StrayFlags {
  readonly trace?: boolean;
  readonly token?: unknown;
}

/** What every verb that asks a relay refuses. */
export function refuseForRelay(flags: StrayFlags): void {
  refuseToken(flags);
  refuseTrace(flags, "This asks a relay, and no Genesys Cloud");
}

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

export function wholeNumber(max: number, min = 0): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,15}$/u.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

export const port = wholeNumber(portMax);

export function rate(text: string): number {
  const number = Number(text);
  if (/^\d{1,6}(\.\d{1,6})?$/u.test(text) && number <= rateMax) return number;
  throw new InvalidArgumentError(`Give events per second, from 0 to ${rateMax}.`);
}

export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("Write it as in 500ms, 20s, 2m or 1h; at most a week.");
}
