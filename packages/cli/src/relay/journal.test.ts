import { isRelayError, RelayError } from "@trunkline/relay";
import { afterEach, expect, test } from "vitest";
import { CliError } from "../errors.ts";
import { FakeRelay, problem } from "../testing/fake-relay.ts";
import { ManualClock, turn } from "../testing/manual-clock.ts";
import { createStage, type Stage } from "../testing/stage.ts";
import { readJournal, silenceMsMax, type Reading } from "./journal.ts";
import type { JournalLine } from "./lines.ts";
import { createRemote } from "./remote.ts";

const url = "http://relay";
const topic = "v2.users.x.presence";

interface Run {
  readonly relay: FakeRelay;
  readonly clock: ManualClock;
  readonly stage: Stage;
  readonly cursors: readonly string[];
  readonly told: readonly string[];
  readonly done: Promise<unknown>;
}

const stages: Stage[] = [];

afterEach(() => {
  for (const stage of stages.splice(0)) stage.stop("asked");
});

/** A reading whose lines are taken as they come; `done` is what it ended with. */
function start(
  relay: FakeRelay,
  more: Partial<Reading> = {},
  onLines: (lines: readonly JournalLine[]) => Promise<void> | undefined = () => undefined,
): Run {
  const clock = new ManualClock();
  const stage = createStage({ clock, http: relay.door });
  stages.push(stage);
  const cursors: string[] = [];
  const told: string[] = [];
  const reading: Reading = {
    relay: createRemote({ url, token: undefined }, stage.system),
    since: undefined,
    topics: [],
    follow: true,
    withFrames: false,
    onLost: (why) => told.push(`lost: ${why}`),
    onBack: (cursor) => told.push(`back after ${cursor}`),
    ...more,
  };
  const read = async (): Promise<unknown> => {
    try {
      for await (const lines of readJournal(reading, stage.system)) {
        await onLines(lines);
        cursors.push(...lines.map(({ cursor }) => cursor));
      }
      return undefined;
    } catch (error) {
      return error;
    }
  };
  return { relay, clock, stage, cursors, told, done: read() };
}

function relayWith(events: number): FakeRelay {
  const relay = new FakeRelay();
  for (let number = 0; number < events; number++) relay.event(topic, { number });
  return relay;
}

const reset = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

test("from the start, and then what is new", async () => {
  const run = start(relayWith(2), { since: "0" });
  await turn();
  expect(run.cursors).toEqual(["j1-1", "j1-2"]);
  run.relay.event(topic, {});
  await turn();
  expect(run.cursors).toEqual(["j1-1", "j1-2", "j1-3"]);
  expect(run.told).toEqual([]);
});

test("without a cursor only what is new, also where the relay goes away before the first line", async () => {
  const run = start(relayWith(2));
  await turn();
  run.relay.cut();
  run.relay.event(topic, {});
  await run.clock.pass(10_000);
  expect(run.cursors).toEqual(["j1-3"]);
});

test.each(["cut", "end"] as const)(
  "after a %s nothing is lost or comes twice, and it is told",
  async (how) => {
    const run = start(relayWith(2), { since: "0" });
    await turn();
    run.relay[how]();
    run.relay.road = reset;
    await run.clock.pass(5_000);
    run.relay.event(topic, {});
    run.relay.road = undefined;
    await run.clock.pass(10_000);
    run.relay.event(topic, {});
    await turn();
    expect(run.cursors).toEqual(["j1-1", "j1-2", "j1-3", "j1-4"]);
    expect(run.told[0]).toMatch(
      how === "cut" ? /^lost: the connection was cut/u : /^lost: it has/u,
    );
    expect(run.told.at(-1)).toBe("back after j1-2");
  },
);

test("half a line is not taken, and comes whole after the cut", async () => {
  const run = start(relayWith(1), { since: "0" });
  await turn();
  run.relay.say('{"type":"event","cursor":"j1-2","id":"j1-2","to');
  await turn();
  run.relay.cut();
  run.relay.event(topic, {});
  await run.clock.pass(10_000);
  expect(run.cursors).toEqual(["j1-1", "j1-2"]);
});

test("a line that comes in pieces is one line, and empty lines are none", async () => {
  const run = start(new FakeRelay(), { since: "0" });
  await turn();
  for (const piece of ["\n", '{"type":"ev', 'ent","cursor":"j1-1"', ',"x":1}', "\n\n"])
    run.relay.say(piece);
  run.relay.say('{"type":"event","cursor":"j1-2"}\n{"type":"event","cur');
  run.relay.say('sor":"j1-3"}\n');
  await turn();
  expect(run.cursors).toEqual(["j1-1", "j1-2", "j1-3"]);
});

test("the place moves on only when lines were taken", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = start(relayWith(1), { since: "0" }, () => promise);
  await turn();
  const asked = (): string[] =>
    run.relay.requests.map((request) => new URL(request.url).searchParams.get("since") ?? "");
  expect(asked()).toEqual(["0"]);
  run.relay.cut();
  resolve();
  await run.clock.pass(10_000);
  expect(asked()).toEqual(["0", "j1-1"]);
});

test("waits longer from time to time, without end, but not for ever", async () => {
  const run = start(relayWith(0), { since: "0" });
  await turn();
  run.relay.cut();
  run.relay.road = reset;
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    await turn();
    pauses.push(run.clock.nextMs ?? 0);
    await run.clock.pass(run.clock.nextMs ?? 0);
  }
  expect(pauses).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
});

