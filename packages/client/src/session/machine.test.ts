import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TrunklineError } from "../errors.ts";
import type { SocketLoss } from "../ports.ts";
import { Rig, type Fact } from "../testing/machine-rig.ts";
import { sampleChannel } from "../testing/samples.ts";
import { step } from "./machine.ts";
import { defaultPolicy } from "./policy.ts";
import type { Effect, Env, Failure, Input, Memory, Refusal, State } from "./state.ts";

const epoch = 7;
const nowMs = 100_000;
const channel = sampleChannel("one");
const other = sampleChannel("two");
const cut: SocketLoss = { kind: "cut", detail: "cut" };
const closed: SocketLoss = { kind: "closed", code: 1001, reason: "" };
const refused: Refusal = { kind: "refused", status: 502, via: undefined, server: undefined };
const env: Env = { nowMs, heardAtMs: nowMs, random: () => 0.5, policy: defaultPolicy };

function failure(code: TrunklineError["code"], final = false, retryAfterMs?: number): Failure {
  return { error: new TrunklineError(code, "It failed.", { retryAfterMs }), final };
}

const down = { sinceMs: 90_000, cause: "cut" } as const;
const memory: Memory = { epoch, attempt: 2, pongs: "seen", mute: 0, closes: 1, down };

/** One state of each kind, whose deadline is now. */
const states: { readonly [K in State["kind"]]: Extract<State, { kind: K }> } = {
  idle: { kind: "idle", memory: { ...memory, down: undefined } },
  making: { kind: "making", memory, instead: undefined, giveUpAtMs: nowMs },
  subscribing: { kind: "subscribing", memory, channel, giveUpAtMs: nowMs },
  opening: { kind: "opening", memory, channel, giveUpAtMs: nowMs },
  live: {
    kind: "live",
    memory: { ...memory, down: undefined },
    channel,
    openedAtMs: 80_000,
    provenAtMs: 80_000,
    ping: { kind: "due", atMs: nowMs },
    hasPonged: true,
    unanswered: [89_000],
    heartbeatAtMs: undefined,
  },
  checking: { kind: "checking", memory, channel, refusal: refused, giveUpAtMs: nowMs },
  waiting: { kind: "waiting", memory, next: { do: "dial", channel }, untilMs: nowMs },
  closed: { kind: "closed", memory, cause: "stopped" },
};

/** One input of each type, of the present epoch. */
const inputs: { readonly [T in Input["type"]]: Extract<Input, { type: T }> } = {
  started: { type: "started" },
  woke: { type: "woke" },
  stopped: { type: "stopped" },
  made: { type: "made", epoch, channel: other },
  subscribed: { type: "subscribed", epoch },
  failed: { type: "failed", epoch, failure: failure("SERVICE_FAILED") },
  opened: { type: "opened", epoch },
  ponged: { type: "ponged", epoch },
  beat: { type: "beat", epoch },
  lost: { type: "lost", epoch, loss: cut },
  checked: { type: "checked", epoch, channel: "alive" },
  condemned: { type: "condemned", epoch },
  paused: { type: "paused", epoch },
  resumed: { type: "resumed", epoch },
  asked: { type: "asked", epoch },
};

type Cell = readonly [State["kind"], ...Effect["type"][]];

/** A row in which nothing happens, to be overwritten where something does. */
function row(
  kind: State["kind"],
  cells: Partial<Record<Input["type"], Cell>>,
): Record<Input["type"], Cell> {
  const stay: Cell = [kind];
  const ended: Cell = kind === "closed" ? stay : ["closed", "drop", "ended"];
  return {
    started: stay,
    woke: stay,
    stopped: ended,
    made: stay,
    subscribed: stay,
    failed: stay,
    opened: stay,
    ponged: stay,
    beat: stay,
    lost: stay,
    checked: stay,
    condemned: stay,
    paused: stay,
    resumed: stay,
    asked: stay,
    ...cells,
  };
}

const expired: Cell = ["waiting", "drop", "setback"];
const fell: Cell = ["waiting", "drop", "gap-opened", "setback"];

