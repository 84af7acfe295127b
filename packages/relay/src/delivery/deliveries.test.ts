import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import type { SinkConfig } from "../config/config.ts";
import { RelayError } from "../errors.ts";
import type { Sink } from "../sinks/sink.ts";
import { FakeLog } from "../testing/fake-log.ts";
import { MemoryJournal } from "../testing/memory-journal.ts";
import { fileSink } from "../testing/relay-stage.ts";
import { Deliveries } from "./deliveries.ts";

interface Staged {
  readonly journal: MemoryJournal;
  readonly deliveries: Deliveries;
  /** What was done to sinks, as `open archive`. */
  readonly done: string[];
  /** Sinks whose `close` does not come to its end. */
  readonly hanging: Set<string>;
  readonly refused: Set<string>;
  readonly run: (...configs: readonly SinkConfig[]) => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
}

function stage(): Staged {
  const clock = new SimClock(0);
  const journal = new MemoryJournal({ clock });
  const [done, hanging, refused] = [[] as string[], new Set<string>(), new Set<string>()];
  const createSink = ({ name }: SinkConfig): Sink => {
    if (refused.has(name)) throw new RelayError("TEMPLATE_INVALID", "It is wrong.");
    done.push(`create ${name}`);
    return {
      open: async () => void done.push(`open ${name}`),
      write: async () => ({ kind: "written", refused: [] }),
      close: () => {
        done.push(`close ${name}`);
        return hanging.has(name) ? new Promise(() => undefined) : Promise.resolve();
      },
      check: async () => ({ ok: true, detail: name }),
    };
  };
  const log = new FakeLog();
  const deliveries = new Deliveries({ journal, clock, random: () => 0.5, log, createSink });
  const pass = (ms: number): Promise<void> => clock.runUntil(clock.monotonicMs() + ms);
  const run = async (...configs: readonly SinkConfig[]): Promise<void> => {
    const changed = deliveries.prepare(configs)();
    await pass(30_000);
    await changed;
  };
  return { journal, deliveries, done, hanging, refused, run, pass };
}

test("what stays the same goes on undisturbed; what changed is closed before anything new opens", async () => {
  const { deliveries, done, run } = stage();
  await run(fileSink("kept"), fileSink("changed"), fileSink("gone"));
  done.length = 0;
  await run(fileSink("kept"), fileSink("changed", { topics: ["v2.a"] }), fileSink("new"));
  expect(done.slice(0, 2)).toEqual(["create changed", "create new"]);
  expect(done.slice(2, 4).toSorted()).toEqual(["close changed", "close gone"]);
  expect(done.slice(4).toSorted()).toEqual(["open changed", "open new"]);
  expect(deliveries.status().map(({ name, state }) => `${name} ${state}`)).toEqual([
    "kept live",
    "changed live",
    "new live",
  ]);
  expect(deliveries.control("gone")).toBeUndefined();
});

test("what is only prepared changes nothing, and what is refused neither", async () => {
  const { deliveries, done, refused, run, pass } = stage();
  await run(fileSink("kept"));
  done.length = 0;
  deliveries.prepare([fileSink("new")]);
  refused.add("wrong");
  expect(() => deliveries.prepare([fileSink("other"), fileSink("wrong")])).toThrow("It is wrong.");
  await pass(60_000);
  expect(done).toEqual(["create new", "create other"]);
  expect(deliveries.status().map(({ name }) => name)).toEqual(["kept"]);
});

test("who is gone or switched off holds back nothing; who comes back does", async () => {
  const { journal, run } = stage();
  await journal.openConsumer("somebody", 0);
  const held = async (): Promise<readonly string[]> =>
    (await journal.consumers()).filter(({ isEnabled }) => isEnabled).map(({ name }) => name);
  await run(fileSink("a"), fileSink("b"), fileSink("c"));
  expect(await held()).toEqual(["somebody", "sink:a", "sink:b", "sink:c"]);
  await run(fileSink("a"), fileSink("b", { isEnabled: false }));
  expect(await held()).toEqual(["somebody", "sink:a"]);
  await run(fileSink("b"), fileSink("c"));
  expect(await held()).toEqual(["somebody", "sink:b", "sink:c"]);
});

test("a sink that is switched off is there, and can be checked, but does nothing", async () => {
  const { deliveries, done, run } = stage();
  await run(fileSink("off", { isEnabled: false }));
  expect(done).toEqual(["create off"]);
  expect(deliveries.status()).toMatchObject([{ name: "off", type: "file", isEnabled: false }]);
  const outcome = deliveries.control("off")?.check(new AbortController().signal);
  await expect(outcome).resolves.toEqual({ ok: true, detail: "off" });
});

test("a stop in the middle of a change lets nothing new begin", async () => {
  const { deliveries, done, hanging, run, pass } = stage();
  await run(fileSink("old"));
  hanging.add("old");
  const changing = deliveries.prepare([fileSink("new")])();
  await pass(1_000);
  const stopping = deliveries.stop();
  await pass(60_000);
  await Promise.all([changing, stopping]);
  expect(done).not.toContain("open new");
  expect(deliveries.status().map(({ name, state }) => `${name} ${state}`)).toEqual(["old stopped"]);
});
