import { derivedTypes } from "@trunkline/events";
import { expect, test } from "vitest";
import { derivedOf, eventKind, gapKind, isGap, isMaybeDuplicate } from "./kind.ts";

test("rows of older versions read as they are", () => {
  expect([0, 1, 2].map((kind) => [isGap(kind), isMaybeDuplicate(kind), derivedOf(kind)])).toEqual([
    [false, false, []],
    [true, false, []],
    [false, true, []],
  ]);
  expect([eventKind(false), gapKind, eventKind(true)]).toEqual([0, 1, 2]);
});

test("numbers of derived types are for ever", () => {
  expect(derivedTypes.map((type) => [type, eventKind(false, [type])])).toEqual([
    ["conversation:created", 4],
    ["conversation:updated", 8],
    ["conversation:ended", 16],
    ["routing.wrappingEvent", 32],
    ["routing.queueMemberAdded", 64],
    ["routing.queueMemberRemoved", 128],
  ]);
});

test("every combination comes back, and what a later version adds is passed over", () => {
  for (let set = 0; set < 64; set++) {
    const derived = derivedTypes.filter((_, index) => (set & (1 << index)) !== 0);
    for (const isDoubtful of [false, true]) {
      const kind = eventKind(isDoubtful, derived);
      expect([isGap(kind), isMaybeDuplicate(kind)]).toEqual([false, isDoubtful]);
      expect(derivedOf(kind | 1024)).toEqual(derived);
    }
  }
});