/** Type-total: a kind or a type without its cell does not compile. */
const table: Record<State["kind"], Record<Input["type"], Cell>> = {
  idle: row("idle", { started: ["making", "make"] }),
  making: row("making", {
    woke: expired,
    made: ["subscribing", "subscribe"],
    failed: ["waiting", "setback"],
  }),
  subscribing: row("subscribing", {
    woke: expired,
    subscribed: ["opening", "dial"],
    failed: ["waiting", "setback"],
  }),
  opening: row("opening", {
    woke: expired,
    opened: ["live", "gap-closed", "connected", "ping"],
    lost: ["waiting", "setback"],
  }),
  live: row("live", {
    woke: ["live", "ping"],
    stopped: ["closed", "close", "gap-opened", "ended"],
    ponged: ["live", "proven"],
    asked: ["live", "ping"],
    lost: fell,
    condemned: fell,
  }),
  checking: row("checking", { woke: expired, checked: ["waiting", "setback"] }),
  waiting: row("waiting", { woke: ["opening", "dial"] }),
  closed: row("closed", {}),
};

const cells = Object.entries(table).flatMap(([kind, types]) =>
  Object.entries(types).map(([type, cell]) => ({
    kind: kind as State["kind"],
    type: type as Input["type"],
    cell,
  })),
);

describe("the transition table", () => {
  test.each(cells)("$kind, $type", ({ kind, type, cell }) => {
    const { state, effects } = step(states[kind], inputs[type], env);
    expect([state.kind, ...effects.map((effect) => effect.type)]).toEqual(cell);
  });

  test.each(cells.filter(({ type }) => "epoch" in inputs[type]))(
    "S1: $kind ignores $type of another epoch",
    ({ kind, type }) => {
      for (const stale of [epoch - 1, epoch + 1]) {
        const input = { ...inputs[type], epoch: stale } as Input;
        const { state, effects } = step(states[kind], input, env);
        expect(state).toBe(states[kind]);
        expect(effects).toEqual([]);
      }
    },
  );

  test.each(["making", "subscribing", "opening", "checking", "waiting", "live"] as const)(
    "%s does nothing when it is woken too early",
    (kind) => {
      const early = { ...env, nowMs: nowMs - 1 };
      const { state, effects } = step(states[kind], { type: "woke" }, early);
      expect(state).toBe(states[kind]);
      expect(effects).toEqual([]);
    },
  );
});

/** A rig whose session is live since its `nowMs`. */
function liveRig(policy: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(policy);
  rig.input({ type: "started" });
  rig.tell({ type: "made", channel });
  rig.tell({ type: "subscribed" });
  open(rig);
  return rig;
}

function open(rig: Rig): void {
  rig.tell({ type: "opened" });
  rig.hear();
}

function pong(rig: Rig): void {
  rig.hear();
  rig.tell({ type: "ponged" });
}

/** Lets a live session hold for so long, every ping being answered at once. */
function hold(rig: Rig, ms: number): void {
  const untilMs = rig.nowMs + ms;
  while (rig.live.unanswered.length > 0) pong(rig);
  while (rig.deadlineMs < untilMs) {
    rig.wake();
    pong(rig);
  }
  rig.nowMs = untilMs;
}

/** Nothing is heard any more. */
function die(rig: Rig): void {
  for (let wakes = 0; rig.state.kind === "live"; wakes++) {
    expect(wakes).toBeLessThan(20);
    rig.wake();
  }
}

/** What the slot does when its wait is over. */
function nextOf(rig: Rig): unknown {
  return rig.state.kind === "waiting" ? rig.state.next : undefined;
}

describe("S1: an answer of another epoch is ignored", () => {
  test("a slow answer does not disturb the attempt that came after it", () => {
    const rig = new Rig();
    rig.input({ type: "started" });
    const { epoch: slow } = rig.state.memory;
    rig.wake();
    rig.wake();
    expect(rig.state.kind).toBe("making");
    rig.input({ type: "made", epoch: slow, channel });
    expect(rig.state.kind).toBe("making");
    rig.tell({ type: "made", channel: other });
    expect(rig.state).toMatchObject({ kind: "subscribing", channel: other });
  });
});

