/** The tables of error codes in docs/OPERATING.md and docs/EVENT-API.md, made from the tables in the code. */
import { eventApiErrors, subscriberErrors } from "@trunkline/events";
import { errorCodes, type Retry } from "@trunkline/client";
import { relayErrorCodes, type Recovery } from "@trunkline/relay";

const recoveries: Readonly<Record<Recovery, string>> = {
  retries: "tried again, without end",
  waits: "waits for somebody; the rest goes on",
  ends: "the relay does not start, or ends",
};
const retries: Readonly<Record<Retry, string>> = {
  never: "not by itself",
  backoff: "tried again, with growing pauses",
  after: "tried again after the pause that the service asks for",
};

/** Every code of the relay: what becomes of it, and what to do. */
export function relayCodeTable(): string {
  return codeTable(
    Object.entries(relayErrorCodes).map(([code, { recovery, help }]) => [
      code,
      recoveries[recovery],
      help,
    ]),
  );
}

/** Every code of the line to Genesys Cloud. */
export function lineCodeTable(): string {
  return codeTable(
    Object.entries(errorCodes).map(([code, { retry, help }]) => [code, retries[retry], help]),
  );
}

/** Every code of the Event API: what it means, how it is answered, and what to do. */
export function eventApiTable(): string {
  const rows = Object.entries(eventApiErrors)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { meaning, status, close, help }]) => [
      code,
      escaped(meaning),
      `${status}`,
      close === undefined ? "stays open" : `${close}`,
      escaped(help),
    ]);
  return table(["code", "what it means", "HTTP", "socket", "what to do"], rows);
}

/** Every code that only a subscriber meets. */
export function subscriberTable(): string {
  return codeTable(
    Object.entries(subscriberErrors).map(([code, { retry, help }]) => [
      code,
      retry === "later" ? "tried again" : "the end",
      help,
    ]),
  );
}

function codeTable(rows: readonly (readonly [string, string, string])[]): string {
  const sorted = rows
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, becomes, help]) => [code, becomes, escaped(help)]);
  return table(["code", "what becomes of it", "what to do"], sorted);
}

/** The first cell of a row is a name. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map(([name, ...cells]) => `| ${[`\`${name}\``, ...cells].join(" | ")} |`);
  return [`| ${head.join(" | ")} |`, `|${" - |".repeat(head.length)}`, ...lines].join("\n");
}

/** As text in a cell; what stands between backticks stays as it is. */
export function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/u)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll(/[\\*_<>|]/gu, "\\$&")))
    .join("");
}
