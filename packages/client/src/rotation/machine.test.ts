import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { initial, nextDeadlineMs, step } from "./machine.ts";
import type { Effect, Input, State } from "./state.ts";

const second = 1_000;
const minute = 60 * second;
const policy = { overlapMs: 10 * second };

/** Feeds facts, and keeps what they lead to. */
class Rig {
  state: State = initial;
  nowMs = 0;
  effects: readonly Effect[] = [];

  tell(input: Input): this {
    const next = step(this.state, input, { nowMs: this.nowMs, policy });
    this.state = next.state;
    this.effects = next.effects;
    return this;
  }

  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this;
  }

  woke(): this {
    return this.tell({ type: "woke" });
  }

  get told(): string {
    const names = this.effects.map((effect) =>
      "on" in effect ? `${effect.type} ${effect.on}` : effect.type,
    );
    return [this.state.kind, ...names].join(", ");
  }

  /** As far as both sessions are open and proven. */
  overlapping(input: Input = { type: "commanded" }): this {
    return this.tell(input)
      .tell({ type: "turn" })
      .tell({ type: "new-opened" })
      .tell({ type: "new-proven" });
  }
}

const commanded: Input = { type: "commanded" };

function announced(closesAtMs: number): Input {
  return { type: "announced", closesAtMs };
}

describe("one session after another", () => {
  test("waits for its turn, joins, is proven, overlaps, and then the old one is retired", () => {
    const rig = new Rig().tell({ type: "lived", retireByMs: 100 * second });
    expect(rig.told).toBe("steady");
    expect(rig.at(99_999).woke().told).toBe("steady");
    expect(rig.at(100_000).woke().told).toBe("queued, ask-turn");
    expect(rig.at(101_000).tell({ type: "turn" }).told).toBe("joining, start-new another");
    expect(rig.at(102_000).tell({ type: "new-opened" }).told).toBe("proving");
    expect(rig.at(103_000).tell({ type: "new-proven" }).told).toBe("overlapping");
    expect(rig.at(111_999).woke().told).toBe("overlapping");
    expect(rig.at(112_000).woke().told).toBe("steady, retire-old another, end-turn");
    expect(rig.effects[0]).toMatchObject({
      why: { reason: "retire-by" },
      openedAtMs: 102_000,
    });
  });

  test("without a proof nothing is retired for 30 s", () => {
    const rig = new Rig().tell(commanded).tell({ type: "turn" }).tell({ type: "new-opened" });
    expect(rig.at(29_999).woke().told).toBe("proving");
    expect(rig.at(30_000).woke().told).toBe("steady, retire-old another, end-turn");
  });

  test("without a turn the place in the queue is taken anew", () => {
    const rig = new Rig().tell(commanded);
    expect(rig.at(10 * minute - 1).woke().told).toBe("queued");
    expect(rig.at(10 * minute).woke().told).toBe("queued, end-turn, ask-turn");
  });
});

describe("an announced close", () => {
  test("is answered by another channel, and the overlap ends before it", () => {
    const rig = new Rig().tell(announced(60 * second));
    expect(rig.told).toBe("queued, ask-turn");
    rig.at(50 * second).tell({ type: "turn" });
    rig
      .at(51 * second)
      .tell({ type: "new-opened" })
      .tell({ type: "new-proven" });
    expect(nextDeadlineMs(rig.state)).toBe(58 * second);
  });

  test("with too little grace it is answered on the same channel at once", () => {
    expect(new Rig().tell(announced(3_999)).told).toBe("joining, start-new same");
  });

  test("without a turn it is answered on the same channel at half the grace", () => {
    const rig = new Rig().tell(announced(60 * second));
    expect(rig.at(29_999).woke().told).toBe("queued");
    expect(rig.at(30_000).woke().told).toBe("joining, end-turn, start-new same");
    expect(rig.at(31_000).tell({ type: "new-opened" }).tell({ type: "new-proven" }).told).toBe(
      "overlapping",
    );
    expect(rig.at(32_000).woke().told).toBe("steady, retire-old same");
  });

  test("where the new session does not open in time, the same channel it is", () => {
    const rig = new Rig().tell(announced(60 * second)).tell({ type: "turn" });
    expect(rig.at(58_000).woke().told).toBe("joining, drop-new, end-turn, start-new same");
    const refused = new Rig().tell(announced(60 * second)).tell({ type: "turn" });
    expect(refused.tell({ type: "new-refused" }).told).toBe(
      "joining, drop-new, end-turn, start-new same",
    );
  });

  test("of a session that is being replaced makes haste", () => {
    const rig = new Rig()
      .tell(commanded)
      .tell({ type: "turn" })
      .tell(announced(20 * second));
    expect(nextDeadlineMs(rig.state)).toBe(18 * second);
    const queued = new Rig().tell(commanded).tell(announced(20 * second));
    expect(queued.told).toBe("queued");
    expect(nextDeadlineMs(queued.state)).toBe(10 * second);
    const late = new Rig().tell(commanded).tell(announced(2 * second));
    expect(late.told).toBe("joining, end-turn, start-new same");
  });
});