test("what is silent for too long is dead; what is slow to be taken is not", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = start(relayWith(1), { since: "0" }, () => promise);
  await run.clock.pass(3 * silenceMsMax);
  expect(run.told).toEqual([]);
  resolve();
  await run.clock.pass(silenceMsMax - 1);
  run.relay.say("\n");
  await run.clock.pass(silenceMsMax - 1);
  expect(run.told).toEqual([]);
  await run.clock.pass(1);
  expect(run.told).toEqual(["lost: it has said nothing for 45 s"]);
  await run.clock.pass(10_000);
  expect(run.told.at(-1)).toBe("back after j1-1");
  expect(run.relay.streams).toBe(1);
});

test("another journal behind the same address ends it, with a code", async () => {
  const run = start(relayWith(2), { since: "0" });
  await turn();
  run.relay.cut();
  run.relay.replaceJournal("j2");
  run.relay.event(topic, {});
  await run.clock.pass(10_000);
  const error = await run.done;
  expect(isRelayError(error, "CURSOR_FOREIGN")).toBe(true);
  expect(run.cursors).toEqual(["j1-1", "j1-2"]);
});

test("a relay that is busy or stopping is asked again", async () => {
  const run = start(relayWith(1), { since: "0" });
  await turn();
  run.relay.answers.set("GET /admin/entries", {
    status: 503,
    body: problem("TOO_MANY_STREAMS", "Enough."),
  });
  run.relay.cut();
  await run.clock.pass(5_000);
  expect(run.told.at(-1)).toMatch(/^lost: .*TOO_MANY_STREAMS: Enough$/u);
  run.relay.answers.clear();
  run.relay.event(topic, {});
  await run.clock.pass(10_000);
  expect(run.cursors).toEqual(["j1-1", "j1-2"]);
});

test.each([
  ["nothing there", (relay: FakeRelay) => (relay.road = reset), "RELAY_UNREACHABLE"],
  [
    "something else there",
    (relay: FakeRelay) => relay.answers.set("GET /admin/entries", { status: 404, body: "<html>" }),
    "NOT_A_RELAY",
  ],
  [
    "a relay that wants a token",
    (relay: FakeRelay) =>
      relay.answers.set("GET /admin/entries", {
        status: 401,
        body: problem("TOKEN_REQUIRED", "x"),
      }),
    "TOKEN_MISSING",
  ],
  [
    "a relay that is full",
    (relay: FakeRelay) =>
      relay.answers.set("GET /admin/entries", { status: 503, body: problem("FULL", "x") }),
    "RELAY_REFUSED",
  ],
  [
    "lines that are none",
    (relay: FakeRelay) => relay.answers.set("GET /admin/entries", { status: 200, body: "hello\n" }),
    "NOT_A_RELAY",
  ],
])("at the start %s ends it at once", async (_, prepare, code) => {
  const relay = relayWith(1);
  prepare(relay);
  const error = await start(relay, { since: "0" }).done;
  expect(error).toBeInstanceOf(CliError);
  expect((error as CliError).code).toBe(code);
});

test("a cursor that the relay refuses is told in its words", async () => {
  const error = await start(relayWith(1), { since: "other-5" }).done;
  expect(error).toBeInstanceOf(RelayError);
  expect(error).toMatchObject({ code: "CURSOR_FOREIGN", help: "Do this." });
});

test("it ends when the program is to end, whatever it waits for", async () => {
  const idle = start(relayWith(1), { since: "0" });
  await turn();
  idle.stage.stop("asked");
  expect(await idle.done).toBeUndefined();
  expect(idle.told).toEqual([]);
  const away = start(relayWith(1), { since: "0" });
  await turn();
  away.relay.cut();
  await turn();
  away.stage.stop("asked");
  expect(await away.done).toBeUndefined();
});

test("topics and frames are asked for", async () => {
  const run = start(relayWith(1), { since: "0", topics: ["v2.a", "v2.b"], withFrames: true });
  await turn();
  const query = new URL(run.relay.requests.at(-1)?.url ?? "").searchParams;
  expect(query.getAll("topic")).toEqual(["v2.a", "v2.b"]);
  expect(query.get("format")).toBe("frames");
});

test("the token goes along", async () => {
  const relay = relayWith(0);
  const { system } = createStage({ http: relay.door });
  await createRemote({ url, token: "hush-hush" }, system).ask("/admin/journal");
  expect(relay.requests[0]?.headers["authorization"]).toBe("Bearer hush-hush");
});

/** To the head, and no further. */
const once: Partial<Reading> = { since: "0", follow: false };

test("without follow it ends at the head", async () => {
  const run = start(relayWith(3), once);
  expect(await run.done).toBeUndefined();
  expect(run.cursors).toEqual(["j1-1", "j1-2", "j1-3"]);
  const empty = start(relayWith(0), once);
  expect(await empty.done).toBeUndefined();
});

test("without follow an answer that ends before the head is followed by another", async () => {
  const relay = relayWith(5);
  relay.stopsAfter = 2;
  const run = start(relay, once);
  expect(await run.done).toBeUndefined();
  expect(run.cursors).toEqual(["j1-1", "j1-2", "j1-3", "j1-4", "j1-5"]);
});

test("without follow a relay that goes away is an error, which says how to go on", async () => {
  const relay = relayWith(5);
  relay.stopsAfter = 2;
  const run = start(relay, once, () => {
    relay.road = reset;
    return undefined;
  });
  expect(await run.done).toMatchObject({ code: "RELAY_LOST" });
  expect(((await run.done) as CliError).help).toMatch(/--since j1-2$/u);
});
