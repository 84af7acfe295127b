import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientEvent, NotificationEvent } from "./events.ts";
import { batchEventsMax, Outbox } from "./outbox.ts";

function notification(number: number): NotificationEvent {
  return {
    type: "notification",
    topic: `v2.number.${number}`,
    body: number,
    correlationId: undefined,
    raw: "",
    receivedAtMs: 0,
    line: 1,
    maybeDuplicate: false,
  };
}

const connected: ClientEvent = { type: "connected", line: 1, channel: "c", topics: 1, sessions: 1 };

function stage(eventsMax: number): { outbox: Outbox; told: string[] } {
  const told: string[] = [];
  const outbox: Outbox = new Outbox(eventsMax, {
    full: () => told.push("full"),
    drained: () => told.push("drained"),
  });
  return { outbox, told };
}

async function bodyOf(outbox: Outbox): Promise<unknown> {
  const { value } = await outbox.next();
  return value?.type === "notification" ? value.body : value?.type;
}

async function batchOf(outbox: Outbox): Promise<readonly unknown[] | undefined> {
  const { value } = await outbox.nextBatch();
  return value?.map((event) => (event.type === "notification" ? event.body : event.type));
}

describe("order", () => {
  test("is that of the events, of whatever kind", async () => {
    const { outbox } = stage(100);
    outbox.offer(notification(1));
    outbox.push(connected);
    outbox.offer(notification(2));
    expect([await bodyOf(outbox), await bodyOf(outbox), await bodyOf(outbox)]).toEqual([
      1,
      "connected",
      2,
    ]);
  });

  test("a consumer that waits gets the next event as soon as it comes", async () => {
    const { outbox } = stage(100);
    const next = bodyOf(outbox);
    outbox.offer(notification(1));
    outbox.offer(notification(2));
    expect(await next).toBe(1);
    expect(await bodyOf(outbox)).toBe(2);
  });

  test("holds for any interleaving of writing and reading", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -700, max: 900 }), { maxLength: 12, size: "max" }),
        async (runs) => {
          const { outbox } = stage(1_000_000);
          let written = 0;
          let read = 0;
          for (const run of runs) {
            for (let count = 0; count < run; count++) outbox.offer(notification(written++));
            for (let count = run; count < 0 && read < written; count++)
              expect(await bodyOf(outbox)).toBe(read++);
          }
          while (read < written) expect(await bodyOf(outbox)).toBe(read++);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("the bound", () => {
  test("says full once, when it is reached, and drained once, at half of it", async () => {
    const { outbox, told } = stage(4);
    for (let number = 0; number < 3; number++) outbox.offer(notification(number));
    expect(told).toEqual([]);
    outbox.offer(notification(3));
    outbox.offer(notification(4));
    expect(outbox.isFull).toBe(true);
    expect(told).toEqual(["full"]);
    await outbox.next();
    await outbox.next();
    expect(told).toEqual(["full"]);
    await outbox.next();
    expect(told).toEqual(["full", "drained"]);
    expect(outbox.isFull).toBe(false);
  });

  test("what a socket still had when it was paused is taken", () => {
    const { outbox } = stage(2);
    for (let number = 0; number < 5; number++)
      expect(outbox.offer(notification(number))).toBe(true);
  });

  test("refuses notifications after the pause, and nothing else, until half is read", async () => {
    const { outbox, told } = stage(4);
    for (let number = 0; number < 4; number++) outbox.offer(notification(number));
    outbox.refuse();
    expect(outbox.offer(notification(4))).toBe(false);
    outbox.push(connected);
    for (const expected of [0, 1, 2]) expect(await bodyOf(outbox)).toBe(expected);
    expect(told).toEqual(["full", "drained"]);
    expect(outbox.offer(notification(5))).toBe(true);
    expect([await bodyOf(outbox), await bodyOf(outbox), await bodyOf(outbox)]).toEqual([
      3,
      "connected",
      5,
    ]);
  });

  test("does not refuse when it is not full", () => {
    const { outbox } = stage(4);
    outbox.refuse();
    expect(outbox.offer(notification(1))).toBe(true);
  });

  test("what is pushed when it has drained comes before what is offered after", async () => {
    const told: string[] = [];
    const outbox: Outbox = new Outbox(2, {
      full: () => told.push("full"),
      drained: () => outbox.push(connected),
    });
    outbox.offer(notification(0));
    outbox.offer(notification(1));
    outbox.refuse();
    await outbox.next();
    outbox.offer(notification(2));
    expect([await bodyOf(outbox), await bodyOf(outbox), await bodyOf(outbox)]).toEqual([
      1,
      "connected",
      2,
    ]);
  });

  test("of one event works as well", async () => {
    const { outbox, told } = stage(1);
    outbox.offer(notification(0));
    await outbox.next();
    outbox.offer(notification(1));
    await outbox.next();
    expect(told).toEqual(["full", "drained", "full", "drained"]);
  });
});

describe("the end", () => {
  test("comes when all has been read, and stays", async () => {
    const { outbox } = stage(4);
    outbox.offer(notification(0));
    outbox.end();
    outbox.offer(notification(1));
    expect(await bodyOf(outbox)).toBe(0);
    expect(await outbox.next()).toEqual({ value: undefined, done: true });
    expect(await outbox.next()).toEqual({ value: undefined, done: true });
  });

  test("reaches a consumer that waits", async () => {
    const { outbox } = stage(4);
    const next = outbox.next();
    outbox.end();
    expect(await next).toEqual({ value: undefined, done: true });
  });

  test("with an error: the error once, after what came before it, then the end", async () => {
    const { outbox } = stage(4);
    outbox.offer(notification(0));
    outbox.end(new Error("broken"));
    outbox.end();
    expect(await bodyOf(outbox)).toBe(0);
    await expect(outbox.next()).rejects.toThrow("broken");
    expect(await outbox.next()).toEqual({ value: undefined, done: true });
  });

  test("with an error, for a consumer that waits: the error, then the end", async () => {
    const { outbox } = stage(4);
    const next = outbox.next();
    outbox.end(new Error("broken"));
    await expect(next).rejects.toThrow("broken");
    expect(await outbox.next()).toEqual({ value: undefined, done: true });
  });
});

test("two calls of next() get two events, in order", async () => {
  const { outbox } = stage(4);
  const both = Promise.all([bodyOf(outbox), bodyOf(outbox)]);
  outbox.offer(notification(1));
  outbox.offer(notification(2));
  expect(await both).toEqual([1, 2]);
});

test("few events of many characters fill it as well, and it drains when half of them have been read", async () => {
  const told: string[] = [];
  const hooks = { full: () => told.push("full"), drained: () => told.push("drained") };
  const outbox: Outbox = new Outbox(1_000, hooks, 4_000);
  const large = { ...notification(1), raw: "x".repeat(1_000) };
  for (let count = 0; count < 3; count++) outbox.offer(large);
  expect(told).toEqual([]);
  outbox.offer(large);
  expect({ told, hasRoom: outbox.hasRoom }).toEqual({ told: ["full"], hasRoom: false });
  await outbox.next();
  expect(told).toEqual(["full"]);
  await outbox.next();
  expect({ told, hasRoom: outbox.hasRoom }).toEqual({ told: ["full", "drained"], hasRoom: true });
});

describe("batches", () => {
  test("hold all that has gathered, in order, up to the limit", async () => {
    const { outbox } = stage(1_000_000);
    for (let number = 0; number < batchEventsMax + 2; number++) outbox.offer(notification(number));
    const first = await batchOf(outbox);
    expect(first).toEqual(Array.from({ length: batchEventsMax }, (_, index) => index));
    expect(await batchOf(outbox)).toEqual([batchEventsMax, batchEventsMax + 1]);
  });

  test("what a line tells at the limit comes with what was told before it", async () => {
    const { outbox } = stage(1_000_000);
    for (let number = 0; number < batchEventsMax - 1; number++) outbox.offer(notification(number));
    for (let number = 0; number < 3; number++) outbox.push(connected);
    outbox.offer(notification(-1));
    const first = await batchOf(outbox);
    expect(first?.slice(-3)).toEqual(["connected", "connected", "connected"]);
    expect(first).toHaveLength(batchEventsMax + 2);
    expect(await batchOf(outbox)).toEqual([-1]);
  });

  test("a consumer that waits gets all that comes at once", async () => {
    const { outbox } = stage(100);
    const batch = batchOf(outbox);
    outbox.offer(notification(1));
    outbox.push(connected);
    outbox.offer(notification(2));
    expect(await batch).toEqual([1, "connected", 2]);
  });

  test("a batch that leaves half of the room drains, and what is told then comes next", async () => {
    const told: string[] = [];
    const outbox: Outbox = new Outbox(4, {
      full: () => told.push("full"),
      drained: () => outbox.push(connected),
    });
    for (let number = 0; number < 4; number++) outbox.offer(notification(number));
    outbox.refuse();
    expect(outbox.offer(notification(4))).toBe(false);
    expect(await batchOf(outbox)).toEqual([0, 1, 2, 3, "connected"]);
    expect(outbox.hasRoom).toBe(true);
  });

  test("end when all has been read; with an error: the error once", async () => {
    const { outbox } = stage(4);
    outbox.offer(notification(0));
    outbox.end(new Error("broken"));
    expect(await batchOf(outbox)).toEqual([0]);
    await expect(outbox.nextBatch()).rejects.toThrow("broken");
    expect(await outbox.nextBatch()).toEqual({ value: undefined, done: true });
  });

  test("the end reaches a consumer that waits", async () => {
    const { outbox } = stage(4);
    const next = outbox.nextBatch();
    outbox.end();
    expect(await next).toEqual({ value: undefined, done: true });
  });
});
