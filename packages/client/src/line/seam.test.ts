import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOfEvent, Seam } from "./seam.ts";
import { Agenda } from "../testing/agenda.ts";

const windowMs = 5_000;

/** Two sessions, the second opened at 100, and pairing with it exact. */
function settled(): Seam<string> {
  const seam = new Seam<string>(windowMs);
  seam.opened(1, 0);
  seam.opened(2, 100);
  seam.proven(1, 110, 120);
  seam.proven(2, 130, 140);
  return seam;
}

/** Where the service has sent it twice, what the other session brings later may be the next one. */
function sentTwice(): Seam<string> {
  const seam = settled();
  seam.take(1, "a", "a", 1_000);
  seam.take(2, "a", "a", 1_010);
  expect(seam.take(2, "a", "twice", 1_010)).toBe("first");
  expect(seam.take(1, "a", "next", 3_000)).toBe("again");
  return seam;
}

describe("pairing", () => {
  test("with one session nothing is kept", () => {
    const seam = new Seam<string>(windowMs);
    seam.opened(1, 0);
    expect(seam.isOpen).toBe(false);
    expect([seam.take(1, "a", "a", 1), seam.take(1, "a", "a", 2)]).toEqual(["first", "first"]);
    expect(seam.isOpen).toBe(false);
  });

  test("what both bring comes once, whichever is first", () => {
    const seam = settled();
    expect([seam.take(1, "a", "a", 200), seam.take(2, "a", "a", 201)]).toEqual(["first", "again"]);
    expect([seam.take(2, "b", "b", 210), seam.take(1, "b", "b", 240)]).toEqual(["first", "again"]);
    expect(seam.paired).toBe(2);
  });

  test("a body that recurs comes as often as it was sent", () => {
    const seam = settled();
    expect([1, 2, 3].map((nth) => seam.take(1, "a", "a", 200 + nth))).toEqual(
      Array(3).fill("first"),
    );
    expect([1, 2, 3].map((nth) => seam.take(2, "a", "a", 300 + nth))).toEqual(
      Array(3).fill("again"),
    );
    expect(seam.take(2, "a", "a", 400)).toBe("first");
    expect(seam.take(1, "a", "a", 401)).toBe("again");
  });

  test("what came before the second session opened has no counterpart on it", () => {
    const seam = new Seam<string>(windowMs);
    seam.opened(1, 0);
    seam.take(1, "a", "a", 90);
    seam.opened(2, 100);
    expect(seam.take(2, "a", "a", 110)).toBe("first");
  });

  test("what a session has not brought by its proof is not taken for the next with the same body", () => {
    const seam = settled();
    expect(seam.take(1, "a", "a", 200)).toBe("first");
    seam.proven(2, 200, 260);
    expect(seam.take(2, "a", "a", 300)).toBe("first");
    expect(seam.take(1, "a", "a", 310)).toBe("again");
  });

  test("nor is it while something older waits for another session", () => {
    const seam = settled();
    seam.take(2, "older", "older", 199);
    expect(seam.take(1, "a", "a", 200)).toBe("first");
    seam.proven(2, 200, 260);
    expect(seam.take(2, "a", "a", 300)).toBe("first");
  });

  test("what came before a third session was dialled has no counterpart on it", () => {
    const seam = settled();
    expect(seam.take(1, "a", "a", 200)).toBe("first");
    seam.dialled(3, 210);
    seam.opened(3, 220);
    expect(seam.take(3, "a", "a", 230)).toBe("first");
  });

  test("an arrival is paired within the window; later it is passed on as doubtful", () => {
    const seam = settled();
    seam.take(1, "a", "a", 1_000);
    expect(seam.take(2, "a", "a", 1_000 + windowMs)).toBe("again");
    seam.take(1, "b", "b", 10_000);
    expect(seam.take(2, "b", "b", 10_001 + windowMs)).toBe("doubtful");
    expect(seam.doubtful).toBe(1);
  });

  test("what is dropped for an arrival of long before is handed on after all if its session ends", () => {
    const seam = sentTwice();
    expect(seam.ended(2)).toEqual(["next"]);
    expect(seam.doubtful).toBe(1);
  });

  test("it is not once that session is proven to have brought everything since", () => {
    const seam = sentTwice();
    expect(seam.heldSinceMs).toBe(110);
    seam.proven(2, 3_000, 3_010);
    expect(seam.heldSinceMs).toBe(Number.POSITIVE_INFINITY);
    expect(seam.ended(2)).toEqual([]);
  });

  test("nor if the other session ends, which had brought it", () => {
    const seam = sentTwice();
    expect(seam.ended(1)).toEqual([]);
  });

  test("what would be dropped for an arrival of long before is doubtful if its session has ended", () => {
    const seam = settled();
    seam.take(2, "a", "twice", 1_010);
    seam.ended(2);
    expect(seam.take(1, "a", "next", 3_000)).toBe("doubtful");
  });

  test("with three sessions an event is paired with each of them", () => {
    const seam = settled();
    seam.opened(3, 500);
    expect(seam.take(2, "a", "a", 600)).toBe("first");
    expect(seam.take(1, "a", "a", 610)).toBe("again");
    expect(seam.take(3, "a", "a", 620)).toBe("again");
    expect(seam.take(3, "a", "a", 700)).toBe("first");
    expect(seam.take(2, "a", "a", 710)).toBe("again");
  });

  test("after one session has ended, what it brought alone is still dropped on the other, until its proof", () => {
    const seam = settled();
    expect(seam.take(1, "a", "a", 200)).toBe("first");
    seam.ended(1);
    expect(seam.isOpen).toBe(true);
    expect(seam.take(2, "a", "a", 210)).toBe("again");
    expect(seam.isOpen).toBe(false);
    expect(seam.take(2, "a", "a", 220)).toBe("first");
  });

  test("a seam closes by the proof of the session that stays", () => {
    const seam = settled();
    seam.take(1, "a", "a", 200);
    seam.ended(1);
    seam.proven(2, 190, 230);
    expect(seam.isOpen).toBe(true);
    seam.proven(2, 205, 235);
    expect(seam.isOpen).toBe(false);
  });

  test("what waits is bounded, and what is forgotten makes later arrivals doubtful", () => {
    const seam = settled();
    for (let nth = 0; nth < 50_001; nth++) seam.take(1, `a${nth}`, `a${nth}`, 200 + nth / 100);
    expect(seam.take(2, "a0", "a0", 900)).toBe("doubtful");
    expect(seam.take(2, "a50000", "a50000", 900)).not.toBe("first");
  });

  test("what has waited long is forgotten", () => {
    const seam = settled();
    seam.take(1, "a", "a", 200);
    seam.ended(1);
    seam.take(2, "b", "b", 200 + 5 * windowMs);
    expect(seam.isOpen).toBe(false);
  });
});

