import { expect, test } from "vitest";
import { collectGarbage } from "./memory.ts";

test("what nobody holds is gone when it returns", async () => {
  const forgotten = new WeakRef({ large: Array.from({ length: 1_000 }, String) });
  // What was made in this turn of the loop is held until its end.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  collectGarbage();
  expect(forgotten.deref()).toBeUndefined();
});
