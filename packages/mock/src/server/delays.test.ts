import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { Clock } from "../platform/clock.ts";
import { Delays } from "./delays.ts";

class FakeResponse extends EventEmitter {
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

function stage(): { delays: Delays; waits: Map<() => void, number>; response: FakeResponse } {
  const waits = new Map<() => void, number>();
  const clock: Clock = {
    wallMs: () => 0,
    stopwatch: () => () => 0,
    after: (ms, run) => {
      waits.set(run, ms);
      return () => waits.delete(run);
    },
  };
  return { delays: new Delays(clock), waits, response: new FakeResponse() };
}

const asResponse = (response: FakeResponse): ServerResponse =>
  response as unknown as ServerResponse;

test("an answer without delay goes out at once", () => {
  const { delays, waits, response } = stage();
  let answered = 0;
  delays.after(0, asResponse(response), () => (answered += 1));
  expect([answered, waits.size]).toEqual([1, 0]);
});

test("an answer is held back, though not for ever", () => {
  const { delays, waits, response } = stage();
  let answered = 0;
  delays.after(1e9, asResponse(response), () => (answered += 1));
  const [[run, ms] = [() => {}, 0]] = waits;
  expect([answered, ms]).toEqual([0, 600_000]);
  run();
  expect(answered).toBe(1);
  expect(response.listenerCount("close")).toBe(0);
});

test("nobody is answered whose connection has gone", () => {
  const { delays, waits, response } = stage();
  delays.after(50, asResponse(response), () => {});
  response.emit("close");
  expect(waits.size).toBe(0);
});

test("when all is cut, so are those who wait", () => {
  const { delays, waits, response } = stage();
  delays.after(50, asResponse(response), () => {});
  delays.cutAll();
  expect([waits.size, response.destroyed]).toEqual([0, true]);
});
