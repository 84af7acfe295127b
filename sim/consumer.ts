/** The consumer of a simulated world: reads as its habits are, and keeps the books that oracles look at. */
import assert from "node:assert/strict";
import type { Client, ClientEvent, GapEvent } from "@trunkline/client";
import type { Dice, SimClock } from "@trunkline/testkit";
import type { CoverageOracle } from "./coverage.ts";

const second = 1_000;

export interface Heard {
  /** Doubles that were marked as such. */
  marked: number;
  readonly deliveries: Map<string, number>;
  readonly closedGaps: GapEvent[];
  readonly openGaps: Map<string, Set<string>>;
  /** Every gap as it was told when it opened. */
  readonly opened: Map<string, GapEvent>;
  /** Topic key → when it was told to be carried, and when it was no longer wanted, in cloud time. */
  readonly carried: Map<string, { readonly fromMs: number; toMs: number }[]>;
  /** Topic key → the lines that were told to carry it. */
  readonly linesOf: Map<string, Set<number>>;
  /** Topics that the consumer does not want at present. */
  dropped: ReadonlySet<string>;
  /** Topic key → since when the consumer wants it again, in cloud time. */
  readonly wantedSince: Map<string, number>;
  readonly warnings: string[];
  /** How the stream ended: `running`, `ended`, or with what error. */
  end: unknown;
}

/** How the consumer reads: one by one or in batches, at once or with naps. */
interface Habits {
  readonly inBatches: boolean;
  /** Before it reads on. */
  readonly nap: () => Promise<void> | undefined;
  /** No more naps. */
  readonly wake: () => void;
}

export function drawHabits(clock: SimClock, dice: Dice): Habits {
  const inBatches = dice.chance(0.5);
  const waking = new AbortController();
  const napChance = dice.pick([0, 0, 0.003]);
  return {
    inBatches,
    nap: () =>
      waking.signal.aborted || !dice.chance(napChance)
        ? undefined
        : clock.sleep(dice.between(0, 90 * second), waking.signal),
    wake: () => waking.abort(),
  };
}

export function listen({
  client,
  habits,
  oracle,
  cloudMs,
  skewMs,
  say,
}: {
  readonly client: Client;
  readonly habits: Habits;
  readonly oracle: CoverageOracle;
  readonly cloudMs: () => number;
  /** The client's wall clock minus the cloud's. */
  readonly skewMs: number;
  readonly say: (text: string) => void;
}): Heard {
  const heard: Heard = {
    marked: 0,
    deliveries: new Map(),
    closedGaps: [],
    openGaps: new Map(),
    opened: new Map(),
    carried: new Map(),
    linesOf: new Map(),
    dropped: new Set(),
    wantedSince: new Map(),
    warnings: [],
    end: "running",
  };
  const take = (event: ClientEvent): void => {
    if (event.type !== "notification") say(summary(event));
    oracle.take(event);
    switch (event.type) {
      case "notification": {
        const id = event.correlationId ?? "";
        // A double that is marked as one is no surprise to anybody.
        if (event.maybeDuplicate && heard.deliveries.has(id)) {
          heard.marked++;
          return;
        }
        heard.deliveries.set(id, (heard.deliveries.get(id) ?? 0) + 1);
        return;
      }
      case "gap":
        return takeGap(heard, event);
      case "subscribed":
        for (const topic of event.topics) {
          const lines = heard.linesOf.get(topic.toLowerCase()) ?? new Set();
          heard.linesOf.set(topic.toLowerCase(), lines.add(event.line));
          // What the consumer has dropped a moment ago may still be told to be carried, and what it
          // wants again to have been carried before.
          if (heard.dropped.has(topic)) continue;
          const wantedMs = heard.wantedSince.get(topic.toLowerCase()) ?? 0;
          if (event.fromMs - skewMs < wantedMs) continue;
          const spans = heard.carried.get(topic.toLowerCase()) ?? [];
          heard.carried.set(topic.toLowerCase(), spans);
          if (spans.at(-1)?.toMs !== Number.POSITIVE_INFINITY) {
            spans.push({ fromMs: cloudMs(), toMs: Number.POSITIVE_INFINITY });
          }
        }
        return;
      case "rejected":
        throw new assert.AssertionError({ message: `rejected: ${event.topic}, ${event.reason}` });
      case "warning":
        assert.notEqual(event.error.code, "INTERNAL", event.error.stack);
        heard.warnings.push(event.error.code);
        return;
      case "unsubscribed":
      case "proof":
      case "identified":
      case "rotated":
      case "budget":
      case "connected":
      case "disconnected":
      case "trace":
        return;
    }
  };
  const read = async (): Promise<void> => {
    if (habits.inBatches) {
      for await (const batch of client.batches()) {
        for (const event of batch) take(event);
        await habits.nap();
      }
    } else {
      for await (const event of client.events()) {
        take(event);
        await habits.nap();
      }
    }
  };
  void read().then(
    () => (heard.end = "ended"),
    (error: unknown) => (heard.end = error),
  );
  return heard;
}

function summary(event: ClientEvent): string {
  return JSON.stringify(event, (_, value: unknown) =>
    Array.isArray(value) && value.length > 2
      ? `${value.length} items`
      : value instanceof Error
        ? value.message
        : value,
  );
}

function takeGap(heard: Heard, gap: GapEvent): void {
  const keys = gap.topics.map((topic) => topic.toLowerCase());
  if (gap.state === "open") {
    assert.equal(heard.openGaps.has(gap.id), false, `gap ${gap.id} opens once`);
    heard.openGaps.set(gap.id, new Set(keys));
    heard.opened.set(gap.id, gap);
    return;
  }
  const open = heard.openGaps.get(gap.id);
  assert.ok(open, `gap ${gap.id} closes after it opened`);
  for (const key of keys) assert.ok(open.delete(key), `gap ${gap.id} closes for ${key} once`);
  if (open.size === 0) heard.openGaps.delete(gap.id);
  assert.ok(gap.toMs !== undefined && gap.toMs >= gap.fromMs, `gap ${gap.id} runs forward`);
  heard.closedGaps.push(gap);
}
