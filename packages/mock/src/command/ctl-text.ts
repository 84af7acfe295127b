/** What `ctl` shows to people: short lines, a thing each. */
import type { ChannelView, CloudState, SocketView } from "../cloud/contract.ts";
import type { FaultReceipt, StandingFault } from "../cloud/faults.ts";
import type { HistoryEntry, LedgerEntry } from "../cloud/ledger.ts";
import type { ScenarioStatus } from "../scenario/scenario.ts";
import { faultDescriptions } from "../server/fault-schema.ts";

/** Characters of a line of help beside a margin. */
const helpWidth = 80;

/** Answers of the control API. */
export interface Shown {
  readonly state: CloudState & {
    readonly speed: number;
    readonly faults: readonly StandingFault[];
    readonly scenario: ScenarioStatus;
  };
  readonly channels: { readonly channels: readonly ChannelView[] };
  readonly sockets: { readonly sockets: readonly SocketView[] };
  readonly faults: { readonly faults: readonly StandingFault[] };
  readonly receipt: FaultReceipt;
  readonly history: { readonly history: readonly HistoryEntry[] };
  readonly scenario: ScenarioStatus;
}

/** Strangers wrote topics and reasons; nothing in them may steer a terminal. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, "·");
}

function time(atMs: number): string {
  return new Date(atMs).toISOString();
}

function lines(items: readonly string[], none: string): string {
  return items.length === 0 ? `${none}\n` : items.map((item) => `${printable(item)}\n`).join("");
}

export function stateText(state: Shown["state"]): string {
  const { nowMs, speed, clients, channels, sockets, faults, scenario, eventsEmitted } = state;
  const rows: readonly (readonly [string, string])[] = [
    ["clock", `${time(nowMs)}${speed === 1 ? "" : `, ${speed} times as fast`}`],
    ["events", `${eventsEmitted} emitted`],
    ...clients.map(
      (client) =>
        [
          "client",
          `${client.clientId} ${client.state}: tokens ${client.liveTokens}, channels ${client.channels}, requests ${client.requests}`,
        ] as const,
    ),
    ["channels", `${channels.length}`],
    ["sockets", `${sockets.length}`],
    ["faults", faults.length === 0 ? "none" : faults.map(({ fault }) => fault).join(", ")],
    ["scenario", scenarioText(scenario).trimEnd()],
  ];
  return rows.map(([name, text]) => `${name.padEnd(10)}${printable(text)}\n`).join("");
}

export function channelsText({ channels }: Shown["channels"]): string {
  return lines(
    channels.map(
      ({ channelId, clientId, topics, socketIds, expiresAtMs }) =>
        `${channelId}  client ${clientId}  topics ${topics}  sockets ${socketIds.join(",") || "none"}  expires ${time(expiresAtMs)}`,
    ),
    "There is no channel.",
  );
}

export function socketsText({ sockets }: Shown["sockets"]): string {
  return lines(
    sockets.map(
      ({ socketId, channelId, openedAtMs, framesSent, closesAtMs, silenced }) =>
        `${socketId}  ${channelId}  opened ${time(openedAtMs)}  frames ${framesSent}${silenced ? "  silenced" : ""}${closesAtMs === undefined ? "" : `  closes ${time(closesAtMs)}`}`,
    ),
    "There is no open socket.",
  );
}

export function topicsText({ topics }: { readonly topics: readonly string[] }): string {
  return lines(topics, "No topic is lively.");
}

export function faultsText({ faults }: Shown["faults"]): string {
  return lines(
    faults.map(({ id, fault, struck, ...fields }) => {
      const told = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`);
      return [`${id}`, fault, ...told, `struck ${struck}`].join("  ");
    }),
    "No fault stands.",
  );
}

export function historyText({ history }: Shown["history"]): string {
  return lines(
    history.map(({ sequence, atMs, what, clientId, channelId, socketId, detail }) =>
      [
        `${sequence}  ${time(atMs)}  ${what}`,
        ...(socketId === undefined ? [] : [`socket ${socketId}`]),
        ...(channelId === undefined ? [] : [channelId]),
        ...(clientId === undefined ? [] : [`client ${clientId}`]),
        ...(detail === undefined ? [] : [detail]),
      ].join("  "),
    ),
    "Nothing has happened.",
  );
}

export function entryLine({ sequence, atMs, topic, deliveries }: LedgerEntry): string {
  const went = deliveries.map(({ channelId, socketId, outcome }) =>
    socketId === undefined ? `${channelId} ${outcome}` : `socket ${socketId} ${outcome}`,
  );
  const to = went.length === 0 ? "nobody has the topic" : went.join(", ");
  return `${printable(`${sequence}  ${time(atMs)}  ${topic}  ${to}`)}\n`;
}

export function scenarioText({ state, name, nextAtMs, done, missed }: ScenarioStatus): string {
  if (state === "none") return "No scenario.\n";
  const when = {
    waiting: "waits for the first client",
    running: `next at ${time(nextAtMs ?? 0)}`,
    done: "is over",
  }[state];
  return `${name ?? ""} ${when}; done ${done}, missed ${missed}\n`;
}

/** All faults with their fields, made of what reads them. */
export function faultHelp(name: string): string {
  const rows = Object.entries(faultDescriptions).map(([fault, { text, fields }]) => {
    const told = Object.entries(fields).map(([field, { required }]) =>
      required ? field : `[${field}]`,
    );
    return `  ${fault.padEnd(16)}${told.join(" ")}`.trimEnd() + `\n${folded(text)}`;
  });
  return `Faults, and their fields (those in brackets may be left out):
${rows.join("")}
Examples:
  ${name} inject silence
  ${name} inject closeSockets code=1008 channelId=<id>
  ${name} inject failRequests status=429 retryAfterSeconds=5 count=1
`;
}

/** In lines that fit below a name. */
function folded(text: string): string {
  return text
    .split(" ")
    .reduce<string[]>((rows, word) => {
      const last = rows.at(-1);
      if (last === undefined || last.length + word.length >= helpWidth) return [...rows, word];
      return [...rows.slice(0, -1), `${last} ${word}`];
    }, [])
    .map((row) => `${" ".repeat(18)}${row}\n`)
    .join("");
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