describe("S2: every state but idle and closed has a deadline", () => {
  test("work that never answers is dropped after its time, and tried again", () => {
    const rig = new Rig();
    rig.input({ type: "started" });
    rig.wake();
    expect(rig.nowMs).toBe(defaultPolicy.workTimeoutMs);
    expect(rig.kinds).toEqual(["drop", "setback"]);
    rig.wake();
    rig.tell({ type: "made", channel });
    rig.wake();
    expect(rig.effects).toContainEqual(
      expect.objectContaining({ setback: { kind: "timeout", during: "subscribing" } }),
    );
    rig.wake();
    rig.tell({ type: "subscribed" });
    const dialledAtMs = rig.nowMs;
    rig.wake();
    expect(rig.nowMs - dialledAtMs).toBe(defaultPolicy.openTimeoutMs);
    expect(nextOf(rig)).toEqual({ do: "dial", channel });
  });

  test("a check that never answers leads to dialling again, and condemns nothing", () => {
    const rig = liveRig();
    rig.tell({ type: "lost", loss: cut });
    rig.wake();
    rig.tell({ type: "lost", loss: refused });
    expect(rig.state.kind).toBe("checking");
    rig.wake();
    expect(nextOf(rig)).toEqual({ do: "dial", channel });
  });
});

describe("S3: a peer that has answered before and lets a ping go unanswered is dead", () => {
  test("after the pong time-out, if nothing else was heard", () => {
    const rig = liveRig();
    hold(rig, 25_000);
    rig.wake();
    expect(rig.kinds).toEqual(["ping"]);
    const sentAtMs = rig.nowMs;
    rig.wake();
    expect(rig.nowMs - sentAtMs).toBe(defaultPolicy.pongTimeoutMs);
    expect(rig.kinds).toEqual(["drop", "gap-opened", "setback"]);
    expect(rig.effects).toContainEqual(
      expect.objectContaining({ setback: { kind: "silence" }, wasLive: true }),
    );
  });

  test("not as long as other frames come", () => {
    const rig = liveRig();
    hold(rig, 25_000);
    rig.wake();
    rig.pass(1);
    rig.hear();
    rig.wake();
    expect(rig.state.kind).toBe("live");
    expect(rig.kinds).toEqual(["ping"]);
  });

  test("a frame that came before the ping does not save it", () => {
    const rig = liveRig();
    hold(rig, 9_999);
    rig.hear();
    rig.wake();
    rig.wake();
    expect(rig.state.kind).toBe("waiting");
  });

  test("nor does one that came in the very instant of the ping", () => {
    const rig = liveRig();
    hold(rig, 9_999);
    rig.wake();
    rig.hear();
    rig.wake();
    expect(rig.state.kind).toBe("waiting");
  });

  test("a peer that never answered a ping dies of silence only, and by what was never heard", () => {
    const rig = liveRig();
    const openedAtMs = rig.nowMs;
    die(rig);
    expect(rig.nowMs - openedAtMs).toBe(defaultPolicy.silenceMs);
  });
});

describe("S4 and S5: the bounds of a gap", () => {
  test("it begins when the last answered ping was sent, and ends at the next opening", () => {
    const rig = liveRig();
    hold(rig, 25_000);
    rig.wake();
    const provenMs = rig.nowMs;
    rig.pass(300);
    pong(rig);
    rig.pass(4_000);
    rig.hear();
    rig.tell({ type: "lost", loss: cut });
    expect(rig.effects).toContainEqual(
      expect.objectContaining({ type: "gap-opened", down: { sinceMs: provenMs, cause: "cut" } }),
    );
    rig.wake();
    rig.pass(120);
    rig.tell({ type: "opened" });
    expect(rig.effects[0]).toMatchObject({ type: "gap-closed", untilMs: rig.nowMs });
  });

  test("a session that never got a pong is proven until it opened, no later", () => {
    const rig = liveRig();
    const openedAtMs = rig.nowMs;
    rig.pass(3_000);
    rig.hear();
    rig.tell({ type: "lost", loss: closed });
    expect(rig.effects).toContainEqual(
      expect.objectContaining({ down: { sinceMs: openedAtMs, cause: "closed" } }),
    );
  });

  test("it stays the same gap through attempts, checks and another channel", () => {
    const rig = liveRig();
    rig.tell({ type: "lost", loss: cut });
    const { down } = rig.state.memory;
    rig.wake();
    rig.tell({ type: "lost", loss: refused });
    rig.tell({ type: "checked", channel: "gone" });
    rig.wake();
    rig.tell({ type: "failed", failure: failure("UNREACHABLE") });
    rig.wake();
    rig.tell({ type: "made", channel: other });
    rig.tell({ type: "subscribed" });
    expect(rig.gaps).toBe(1);
    rig.tell({ type: "opened" });
    expect(rig.effects[0]).toMatchObject({ type: "gap-closed", down });
  });

  test.each([
    [{ type: "lost", loss: cut }, "cut"],
    [{ type: "lost", loss: closed }, "closed"],
    [{ type: "lost", loss: { kind: "protocol", detail: "", oversized: true } }, "protocol"],
    [{ type: "lost", loss: { kind: "unreachable", detail: "" } }, "cut"],
    [{ type: "condemned" }, "channel-gone"],
  ] satisfies readonly (readonly [Fact, string])[])("%j has the cause %s", (fact, cause) => {
    const rig = liveRig();
    rig.tell(fact);
    expect(rig.effects).toContainEqual(
      expect.objectContaining({ down: expect.objectContaining({ cause }) }),
    );
  });

  test("silence has the cause silence", () => {
    const rig = liveRig();
    die(rig);
    expect(rig.state.memory.down?.cause).toBe("silence");
  });
});

