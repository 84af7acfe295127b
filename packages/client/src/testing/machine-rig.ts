/**
 * Runs the session machine by hand and checks after every step what must always hold: the
 * invariants S1-S13 of SPEC.md, as far as a single step or the history of steps can show them.
 */
import assert from "node:assert/strict";
import { initial, nextDeadlineMs, step } from "../session/machine.ts";
import { defaultPolicy, type Policy } from "../session/policy.ts";
import type { Down, Effect, Input, Live, Next, State } from "../session/state.ts";

/** An input of the present epoch, so that a test need not keep count. */
export type Fact = Input extends infer I ? (I extends Input ? Omit<I, "epoch"> : never) : never;

export class Rig {
  readonly policy: Policy;
  state: State = initial;
  nowMs = 0;
  heardAtMs = 0;
  random: () => number = () => 0.5;
  #gap: Down | undefined;
  #gaps = 0;
  #effects: readonly Effect[] = [];

  constructor(policy: Partial<Policy> = {}) {
    this.policy = { ...defaultPolicy, ...policy };
  }

  /** What the last input led to. */
  get effects(): readonly Effect[] {
    return this.#effects;
  }

  get kinds(): readonly Effect["type"][] {
    return this.#effects.map((effect) => effect.type);
  }

  /** How many gaps were opened so far. */
  get gaps(): number {
    return this.#gaps;
  }

  get deadlineMs(): number {
    return nextDeadlineMs(this.state) ?? Number.POSITIVE_INFINITY;
  }

  get live(): Live {
    assert.equal(this.state.kind, "live");
    return this.state;
  }

  /** A fact of the present epoch. */
  tell(fact: Fact): readonly Effect[] {
    return this.input({ ...fact, epoch: this.state.memory.epoch } as Input);
  }

  input(input: Input): readonly Effect[] {
    const env = {
      nowMs: this.nowMs,
      heardAtMs: this.heardAtMs,
      random: this.random,
      policy: this.policy,
    };
    const before = this.state;
    const { state, effects } = step(before, input, env);
    this.state = state;
    this.#effects = effects;
    this.#check(before, input);
    return effects;
  }

  /** Lets time pass without waking the machine. */
  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** Any frame has come in. */
  hear(): void {
    this.heardAtMs = this.nowMs;
  }

  /** Wakes the machine at its deadline. */
  wake(): readonly Effect[] {
    assert.ok(Number.isFinite(this.deadlineMs), `nothing to wait for in ${this.state.kind}`);
    this.nowMs = Math.max(this.nowMs, this.deadlineMs);
    return this.input({ type: "woke" });
  }

