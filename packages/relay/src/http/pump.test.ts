import { expect, test } from "vitest";
import { settled, SimClock } from "@trunkline/testkit";
import { pump, type PumpEnd } from "./pump.ts";

const pieceBytes = 65_536;

/** A reader that takes a piece only when it is told to. */
function slowReader(texts: readonly string[]): {
  readonly clock: SimClock;
  readonly given: Uint8Array[];
  readonly take: () => Promise<void>;
  readonly leave: () => void;
  readonly end: () => PumpEnd | undefined;
  readonly asked: () => number;
} {
  const clock = new SimClock();
  const given: Uint8Array[] = [];
  const gone = new AbortController();
  let taken: (() => void) | undefined;
  let end: PumpEnd | undefined;
  let asked = 0;
  async function* source(): AsyncGenerator<string, void> {
    for (const text of texts) {
      asked++;
      yield text;
    }
  }
  const outlet = {
    write: (bytes: Uint8Array) => {
      given.push(bytes);
      return new Promise<void>((resolve) => {
        taken = resolve;
      });
    },
    gone: gone.signal,
  };
  void pump(source(), outlet, clock).then((how) => {
    end = how;
  });
  return {
    clock,
    given,
    take: () => {
      taken?.();
      return settled();
    },
    leave: () => gone.abort(),
    end: () => end,
    asked: () => asked,
  };
}

test("one piece is on its way at a time, and nothing is asked for ahead", async () => {
  const reader = slowReader(["a", "b", "c"]);
  await settled();
  expect([reader.given.length, reader.asked()]).toEqual([1, 1]);
  await reader.take();
  expect([reader.given.length, reader.asked()]).toEqual([2, 2]);
  await reader.take();
  await reader.take();
  expect(reader.end()).toBe("ended");
  expect(Buffer.concat(reader.given).toString()).toBe("abc");
  expect(reader.clock.timers).toBe(0);
});

test("what is long goes out in pieces, whole, wherever a character is cut", async () => {
  const text = "€".repeat(100_000);
  const reader = slowReader([text]);
  await settled();
  while (reader.end() === undefined) await reader.take();
  expect(reader.given.map(({ length }) => length)).toEqual([
    ...Array.from({ length: 4 }, () => pieceBytes),
    300_000 - 4 * pieceBytes,
  ]);
  expect(Buffer.concat(reader.given).toString()).toBe(text);
});

test("a reader that is slow, however slow, is not cut while it takes pieces", async () => {
  const reader = slowReader(["x".repeat(3 * pieceBytes)]);
  for (let atMs = 59_999; atMs < 59_999 * 4; atMs += 59_999) {
    await reader.clock.runUntil(atMs);
    expect(reader.end()).toBeUndefined();
    await reader.take();
  }
  expect(reader.end()).toBe("ended");
});

test("a reader that takes nothing for 60 s is given up", async () => {
  const reader = slowReader(["x", "y"]);
  await reader.clock.runUntil(59_999);
  expect(reader.end()).toBeUndefined();
  await reader.clock.runUntil(60_000);
  expect(reader.end()).toBe("stuck");
});

test("a reader that goes away is known at once", async () => {
  const reader = slowReader(["x", "y"]);
  await reader.clock.runUntil(1_000);
  reader.leave();
  await settled();
  expect(reader.end()).toBe("gone");
  expect(reader.given).toHaveLength(1);
  expect(reader.clock.timers).toBe(0);
});
