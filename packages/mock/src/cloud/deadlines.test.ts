import assert from "node:assert/strict";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Deadlines, type Deadline } from "./deadlines.ts";

type Command =
  | { readonly kind: "set"; readonly atMs: number }
  | { readonly kind: "move"; readonly which: number; readonly atMs: number }
  | { readonly kind: "cancel"; readonly which: number }
  | { readonly kind: "run"; readonly nowMs: number };

const atMs = fc.integer({ min: 0, max: 50 });
const which = fc.nat({ max: 60 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("set" as const), atMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("move" as const), which, atMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cancel" as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("run" as const), nowMs: atMs }) },
);

test("deadlines run in the order of time, then of setting, whatever is moved and cancelled", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120, size: "max" }), (commands) => {
      const deadlines = new Deadlines();
      const all: Deadline[] = [];
      /** The plain model: a list. */
      let model: { id: number; atMs: number }[] = [];
      let ran: number[] = [];
      for (const step of commands) {
        const target = step.kind === "move" || step.kind === "cancel" ? all[step.which] : undefined;
        if (step.kind === "set") {
          const id = all.length;
          all.push(deadlines.set(step.atMs, () => ran.push(id)));
          model.push({ id, atMs: step.atMs });
        } else if (step.kind === "run") {
          ran = [];
          while (deadlines.runNext(step.nowMs));
          const due = model
            .filter((entry) => entry.atMs <= step.nowMs)
            .sort((one, other) => one.atMs - other.atMs || one.id - other.id);
          assert.deepEqual(
            ran,
            due.map((entry) => entry.id),
          );
          model = model.filter((entry) => !due.includes(entry));
        } else if (target !== undefined) {
          const { which: id } = step;
          model = model.filter((entry) => entry.id !== id);
          if (step.kind === "cancel") deadlines.cancel(target);
          else {
            deadlines.move(target, step.atMs);
            model.push({ id, atMs: step.atMs });
          }
        }
        expect(deadlines.size).toBe(model.length);
        const earliest = model.map((entry) => entry.atMs).sort((one, other) => one - other);
        expect(deadlines.nextMs()).toBe(earliest[0]);
      }
    }),
  );
});

test("says when the next deadline has become an earlier one", () => {
  let earlier = 0;
  const deadlines = new Deadlines(() => (earlier += 1));
  const first = deadlines.set(10, () => {});
  deadlines.set(20, () => {});
  expect(earlier).toBe(1);
  deadlines.set(5, () => {});
  deadlines.move(first, 1);
  expect(earlier).toBe(3);
});

test("what takes the place of a cancelled one rises past a later parent", () => {
  const deadlines = new Deadlines();
  const ran: number[] = [];
  // Two branches: late ones under 100, early ones under 1. The last of the early takes a place among the late.
  const [, , , late] = [0, 100, 1, 101, 102, 2, 3].map((atMs) =>
    deadlines.set(atMs, () => ran.push(atMs)),
  );
  deadlines.cancel(late);
  while (deadlines.runNext(200));
  expect(ran).toEqual([0, 1, 2, 3, 100, 102]);
});