describe("S6: only the service's word condemns a channel", () => {
  test.each([
    ["alive", { do: "dial", channel }],
    ["unknown", { do: "dial", channel }],
    ["gone", { do: "make", instead: undefined }],
  ] as const)("a refused upgrade of a channel that is %s", (word, next) => {
    const rig = liveRig();
    rig.tell({ type: "lost", loss: cut });
    rig.wake();
    rig.tell({ type: "lost", loss: { ...refused, status: 404 } });
    expect(rig.kinds).toEqual(["check"]);
    rig.tell({ type: "checked", channel: word });
    expect(nextOf(rig)).toEqual(next);
  });

  test.each([
    ["CHANNEL_GONE", { do: "make", instead: undefined }],
    ["NOT_FOUND", { do: "subscribe", channel }],
    ["FORBIDDEN", { do: "subscribe", channel }],
    ["SERVICE_FAILED", { do: "subscribe", channel }],
  ] as const)("%s while subscribing", (code, next) => {
    const rig = new Rig();
    rig.input({ type: "started" });
    rig.tell({ type: "made", channel });
    rig.tell({ type: "failed", failure: failure(code) });
    expect(nextOf(rig)).toEqual(next);
  });

  test("a channel that the first retry has found gone is replaced at once; after that, with backoff", () => {
    const rig = liveRig();
    const condemn = (): void => {
      rig.tell({ type: "lost", loss: refused });
      rig.tell({ type: "checked", channel: "gone" });
    };
    const waitMs = (): number =>
      rig.state.kind === "waiting" ? rig.state.untilMs - rig.nowMs : Number.NaN;
    rig.tell({ type: "lost", loss: cut });
    rig.wake();
    condemn();
    expect(waitMs()).toBe(0);
    rig.wake();
    rig.tell({ type: "made", channel: other });
    rig.tell({ type: "subscribed" });
    condemn();
    expect(waitMs()).toBeGreaterThan(0);
  });

  test("a live session whose channel is condemned is cut and gets another channel", () => {
    const rig = liveRig();
    rig.tell({ type: "condemned" });
    expect(rig.kinds).toEqual(["drop", "gap-opened", "setback"]);
    expect(nextOf(rig)).toEqual({ do: "make", instead: undefined });
  });
});

/** Fails one attempt after another, and returns the waits. */
function waits(rig: Rig, count: number, fact: Fact): readonly number[] {
  return Array.from({ length: count }, () => {
    rig.tell(fact);
    const fromMs = rig.nowMs;
    rig.wake();
    return rig.nowMs - fromMs;
  });
}

