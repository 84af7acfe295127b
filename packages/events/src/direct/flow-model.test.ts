/** Whatever happens on the way, and however the reader rests: each event once, in order, or in a gap that is told before the next. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { GapMessage } from "../server-messages.ts";
import { DirectStage } from "./testing/direct-stage.ts";
import { uuid } from "./testing/client-events.ts";

const numRuns = 60 * Number(process.env["FC_RUNS_FACTOR"] ?? 1);
/** Bounds of gaps are whole milliseconds; simulated instants are not. */
const roundingMs = 1;

const users = [1, 2, 3].map(uuid);
const topics = users.map((id) => `v2.users.${id}.presence`);

const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ emit: fc.nat(2), times: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 3, arbitrary: fc.constantFrom("cut", "close", "evict", "pause", "resume") },
  // A reader that sleeps while much comes: some of it is dropped.
  { weight: 1, arbitrary: fc.constant({ emit: 0, times: 20, sleepMs: 30_000 }) },
  { weight: 4, arbitrary: fc.record({ passMs: fc.constantFrom(5, 15, 40, 900, 30_000) }) },
);

interface Emitted {
  readonly topic: string;
  readonly atMs: number;
}

class World {
  readonly stage = new DirectStage({ bufferEventsMax: 4 });
  /** The nth has the number n in it. */
  readonly emitted: Emitted[] = [];

  emit(topic = ""): void {
    this.emitted.push({ topic, atMs: this.stage.clock.wallMs() });
    this.stage.cloud.emit(topic, { number: this.emitted.length });
  }

  do(what: "cut" | "close" | "evict" | "pause" | "resume"): void {
    const { cloud, flow } = this.stage;
    if (what === "pause" || what === "resume") return flow[what]();
    for (const socket of cloud.sockets) {
      if (what === "evict") cloud.channels.delete(socket.channelId);
      if (what === "close") socket.lose({ kind: "closed", code: 1011, reason: "" });
      else socket.lose();
    }
  }

  /** What was emitted and never came, with the gaps that were told before the next event of its topic. */
  lost(): readonly { readonly event: Emitted; readonly gaps: readonly GapMessage[] }[] {
    const { told } = this.stage;
    const places = new Map<number, number>();
    for (const [index, one] of told.entries())
      if (one.type === "event") places.set((one.data as { readonly number: number }).number, index);
    return this.emitted.flatMap((event, index) => {
      if (places.has(index + 1)) return [];
      const isNext = ([number]: readonly [number, number]): boolean =>
        number > index + 1 && this.emitted[number - 1]?.topic === event.topic;
      const end = Math.min(...[...places].filter(isNext).map(([, place]) => place));
      return [{ event, gaps: told.slice(0, end).filter((one) => one.type === "gap") }];
    });
  }

  /** When a gap ended for a topic, told before or after. */
  isIn(gap: GapMessage, { topic, atMs }: Emitted): boolean {
    if (!gap.topics.includes(topic) || atMs < Date.parse(gap.from) - roundingMs) return false;
    const end = this.stage
      .of("gap")
      .find(({ id, to, topics: of }) => id === gap.id && to !== null && of.includes(topic))?.to;
    return end === undefined || end === null || atMs <= Date.parse(end) + roundingMs;
  }
}

test("nothing is lost in silence, comes twice, or out of order", async () => {
  const sums = { came: 0, lost: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
      const world = new World();
      const { stage } = world;
      stage.open({ eventTypes: ["user:presence"], filters: { userId: users } });
      for (const one of acts) {
        if (typeof one === "string") world.do(one);
        else if ("passMs" in one) await stage.pass(one.passMs);
        else {
          if ("sleepMs" in one) stage.flow.pause();
          for (let time = 0; time < one.times; time++) world.emit(topics[one.emit]);
          if ("sleepMs" in one) await stage.pass(one.sleepMs);
          if ("sleepMs" in one) stage.flow.resume();
        }
      }
      stage.flow.resume();
      await stage.pass(600_000);
      for (const topic of topics) world.emit(topic);
      await stage.pass(10_000);
      stage.flow.close();

      expect(stage.of("failed").filter(({ retryInMs }) => retryInMs === undefined)).toEqual([]);
      for (const topic of topics) {
        const numbers = stage
          .of("event")
          .filter((event) => event.topic === topic)
          .map(({ data }) => (data as { readonly number: number }).number);
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
        // The last one of all came: it is whole again.
        expect(numbers.at(-1)).toBeGreaterThan(world.emitted.length - topics.length);
      }
      const lost = world.lost();
      const silent = lost.filter(({ event, gaps }) => !gaps.some((gap) => world.isIn(gap, event)));
      expect(silent.map(({ event }) => event)).toEqual([]);
      sums.came += stage.of("event").length;
      sums.lost += lost.length;
    }),
    { numRuns },
  );
  expect(Math.min(sums.came, sums.lost)).toBeGreaterThan(0);
});