describe("settling", () => {
  test("a session that opens alone is settled at once", () => {
    const seam = new Seam<string>(windowMs);
    seam.opened(1, 0);
    expect(seam.isSettled(1)).toBe(true);
    expect(seam.isSettled(2)).toBe(false);
  });

  test("another is settled once the elder is proven up to its opening, and it itself up to that", () => {
    const seam = new Seam<string>(windowMs);
    seam.opened(1, 0);
    seam.opened(2, 100);
    seam.proven(2, 110, 115);
    expect(seam.isSettled(2)).toBe(false);
    seam.proven(1, 99, 120);
    seam.proven(2, 121, 125);
    expect(seam.isSettled(2)).toBe(false);
    seam.proven(1, 100, 130);
    expect(seam.isSettled(2)).toBe(false);
    seam.proven(2, 129, 135);
    expect(seam.isSettled(2)).toBe(false);
    seam.proven(2, 130, 140);
    expect(seam.isSettled(2)).toBe(true);
  });

  test("an elder that has ended is waited for no more", () => {
    const seam = new Seam<string>(windowMs);
    seam.opened(1, 0);
    seam.opened(2, 100);
    seam.ended(1);
    expect(seam.isSettled(2)).toBe(true);
  });
});

/**
 * A service and two sessions of it: every event is sent to both, takes a while on each, and a ping of
 * either proves what was sent before. Bodies recur. Once pairing is exact, each event comes once.
 */