describe("S7: the first retry at once, then full jitter under a ceiling that doubles", () => {
  const error: Fact = { type: "failed", failure: failure("SERVICE_FAILED") };

  test("up to the longest wait", () => {
    const rig = new Rig();
    rig.random = () => 1 - Number.EPSILON;
    rig.input({ type: "started" });
    expect(waits(rig, 10, error).map(Math.round)).toEqual([
      0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
  });

  test("down to nothing, for the jitter is full", () => {
    const rig = new Rig();
    rig.random = () => 0;
    rig.input({ type: "started" });
    expect(waits(rig, 5, error)).toEqual([0, 0, 0, 0, 0]);
  });

  test("a thousand failures later it is still a number", () => {
    const rig = new Rig();
    rig.input({ type: "started" });
    expect(waits(rig, 1_200, error).at(-1)).toBe(30_000);
  });
});

describe("S8: the backoff resets only after a session has held", () => {
  test.each([
    [59_999, 2],
    [60_000, 1],
  ])("held for %i ms: %i failures in a row", (heldMs, attempt) => {
    const rig = liveRig();
    rig.tell({ type: "lost", loss: cut });
    rig.wake();
    open(rig);
    hold(rig, heldMs);
    rig.tell({ type: "lost", loss: cut });
    expect(rig.state.memory.attempt).toBe(attempt);
  });

  test("a flapping service is not hammered", () => {
    const rig = liveRig();
    rig.random = () => 1 - Number.EPSILON;
    let fromMs = 0;
    for (let round = 0; round < 20; round++) {
      rig.tell({ type: "lost", loss: cut });
      fromMs = rig.nowMs;
      rig.wake();
      open(rig);
    }
    expect(Math.round(rig.nowMs - fromMs)).toBe(defaultPolicy.backoffMaxMs);
  });
});

/** The peer closes the socket right after it opened, and the slot dials again. */
function closeEarly(rig: Rig): void {
  rig.pass(1_000);
  rig.tell({ type: "lost", loss: closed });
}

describe("S9: sessions closed by the peer in a row, before they held, mean contention", () => {
  test("three of them: another channel, with the old one to fall back on", () => {
    const rig = liveRig();
    for (const _ of [1, 2]) {
      closeEarly(rig);
      expect(rig.kinds).not.toContain("contended");
      expect(nextOf(rig)).toEqual({ do: "dial", channel });
      rig.wake();
      open(rig);
    }
    closeEarly(rig);
    expect(rig.kinds).toEqual(["drop", "gap-opened", "contended", "setback"]);
    expect(nextOf(rig)).toEqual({ do: "make", instead: channel });
  });

  test("where no other may be made the old one is dialled again", () => {
    const rig = liveRig({ closesBeforeNewChannel: 1 });
    closeEarly(rig);
    rig.wake();
    rig.tell({ type: "failed", failure: failure("SERVICE_FAILED") });
    expect(nextOf(rig)).toEqual({ do: "make", instead: channel });
    rig.wake();
    rig.wake();
    expect(nextOf(rig)).toEqual({ do: "make", instead: channel });
    rig.wake();
    rig.tell({ type: "failed", failure: failure("CHANNELS_TAKEN") });
    expect(nextOf(rig)).toEqual({ do: "dial", channel });
  });

  test("another channel begins a row of its own", () => {
    const rig = liveRig({ closesBeforeNewChannel: 2 });
    for (const name of ["second", "third"]) {
      closeEarly(rig);
      rig.wake();
      open(rig);
      closeEarly(rig);
      expect(rig.kinds).toContain("contended");
      rig.wake();
      rig.tell({ type: "made", channel: sampleChannel(name) });
      expect(rig.state.memory.closes).toBe(0);
      rig.tell({ type: "subscribed" });
      open(rig);
    }
  });

  test.each(["a cut", "a session that held"])("%s breaks the row", (what) => {
    const rig = liveRig();
    for (const _ of [1, 2]) {
      closeEarly(rig);
      rig.wake();
      open(rig);
    }
    if (what === "a cut") rig.tell({ type: "lost", loss: cut });
    else {
      hold(rig, 60_000);
      rig.tell({ type: "lost", loss: closed });
    }
    expect(rig.state.memory.closes).toBe(0);
    rig.wake();
    open(rig);
    closeEarly(rig);
    expect(rig.kinds).not.toContain("contended");
  });
});

describe("S12: Retry-After is obeyed as a minimum", () => {
  test.each(["making", "subscribing"])("while %s", (phase) => {
    const rig = new Rig();
    rig.input({ type: "started" });
    if (phase === "subscribing") rig.tell({ type: "made", channel });
    const fact: Fact = { type: "failed", failure: failure("RATE_LIMITED", false, 70_000) };
    rig.tell(fact);
    expect(rig.deadlineMs).toBe(70_000);
  });

  test("and does not shorten the backoff", () => {
    const rig = new Rig();
    rig.random = () => 1 - Number.EPSILON;
    rig.input({ type: "started" });
    const fact: Fact = { type: "failed", failure: failure("RATE_LIMITED", false, 10) };
    expect(waits(rig, 3, fact).map(Math.round)).toEqual([10, 500, 1_000]);
  });
});

describe("the end", () => {
  test("a final failure ends the slot with its error", () => {
    const rig = new Rig();
    rig.input({ type: "started" });
    const final = failure("CREDENTIALS_REFUSED", true);
    rig.tell({ type: "failed", failure: final });
    expect(rig.effects).toEqual([expect.objectContaining({ type: "ended", cause: final.error })]);
    expect(rig.state.kind).toBe("closed");
  });

  test("nothing wakes it again", () => {
    const rig = liveRig();
    rig.input({ type: "stopped" });
    for (const input of Object.values(inputs)) {
      rig.tell(input);
      expect(rig.state).toMatchObject({ kind: "closed", cause: "stopped" });
      expect(rig.effects).toEqual([]);
    }
  });
});

const losses: readonly SocketLoss[] = [
  cut,
  closed,
  refused,
  { kind: "unreachable", detail: "" },
  { kind: "protocol", detail: "", oversized: false },
];
const failures: readonly Failure[] = [
  failure("SERVICE_FAILED"),
  failure("CHANNEL_GONE"),
  failure("CHANNELS_TAKEN"),
  failure("RATE_LIMITED", false, 90_000),
  failure("RATE_LIMITED", false, 1),
];

type Move =
  | { readonly do: "input"; readonly input: Input; readonly stale: boolean }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "hear" | "wake" | "wake-early" };

const common = ["made", "subscribed", "opened", "ponged", "beat"] as const;
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Move>({ do: "hear" }, { do: "wake" }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: "wake-early" }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.nat(70_000) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("input" as const),
      input: fc.oneof(
        fc.constantFrom(...common.map((type) => inputs[type])),
        fc.constantFrom(...Object.values(inputs).filter(({ type }) => type !== "stopped")),
        fc.constantFrom(...losses).map((loss): Input => ({ type: "lost", epoch, loss })),
        fc.constantFrom(...failures).map((it): Input => ({ type: "failed", epoch, failure: it })),
        fc
          .constantFrom("alive", "gone", "unknown")
          .map((word): Input => ({ type: "checked", epoch, channel: word })),
      ),
      stale: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
    }),
  },
);

