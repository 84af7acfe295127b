/**
 * The ledger against real sockets, under faults, by seeds: what it says of a socket is what the socket received. And the
 * same seed and instant give the same world, in whatever process. `SEEDS` worlds.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import type { LedgerEntry } from "@trunkline/mock";
import { disagreement } from "../packages/mock/src/testing/oracle.ts";
import { foreign, Storm, type Ear } from "./ledger-storm.ts";
import { worldPrint } from "./world-print.ts";

const seeds = Number(process.env["SEEDS"] ?? 6);
const first = Number(process.env["FIRST_SEED"] ?? 1);

/** The deliveries of some sockets only. */
function entriesOf(entries: readonly LedgerEntry[], ids: ReadonlySet<number>): LedgerEntry[] {
  return entries.map((entry) => ({
    ...entry,
    deliveries: entry.deliveries.filter(({ socketId }) => ids.has(socketId ?? 0)),
  }));
}

/** An event that a socket got and that the ledger did not send it, or not so often; frames that were cut short aside. */
function unsent({ frames, socketId }: Ear, entries: readonly LedgerEntry[]): string | undefined {
  const due = new Map<string, number>();
  for (const { topic, correlationId, deliveries } of entries)
    for (const delivery of deliveries) {
      if (delivery.socketId !== socketId || delivery.outcome !== "sent") continue;
      const key = `${topic} ${delivery.correlationId ?? correlationId}`;
      due.set(key, (due.get(key) ?? 0) + (delivery.copies ?? 1));
    }
  for (const { text } of frames) {
    const key = keyOf(text);
    if (key === undefined) continue;
    const left = due.get(key) ?? 0;
    if (left === 0) return key;
    due.set(key, left - 1);
  }
  return undefined;
}

function keyOf(text: string): string | undefined {
  try {
    const frame = JSON.parse(text) as {
      readonly topicName?: string;
      readonly metadata?: { readonly CorrelationId: string };
    };
    const { topicName = "channel.", metadata } = frame;
    if (/^(?:channel\.|v2\.system\.)/u.test(topicName)) return undefined;
    return `${topicName} ${metadata?.CorrelationId}`;
  } catch {
    return undefined;
  }
}

test(
  `the ledger is what the sockets received, in ${seeds} storms from seed ${first}`,
  async () => {
    const outcomes = new Set<string>();
    let compared = 0;
    for (let seed = first; seed < first + seeds; seed++) {
      const storm = await Storm.play(seed);
      const { mock, ears, reordered } = storm;
      const { entries, forgotten } = mock.cloud.ledger.query();
      expect({ seed, forgotten }).toEqual({ seed, forgotten: 0 });
      const whole = ears.filter(({ cut }) => !cut);
      const received = new Map(whole.map(({ socketId, frames }) => [socketId, frames]));
      const ids = new Set(received.keys());
      const difference = disagreement(received, entriesOf(entries, ids), {
        reordered,
        isForeign: (text) => text === foreign,
      });
      expect({ seed, difference }).toEqual({ seed, difference: undefined });
      for (const ear of ears)
        expect({ seed, unsent: unsent(ear, entries) }).toEqual({ seed, unsent: undefined });
      for (const { frames } of whole) compared += frames.length;
      for (const { deliveries } of entries)
        for (const { outcome } of deliveries) outcomes.add(outcome);
      await storm.close();
    }
    expect(compared).toBeGreaterThan(seeds * 200);
    for (const outcome of ["sent", "silenced", "dropped", "garbled", "no-socket"])
      expect(outcomes).toContain(outcome);
  },
  seeds * 10_000 + 60_000,
);

test(
  "the same seed and instant are the same world byte for byte in another process",
  async () => {
    const child = fork(new URL("world-print.ts", import.meta.url), [String(first), String(seeds)], {
      execArgv: ["--conditions=@trunkline/source"],
    });
    const [theirs] = (await once(child, "message")) as [readonly string[]];
    const ours = Array.from({ length: seeds }, (_, index) => worldPrint(first + index));
    expect(ours).toEqual(theirs);
    expect(new Set(ours).size).toBe(seeds);
  },
  seeds * 10_000 + 60_000,
);