  #did(type: Effect["type"]): boolean {
    return this.#effects.some((effect) => effect.type === type);
  }

  #check(before: State, input: Input): void {
    const { state } = this;
    try {
      this.#checkEpochs(before, input);
      this.#checkDeadline(before, input);
      if (state.kind === "live") this.#checkProof(before, state);
      this.#checkBackoff(before, input);
      this.#checkGaps(before);
      this.#checkChannel(before, input);
    } catch (cause) {
      const told = `${before.kind} + ${JSON.stringify(input)} -> ${JSON.stringify(state)}`;
      throw new Error(`${String(cause)}: ${told}`, { cause });
    }
  }

  /** S1 */
  #checkEpochs(before: State, input: Input): void {
    const was = before.memory.epoch;
    const is = this.state.memory.epoch;
    assert.ok(is === was || is === was + 1, "an epoch rises by one");
    if ("epoch" in input && input.epoch !== was) {
      assert.equal(this.state, before, "an answer of another epoch is ignored");
      assert.equal(this.#effects.length, 0);
    }
    for (const effect of this.#effects) {
      const begins = ["make", "subscribe", "dial", "check"].includes(effect.type);
      assert.equal(effect.epoch, begins ? is : was, "an effect has its epoch");
      if (begins) assert.equal(is, was + 1, "each piece of work has a new epoch");
    }
    if (before.kind !== this.state.kind && before.kind !== "idle" && this.state.kind !== "closed")
      assert.ok(is === was + 1 || before.kind === "opening", "a phase has its epoch");
  }

  /** S2 */
  #checkDeadline(before: State, input: Input): void {
    const { state } = this;
    const deadlineMs = nextDeadlineMs(state);
    if (state.kind === "idle" || state.kind === "closed") {
      assert.equal(deadlineMs, undefined);
      return;
    }
    assert.ok(Number.isFinite(deadlineMs), "S2, a deadline");
    const wasDue = (nextDeadlineMs(before) ?? Number.POSITIVE_INFINITY) <= this.nowMs;
    if (input.type === "woke" && wasDue && state.kind === before.kind)
      assert.ok(this.deadlineMs > this.nowMs, "waking at a deadline moves it");
  }

  /** S3, S4, S10, S11 */
  #checkProof(before: State, state: Live): void {
    const { unanswered, provenAtMs, openedAtMs } = state;
    assert.ok(unanswered.length <= this.policy.unansweredMax, "S11, pings bounded");
    const isSorted = unanswered.every((atMs, index) => atMs >= (unanswered[index - 1] ?? 0));
    assert.ok(isSorted, "oldest first");
    assert.ok(provenAtMs <= this.nowMs, "no proof out of the future");
    assert.ok(provenAtMs >= openedAtMs, "no proof before the opening");
    assert.ok((unanswered[0] ?? provenAtMs) >= openedAtMs);
    if (before.kind !== "live") return;
    assert.ok(provenAtMs >= before.provenAtMs, "a proof stays");
    const told = this.#effects.flatMap((effect) =>
      effect.type === "proven" ? [effect.untilMs] : [],
    );
    assert.deepEqual(
      told,
      provenAtMs > before.provenAtMs ? [provenAtMs] : [],
      "S13, told if moved",
    );
    const pings = this.#effects.filter((effect) => effect.type === "ping").length;
    const answered = before.unanswered.length + pings - unanswered.length;
    assert.ok(answered === 0 || answered === 1, "S10, a pong answers one ping");
    if (answered === 1) assert.equal(provenAtMs, before.unanswered[0], "S10");
  }

  /** S7, S8, S12 */
  #checkBackoff(before: State, input: Input): void {
    const { policy, nowMs, state } = this;
    const was = before.memory;
    const held = before.kind === "live" && nowMs - before.openedAtMs >= policy.stableAfterMs;
    if (state.memory.attempt < was.attempt) assert.ok(held, "S8, reset only when held");
    if (before.kind === "waiting" || state.kind !== "waiting") {
      assert.equal(state.memory.attempt, was.attempt, "only a setback counts");
      return;
    }
    const failures = held ? 0 : was.attempt;
    assert.equal(state.memory.attempt, failures + 1);
    const retryAfterMs = input.type === "failed" ? (input.failure.error.retryAfterMs ?? 0) : 0;
    const ceilingMs =
      failures === 0
        ? 0
        : Math.min(policy.backoffMaxMs, policy.backoffFirstMs * 2 ** (failures - 1));
    const waitMs = state.untilMs - nowMs;
    assert.ok(waitMs >= retryAfterMs - 1e-6, "S12, Retry-After is a minimum");
    assert.ok(waitMs <= Math.max(retryAfterMs, ceilingMs) + 1e-6, "S7, a ceiling");
  }

  /** S4, S5 */
  #checkGaps(before: State): void {
    for (const effect of this.#effects) {
      if (effect.type === "gap-opened") {
        assert.equal(this.#gap, undefined, "a gap opens once");
        assert.ok(before.kind === "live");
        assert.equal(effect.down.sinceMs, before.provenAtMs, "S4");
        this.#gap = effect.down;
        this.#gaps++;
      } else if (effect.type === "gap-closed") {
        assert.equal(effect.down, this.#gap, "the gap that was opened closes");
        assert.ok(before.kind === "opening" && this.state.kind === "live", "S5");
        assert.equal(effect.untilMs, this.nowMs);
        assert.ok(effect.untilMs >= effect.down.sinceMs);
        this.#gap = undefined;
      }
    }
    assert.equal(this.state.memory.down, this.#gap, "down as long as the gap");
    if (this.state.kind === "live") assert.equal(this.#gap, undefined);
    const fell = before.kind === "live" && this.state.kind !== "live";
    assert.equal(fell, this.#did("gap-opened"), "each fall is a gap");
  }

  /** S6, S9 */
  #checkChannel(before: State, input: Input): void {
    const { state, policy } = this;
    assert.ok(state.memory.closes <= policy.closesBeforeNewChannel);
    const contended = this.#did("contended");
    if (contended) {
      assert.ok(input.type === "lost" && input.loss.kind === "closed", "S9");
      assert.equal(before.memory.closes, policy.closesBeforeNewChannel - 1, "S9");
    }
    if (state.kind !== "waiting" || before.kind === "waiting") return;
    const had = channelOf(before);
    if (had === undefined) return;
    const left = nextChannel(state.next) !== had;
    const condemned =
      input.type === "condemned" ||
      (input.type === "checked" && input.channel === "gone") ||
      (input.type === "failed" && input.failure.error.code === "CHANNEL_GONE");
    assert.equal(left, condemned, "S6, only the service condemns a channel");
    if (state.next.do === "make") assert.ok(condemned || contended, "S6, S9");
  }
}

function channelOf(state: State): unknown {
  return "channel" in state ? state.channel : undefined;
}

function nextChannel(next: Next): unknown {
  return next.do === "make" ? next.instead : next.channel;
}