function play(rig: Rig, moved: Move): void {
  switch (moved.do) {
    case "hear":
      return rig.hear();
    case "pass":
      return rig.pass(moved.ms);
    case "wake":
      if (Number.isFinite(rig.deadlineMs)) rig.wake();
      return;
    case "wake-early":
      return void rig.input({ type: "woke" });
    case "input": {
      if (!("epoch" in moved.input)) return void rig.input(moved.input);
      const at = rig.state.memory.epoch - (moved.stale ? 1 : 0);
      return void rig.input({ ...moved.input, epoch: at });
    }
  }
}

describe("whatever happens, in whatever order", () => {
  test("S1-S13 hold, and the slot stays able to come live", () => {
    fc.assert(
      fc.property(
        fc.array(move, { maxLength: 150, size: "max" }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (moves, dice) => {
          const rig = new Rig();
          rig.random = () => dice.next().value ?? 0;
          rig.input({ type: "started" });
          for (const one of moves) play(rig, one);
          for (let steps = 0; rig.state.kind !== "live"; steps++) {
            expect(steps).toBeLessThan(10);
            if (rig.state.kind === "waiting") rig.wake();
            rig.tell({ type: "made", channel });
            rig.tell({ type: "subscribed" });
            rig.tell({ type: "checked", channel: "alive" });
            rig.tell({ type: "opened" });
          }
          expect(rig.state.memory.down).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});
