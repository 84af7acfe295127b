/** `trunkline validate`: a message to the Event API is read as the relay would read it, and everything that is wrong is told. */
import {
  jsonCharactersMax,
  mayHoldSecret,
  readClientMessage,
  type ClientMessage,
  type Complaint,
  type Notice,
  type SubscribeMessage,
} from "@trunkline/events";
import { jsonPaths } from "@trunkline/relay";
import { CliError } from "../errors.ts";
import { palette, type Palette } from "../print/colours.ts";
import { count, printable } from "../print/text.ts";
import { whyOf } from "../settings.ts";
import type { System } from "../system.ts";

export interface ValidateFlags {
  readonly json?: boolean;
}

/** Bytes of a file: a character takes three at most, and one too many shows that it is too long. */
const bytesMax = 4 * jsonCharactersMax;
/** Characters of a line of the file that are shown. */
const shownMax = 100;

/** @throws CliError FILE_UNREADABLE, SUBSCRIPTION_INVALID */
export async function validate(
  file: string,
  { json }: ValidateFlags,
  system: System,
): Promise<void> {
  const text = await read(file, system);
  const { message, notices, complaints } = {
    notices: [],
    ...readClientMessage(text, { jsonPaths }),
  };
  const name = file === "-" ? "stdin" : printable(file);
  const { stdout } = system;
  if (json === true) await stdout.write(`${jsonText(message, notices, complaints)}\n`);
  else {
    const paint = palette(stdout.hasColours);
    const told = [...notices, ...(complaints ?? [])].map((each) =>
      finding(each, { name, text, paint }),
    );
    const verdict =
      message === undefined ? "" : `${paint.good(`${name} is right`)}: ${summary(message)}\n`;
    await stdout.write(told.join("") + verdict);
  }
  if (complaints !== undefined)
    throw new CliError("SUBSCRIPTION_INVALID", `${name} has ${count(complaints.length, "fault")}.`);
}

async function read(file: string, { readText, readInput }: System): Promise<string> {
  if (file === "-") return readInput(bytesMax);
  if (file.trim() === "") throw new CliError("OPTION_EMPTY", "The name of the file is empty.");
  try {
    return readText(file, bytesMax);
  } catch (cause) {
    throw new CliError("FILE_UNREADABLE", `${file} cannot be read${whyOf(cause)}.`, { cause });
  }
}

function jsonText(
  message: ClientMessage | undefined,
  notices: readonly Notice[],
  complaints: readonly Complaint[] | undefined,
): string {
  if (message === undefined) return JSON.stringify({ valid: false, complaints });
  // A token is no business of whoever reads the output.
  const shown = message.kind === "auth" ? { kind: message.kind } : message;
  return JSON.stringify({ valid: true, message: shown, notices });
}

interface Shown {
  readonly name: string;
  readonly text: string;
  readonly paint: Palette;
}

/** As compilers do: the place, what is wrong there, the line with a caret, the remedy. */
function finding(found: Complaint | Notice, { name, text, paint }: Shown): string {
  const { line = 1, column = 1, code, message } = found;
  const isNotice = !("help" in found);
  const label = isNotice
    ? paint.warn(`notice ${code}`)
    : `${paint.bad("error")} ${paint.bold(code)}`;
  const remedy = isNotice ? "" : `  → ${printable(found.help)}\n`;
  return `${paint.subject(`${name}:${line}:${column}`)} ${label}: ${printable(message)}\n${excerpt(text, line, column, paint)}${remedy}`;
}

/** The line of a place and a caret below it; nothing where a secret may stand in the line. */
function excerpt(text: string, line: number, column: number, { dim, bad }: Palette): string {
  const whole = text.split("\n", line)[line - 1]?.trimEnd() ?? "";
  if (whole.trim() === "" || mayHoldSecret(whole)) return "";
  const from = Math.max(0, Math.min(column - 1 - shownMax / 2, whole.length - shownMax));
  const before = from > 0 ? "…" : "";
  const after = from + shownMax < whole.length ? "…" : "";
  const shown = printable(whole.slice(from, from + shownMax).replaceAll("\t", " "));
  const caret = `${" ".repeat(column - 1 - from + before.length)}^`;
  return `    ${dim(`${before}${shown}${after}`)}\n    ${bad(caret)}\n`;
}

const nouns: Readonly<Record<Exclude<ClientMessage["kind"], "subscribe">, string>> = {
  unsubscribe: "a message that ends a subscription",
  auth: "a message with a token",
  keepalive: "a keepalive",
  ping: "a ping",
  ack: "a message that moves the cursor of a consumer",
};

function summary(message: ClientMessage): string {
  return message.kind === "subscribe" ? subscriptionText(message) : `${nouns[message.kind]}.`;
}

function subscriptionText({ subscription, since }: SubscribeMessage): string {
  const { eventTypes, scope, predicates } = subscription;
  const ids = [
    scope.queueIds.length === 0 ? undefined : count(scope.queueIds.length, "queue"),
    scope.userIds.length === 0 ? undefined : count(scope.userIds.length, "user"),
    scope.conversationIds.length === 0
      ? undefined
      : count(scope.conversationIds.length, "conversation"),
    divisionsText(scope.divisions),
  ].filter((part) => part !== undefined);
  const conditions = Object.values(predicates).flat().length;
  return [
    `a subscription to ${eventTypes.join(", ")}`,
    ids.length === 0 ? "" : `; of ${ids.join(", ")}`,
    conditions === 0 ? "" : `; under ${count(conditions, "condition")}`,
    since === undefined ? "" : `; from ${since} on`,
    ".",
  ].join("");
}

function divisionsText(divisions: readonly string[]): string | undefined {
  if (divisions.length === 0) return undefined;
  return divisions.includes("self")
    ? "all that the relay's credential sees"
    : count(divisions.length, "division");
}