describe("what can go wrong", () => {
  test("the old session is lost while it waits: it comes back by itself", () => {
    expect(new Rig().tell(commanded).tell({ type: "old-lost" }).told).toBe("steady, end-turn");
  });

  test("the old session is lost while the new one is on its way: both go on", () => {
    const rig = new Rig().tell(commanded).tell({ type: "turn" });
    expect(rig.tell({ type: "old-lost" }).told).toBe("joining");
  });

  test("on the same channel the new one has displaced it, though we have not heard of it yet", () => {
    const rig = new Rig().tell(announced(second));
    expect(rig.tell({ type: "old-lost" }).told).toBe("steady, retire-old same");
  });

  test("the old session is lost once the new one is open: it is retired at once", () => {
    const rig = new Rig().tell(commanded).tell({ type: "turn" }).tell({ type: "new-opened" });
    expect(rig.tell({ type: "old-lost" }).told).toBe("steady, retire-old another, end-turn");
    expect(new Rig().overlapping().tell({ type: "old-lost" }).told).toBe(
      "steady, retire-old another, end-turn",
    );
  });

  test("the new session is lost: it tries again, and the old one stays", () => {
    for (const rig of [
      new Rig().tell(commanded).tell({ type: "turn" }).tell({ type: "new-opened" }),
      new Rig().overlapping(),
    ]) {
      expect(rig.at(5_000).tell({ type: "new-lost" }).told).toBe("joining");
      expect(nextDeadlineMs(rig.state)).toBe(5_000 + 2 * minute);
    }
  });

  test("the new session cannot be had: later again", () => {
    const rig = new Rig().tell(commanded).tell({ type: "turn" });
    expect(rig.at(2 * minute).woke().told).toBe("steady, drop-new, end-turn");
    expect(nextDeadlineMs(rig.state)).toBe(3 * minute);
    expect(
      new Rig()
        .tell(announced(second))
        .at(2 * minute)
        .woke().told,
    ).toBe("steady, drop-new");
  });
});

const anyInput: fc.Arbitrary<Input> = fc.oneof(
  fc
    .integer({ min: 0, max: 3_600_000 })
    .map((retireByMs): Input => ({ type: "lived", retireByMs })),
  fc.integer({ min: 0, max: 3_600_000 }).map(announced),
  fc
    .constantFrom(
      "commanded",
      "turn",
      "new-opened",
      "new-proven",
      "new-lost",
      "new-refused",
      "old-lost",
      "woke",
    )
    .map((type): Input => ({ type })),
);

/** What of turn and new session there is, as the effects say; a second one of either is an error. */
class Holdings {
  hasTurn = false;
  hasNew = false;

  apply(effect: Effect): void {
    switch (effect.type) {
      case "ask-turn":
        assert.equal(this.hasTurn, false);
        this.hasTurn = true;
        return;
      case "end-turn":
        this.hasTurn = false;
        return;
      case "start-new":
        assert.equal(this.hasNew, false);
        this.hasNew = true;
        return;
      case "drop-new":
      case "retire-old":
        assert.equal(this.hasNew, true);
        this.hasNew = false;
    }
  }
}

test("property: turns are asked for and ended in pairs, one new session at a time, and no state hangs", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyInput, fc.integer({ min: 0, max: minute }))), (inputs) => {
      const rig = new Rig();
      const holds = new Holdings();
      for (const [input, laterMs] of inputs) {
        rig.at(rig.nowMs + laterMs).tell(input);
        for (const effect of rig.effects) holds.apply(effect);
        const { state } = rig;
        const { kind } = state;
        assert.equal(
          holds.hasNew,
          kind === "joining" || kind === "proving" || kind === "overlapping",
        );
        const onAnother = "on" in state && state.on === "another";
        assert.equal(holds.hasTurn, kind === "queued" || onAnother);
        assert.ok(kind === "steady" || nextDeadlineMs(state) !== undefined);
      }
      // Left alone it comes to rest, and keeps nothing.
      for (let turns = 0; turns < 10 && rig.state.kind !== "steady"; turns++) {
        if (rig.state.kind === "queued") rig.tell({ type: "turn" });
        else rig.at(Math.max(rig.nowMs, nextDeadlineMs(rig.state) ?? 0)).woke();
      }
      expect(rig.state.kind).toBe("steady");
      expect(rig.tell({ type: "stopped" }).tell(commanded).told).toBe("stopped");
    }),
  );
});