test("property: whatever the latencies and however often bodies recur, each event comes once", () => {
  const event = fc.record({
    gapMs: fc.integer({ min: 0, max: 300 }),
    body: fc.integer({ min: 0, max: 2 }),
    lateMs: fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 })),
    ping: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const seam = settled();
      const acts: { atMs: number; order: number; act: () => void }[] = [];
      const last = [0, 0, 0];
      const counts = new Map<string, number>();
      let atMs = 1_000;
      /** Frames on one socket keep their order. */
      const arrive = (
        session: 1 | 2,
        sentMs: number,
        lateMs: number,
        act: (nowMs: number) => void,
      ) => {
        const nowMs = Math.max(last[session] ?? 0, sentMs + lateMs);
        last[session] = nowMs;
        acts.push({ atMs: nowMs, order: acts.length, act: () => act(nowMs) });
      };
      for (const { gapMs, body, lateMs, ping } of events) {
        atMs += gapMs;
        for (const session of [1, 2] as const) {
          const sentMs = atMs;
          if (ping)
            arrive(session, sentMs, lateMs[session - 1] ?? 1, (nowMs) =>
              seam.proven(session, sentMs, nowMs),
            );
          arrive(session, sentMs + 0.5, lateMs[session - 1] ?? 1, (nowMs) => {
            if (seam.take(session, `${body}`, `${body}`, nowMs) === "again") return;
            counts.set(`${body}`, (counts.get(`${body}`) ?? 0) + 1);
          });
        }
      }
      for (const { act } of acts.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)) act();
      const sent = new Map<string, number>();
      for (const { body } of events) sent.set(`${body}`, (sent.get(`${body}`) ?? 0) + 1);
      expect(counts).toEqual(sent);
    }),
  );
});

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/**
 * The same while the second session opens, and the first one ends once pairing is exact, with what is
 * still on its way on it lost: whatever recurs, nothing is lost, and what may be a double is said to be.
 */
