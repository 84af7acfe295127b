/** Whether the ledger tells the truth about a socket: what came over the wire, against what it says was sent. */
import type { LedgerEntry } from "../cloud/ledger.ts";

/** A frame as it left a transport, or as it reached a client. */
export interface WireFrame {
  readonly text: string;
  /** When it left; the oracle compares instants where every frame has one. */
  readonly atMs?: number;
}

export interface OracleOptions {
  /** Events may come in another order than the ledger has them in. @default false */
  readonly reordered?: boolean;
  /** Frames that the test itself had sent, and that are no events. @default none */
  readonly isForeign?: (text: string) => boolean;
}

/**
 * The first difference between what each socket received and the deliveries of that socket in the ledger, or undefined
 * when they agree exactly: every event that was sent, as often as it was sent, with its body, in order, and nothing else.
 * An event that was cut short counts as garbled. A body that the ledger does not keep is taken on trust.
 */
export function disagreement(
  received: ReadonlyMap<number, readonly WireFrame[]>,
  entries: readonly LedgerEntry[],
  options: OracleOptions = {},
): string | undefined {
  const told = new Map<number, Told[]>();
  const bodiless = new Set<string>();
  for (const { topic, correlationId, body, atMs, deliveries } of entries) {
    const fields = deliveries.some(({ outcome }) => outcome === "sent") ? fieldsOf(body) : "";
    for (const delivery of deliveries) {
      const { socketId, outcome, copies = 1, sentAtMs = atMs } = delivery;
      if (socketId === undefined) continue;
      if (outcome === "held") return `socket ${socketId}: ${topic} ${correlationId} is still held`;
      if (outcome !== "sent" && outcome !== "garbled") continue;
      const id = delivery.correlationId ?? correlationId;
      if (body === undefined) bodiless.add(id);
      const event = outcome === "garbled" ? outcome : `${topic} ${id} ${fields}`;
      const list = told.get(socketId) ?? [];
      told.set(socketId, list);
      for (let copy = 0; copy < copies; copy += 1) list.push({ event, atMs: sentAtMs });
    }
  }
  for (const socketId of new Set([...received.keys(), ...told.keys()])) {
    const heard: Told[] = [];
    for (const { text, atMs } of received.get(socketId) ?? []) {
      const event = options.isForeign?.(text) === true ? undefined : eventOf(text, bodiless);
      if (event !== undefined) heard.push({ event, atMs });
    }
    const difference = firstDifference(heard, told.get(socketId) ?? [], options.reordered === true);
    if (difference !== undefined) return `socket ${socketId}, ${difference}`;
  }
  return undefined;
}

interface Told {
  readonly event: string;
  readonly atMs: number | undefined;
}

/** One line for an event; undefined for what the service says by itself: heartbeats, pongs, answers, notices. */
function eventOf(text: string, bodiless: ReadonlySet<string>): string | undefined {
  let frame: {
    readonly topicName?: string;
    readonly eventBody?: object;
    readonly metadata?: { readonly CorrelationId: string };
  };
  try {
    frame = JSON.parse(text) as typeof frame;
  } catch {
    return "garbled";
  }
  const { topicName, eventBody = {}, metadata } = frame;
  if (topicName === undefined || /^(?:channel\.|v2\.system\.)/u.test(topicName)) return undefined;
  const id = metadata?.CorrelationId ?? "";
  return `${topicName} ${id} ${bodiless.has(id) ? "" : sorted(eventBody)}`;
}

function fieldsOf(body: string | undefined): string {
  return body === undefined ? "" : sorted(JSON.parse(body) as object);
}

/** The order of the fields of the body is not compared: two channels may differ in it. */
function sorted(body: object): string {
  const fields = Object.entries(body).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(fields);
}

function firstDifference(
  heard: readonly Told[],
  told: readonly Told[],
  reordered: boolean,
): string | undefined {
  const lines = (list: readonly Told[]): readonly string[] => {
    const timed = heard.every(({ atMs }) => atMs !== undefined);
    const all = list.map(({ event, atMs }) => (timed ? `${event} at ${atMs}` : event));
    return reordered ? all.sort() : all;
  };
  const [got, expected] = [lines(heard), lines(told)];
  for (let index = 0; index < Math.max(got.length, expected.length); index += 1) {
    if (got[index] !== expected[index])
      return `event ${index + 1}: received ${got[index]}, but the ledger has ${expected[index]}`;
  }
  return undefined;
}