test("property: bodies that recur while a session opens and another ends are not lost", () => {
  const event = fc.record({
    gapMs: fc.integer({ min: 0, max: 120 }),
    body: fc.integer({ min: 0, max: 1 }),
    lateMs: fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })),
  });
  const plan = fc.record({
    events: fc.array(event, { minLength: 20, maxLength: 80 }),
    opensAtMs: fc.integer({ min: 0, max: 1_000 }),
    openLateMs: fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })),
    endsAfterMs: fc.integer({ min: 0, max: 1_000 }),
    pingEveryMs: fc.integer({ min: 50, max: 2_000 }),
  });
  let ends = 0;
  fc.assert(
    fc.property(plan, ({ events, opensAtMs, openLateMs, endsAfterMs, pingEveryMs }) => {
      const clock = new Agenda();
      const seam = new Seam<string>(windowMs);
      const counts = new Map<string, number>();
      const sent = new Map<string, number>();
      const handOn = (body: string): void => void counts.set(body, (counts.get(body) ?? 0) + 1);
      const open = new Set<number>();
      const last = [0, 0, 0];
      /** Frames on one socket keep their order; what is on its way when it ends is lost. */
      const arrive = (session: number, lateMs: number, act: () => void): void => {
        const atMs = Math.max(last[session] ?? 0, clock.nowMs + lateMs);
        last[session] = atMs;
        clock.at(atMs, () => {
          if (open.has(session)) act();
        });
      };
      const ping = (session: number): void => {
        if (!open.has(session)) return;
        const sentMs = clock.nowMs;
        clock.at(sentMs + 10, () =>
          arrive(session, 10, () => seam.proven(session, sentMs, clock.nowMs)),
        );
        clock.at(sentMs + pingEveryMs, () => ping(session));
      };
      /** Sockets that the service sends to. */
      const served = new Set([1]);
      open.add(1);
      seam.opened(1, 0);
      ping(1);
      clock.at(opensAtMs, () => {
        seam.dialled(2, clock.nowMs);
        clock.at(opensAtMs + openLateMs[0], () => {
          served.add(2);
          open.add(2);
          arrive(2, openLateMs[1], () => {
            seam.opened(2, clock.nowMs);
            ping(1);
            ping(2);
          });
        });
      });
      const endIfSettled = (): void => {
        if (!open.has(1)) return;
        if (!seam.isSettled(2)) return clock.at(clock.nowMs + 20, endIfSettled);
        ends++;
        open.delete(1);
        served.delete(1);
        for (const body of seam.ended(1)) handOn(body);
      };
      clock.at(opensAtMs + endsAfterMs, endIfSettled);
      let atMs = 0;
      for (const { gapMs, body, lateMs } of events) {
        atMs += gapMs;
        clock.at(atMs, () => {
          const key = `${body}`;
          sent.set(key, (sent.get(key) ?? 0) + 1);
          for (const session of served)
            arrive(session, lateMs[session - 1] ?? 1, () => {
              if (seam.take(session, key, key, clock.nowMs) !== "again") handOn(key);
            });
        });
      }
      clock.run();
      for (const [body, count] of sent) {
        const got = counts.get(body) ?? 0;
        assert.ok(got >= count, `${body}: ${got} of ${count}`);
      }
      assert.ok(total(counts) - total(sent) <= seam.doubtful, "doubles are said to be");
    }),
    { numRuns: 300 },
  );
  expect(ends).toBeGreaterThan(100);
});

function frame(topic: string, body: unknown, id = "1"): string {
  return JSON.stringify({
    topicName: topic,
    version: "2",
    eventBody: body,
    metadata: { CorrelationId: id },
  });
}

function key(raw: string): string {
  const { topicName, eventBody } = JSON.parse(raw) as { topicName: string; eventBody: unknown };
  return keyOfEvent(topicName, raw, eventBody);
}

function big(digits: string): string {
  return `{"topicName":"v2.a","eventBody":{"n":${digits}},"metadata":{"CorrelationId":"1"}}`;
}

describe("the key of an event", () => {
  test("is that of topic and body, whatever the metadata", () => {
    expect(key(frame("v2.A", { a: 1 }))).toBe(key(frame("v2.a", { a: 1 }, "2")));
    expect(key(frame("v2.a", { a: 1 }))).not.toBe(key(frame("v2.a", { a: 2 })));
    expect(key(frame("v2.a", { a: 1 }))).not.toBe(key(frame("v2.b", { a: 1 })));
  });

  test("numbers that JSON cannot tell apart are told apart", () => {
    expect(key(big("12345678901234567890"))).not.toBe(key(big("12345678901234567891")));
  });

  test.each([
    [
      "metadata inside the body, and none after it",
      '{"topicName":"t","eventBody":{"metadata":{"a":1},"n":',
      "}}",
    ],
    [
      "metadata before the body",
      '{"topicName":"t","metadata":{},"eventBody":{"metadata":1,"n":',
      "}}",
    ],
    [
      "metadata at the end of the body",
      '{"topicName":"t","eventBody":{"n":',
      ',"metadata":{"a":1}}}',
    ],
  ])("%s: all of the body counts", (_, head, tail) => {
    expect(key(`${head}1${tail}`)).not.toBe(key(`${head}2${tail}`));
  });
});
