/**
 * The pure machine in a hostile world, for thousands of virtual hours. The world knows what it
 * sent; so it can tell whether each proof was true and each gap wide enough.
 */
import assert from "node:assert/strict";
import { createDice, type Dice } from "@trunkline/testkit";
import { test } from "vitest";
import { TrunklineError } from "../errors.ts";
import type { SocketLoss } from "../ports.ts";
import { Rig } from "../testing/machine-rig.ts";
import { sampleChannel } from "../testing/samples.ts";
import { unreachable } from "../unreachable.ts";
import type { Effect } from "./state.ts";

const hour = 3_600_000;
const hoursPerWorld = 50;
/** `MACHINE_WORLDS=1000 npm exec -- vitest run --project unit machine.sim` runs more. */
const worlds = Number(process.env["MACHINE_WORLDS"] ?? 40);

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** The service's end of a socket, and the road to it. */
interface Peer {
  readonly epoch: number;
  road: "open" | "swallows";
  /** Frames keep their order on one socket. */
  lastUpMs: number;
  lastDownMs: number;
  lives: boolean;
}

interface Mood {
  readonly answersPings: boolean;
  readonly latencyMs: number;
  readonly eventEveryMs: number;
  readonly harmEveryMs: number;
  readonly stallChance: number;
  readonly failChance: number;
}

class World {
  readonly rig = new Rig();
  readonly #dice: Dice;
  readonly #mood: Mood;
  readonly #due: Due[] = [];
  #order = 0;
  #peer: Peer | undefined;
  #channels = 0;
  /** Emitted and not yet arrived, by time; what is never given is checked against the gaps. */
  readonly missing = new Set<number>();
  readonly gaps: { sinceMs: number; untilMs: number }[] = [];
  emitted = 0;
  #openedFirstMs: number | undefined;

  constructor(seed: number) {
    const dice = (this.#dice = createDice(seed, "machine"));
    this.rig.random = () => dice.random();
    this.#mood = {
      answersPings: dice.chance(0.8),
      latencyMs: dice.pick([1, 50, 400, 2_000]),
      eventEveryMs: dice.pick([3_000, 10_000, 30_000]),
      harmEveryMs: dice.pick([20_000, 300_000, 3_600_000]),
      stallChance: dice.pick([0, 0.01]),
      failChance: dice.pick([0, 0.1, 0.5]),
    };
  }

  run(untilMs: number): void {
    const { rig } = this;
    this.#at(0, () => this.#emit());
    this.#at(this.#dice.between(0, 10_000), () => this.#harm());
    this.#react(rig.input({ type: "started" }));
    for (;;) {
      const next = this.#due[0];
      const alarmMs = rig.deadlineMs;
      const nextMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, alarmMs);
      if (nextMs > untilMs) return;
      rig.nowMs = Math.max(rig.nowMs, nextMs);
      if (next !== undefined && next.atMs <= alarmMs) {
        this.#due.shift();
        next.run();
      } else {
        this.#react(rig.input({ type: "woke" }));
      }
    }
  }

  /** Every event that was not given lies in a gap, or after the last proof of a session that lives. */
  weigh(): void {
    const { state } = this.rig;
    const openMs =
      state.kind === "live"
        ? state.provenAtMs
        : (state.memory.down?.sinceMs ?? Number.NEGATIVE_INFINITY);
    const gaps = [...this.gaps, { sinceMs: openMs, untilMs: Number.POSITIVE_INFINITY }];
    const firstMs = this.#openedFirstMs ?? Number.POSITIVE_INFINITY;
    let index = 0;
    // Both are in the order of time.
    for (const atMs of this.missing) {
      if (atMs < firstMs) continue;
      while ((gaps[index]?.untilMs ?? atMs) < atMs) index++;
      const sinceMs = gaps[index]?.sinceMs ?? Number.POSITIVE_INFINITY;
      assert.ok(sinceMs <= atMs, `what was sent at ${atMs} is missing, in no gap`);
    }
  }

  #at(atMs: number, run: () => void): void {
    const due = { atMs, order: this.#order++, run };
    let index = this.#due.length;
    for (; index > 0; index--) {
      const before = this.#due[index - 1];
      if (before === undefined || before.atMs <= atMs) break;
    }
    this.#due.splice(index, 0, due);
  }

  #later(run: () => void): void {
    const latencyMs = this.#dice.chance(this.#mood.stallChance)
      ? this.#dice.between(0, 400_000)
      : this.#dice.between(0, 2 * this.#mood.latencyMs);
    this.#at(this.rig.nowMs + latencyMs, run);
  }

  #emit(): void {
    const { rig } = this;
    const sentMs = rig.nowMs;
    this.emitted++;
    this.missing.add(sentMs);
    const peer = this.#peer;
    if (peer?.lives === true) {
      this.#down(peer, () => {
        rig.hear();
        this.missing.delete(sentMs);
      });
    }
    this.#at(sentMs + this.#dice.between(1, 2 * this.#mood.eventEveryMs), () => this.#emit());
  }

  /** A frame from the peer to us; it arrives in order, if at all. */
  #down(peer: Peer, arrived: () => void): void {
    if (peer.road === "swallows") return;
    const atMs = Math.max(
      peer.lastDownMs,
      this.rig.nowMs + this.#dice.between(0, 2 * this.#mood.latencyMs),
    );
    peer.lastDownMs = atMs;
    this.#at(atMs, () => {
      if (peer.road === "open" && this.rig.state.memory.epoch === peer.epoch) arrived();
    });
  }

  #react(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    const { rig } = this;
    const { epoch } = effect;
    switch (effect.type) {
      case "make": {
        const channel = sampleChannel(`channel-${++this.#channels}`);
        return this.#work(epoch, () => rig.input({ type: "made", epoch, channel }));
      }
      case "subscribe":
        return this.#work(epoch, () => rig.input({ type: "subscribed", epoch }));
      case "check": {
        const channel = this.#dice.pick(["alive", "alive", "gone", "unknown"] as const);
        return this.#later(() => this.#react(rig.input({ type: "checked", epoch, channel })));
      }
      case "dial":
        return this.#dial(epoch);
      case "ping":
        return this.#ping(epoch);
      case "drop":
      case "close":
        if (this.#peer?.epoch === epoch) this.#peer.lives = false;
        return;
      case "gap-closed":
        this.gaps.push({ sinceMs: effect.down.sinceMs, untilMs: effect.untilMs });
        return;
      case "connected":
        this.#openedFirstMs ??= rig.nowMs;
        return;
      case "setback":
      case "gap-opened":
      case "proven":
      case "contended":
      case "ended":
        return;
      default:
        return unreachable(effect);
    }
  }

  #work(epoch: number, succeed: () => readonly Effect[]): void {
    const code = this.#dice.pick(["SERVICE_FAILED", "RATE_LIMITED", "CHANNEL_GONE"] as const);
    const retryAfterMs = code === "RATE_LIMITED" ? this.#dice.int(1_000, 90_000) : undefined;
    const failure = { error: new TrunklineError(code, "No.", { retryAfterMs }), final: false };
    const fails = this.#dice.chance(this.#mood.failChance);
    this.#later(() =>
      this.#react(fails ? this.rig.input({ type: "failed", epoch, failure }) : succeed()),
    );
  }

  #dial(epoch: number): void {
    const { rig } = this;
    if (this.#dice.chance(this.#mood.failChance)) {
      const loss = this.#loss();
      this.#later(() => this.#react(rig.input({ type: "lost", epoch, loss })));
      return;
    }
    this.#later(() => {
      if (rig.state.memory.epoch !== epoch) return;
      const { nowMs } = rig;
      const peer: Peer = {
        epoch,
        road: "open",
        lastUpMs: nowMs,
        lastDownMs: nowMs,
        lives: true,
      };
      this.#peer = peer;
      this.#down(peer, () => {
        rig.hear();
        this.#react(rig.input({ type: "opened", epoch }));
      });
      this.#at(nowMs + 30_000, () => this.#beat(peer));
    });
  }

  #beat(peer: Peer): void {
    if (!peer.lives) return;
    this.#down(peer, () => {
      this.rig.hear();
      this.#react(this.rig.input({ type: "beat", epoch: peer.epoch }));
    });
    this.#at(this.rig.nowMs + 30_000, () => this.#beat(peer));
  }

  #ping(epoch: number): void {
    const peer = this.#peer;
    if (peer?.epoch !== epoch || peer.road === "swallows") return;
    const atMs = Math.max(
      peer.lastUpMs,
      this.rig.nowMs + this.#dice.between(0, 2 * this.#mood.latencyMs),
    );
    peer.lastUpMs = atMs;
    this.#at(atMs, () => {
      if (!peer.lives || !this.#mood.answersPings) return;
      this.#down(peer, () => {
        this.rig.hear();
        this.#react(this.rig.input({ type: "ponged", epoch }));
      });
    });
  }

  #loss(): SocketLoss {
    const refused = { kind: "refused", status: 502, via: undefined, server: undefined } as const;
    return this.#dice.pick<SocketLoss>([
      { kind: "cut", detail: "" },
      { kind: "closed", code: 1001, reason: "" },
      { kind: "unreachable", detail: "" },
      refused,
    ]);
  }

  #harm(): void {
    const peer = this.#peer;
    const { epoch } = this.rig.state.memory;
    const { kind } = this.rig.state;
    if (peer?.lives === true && peer.epoch === epoch && kind === "live") {
      const what = this.#dice.pick(["half-open", "lost", "lost", "condemned", "pause"] as const);
      if (what === "half-open") {
        peer.road = "swallows";
      } else if (what === "lost") {
        peer.lives = false;
        peer.road = "swallows";
        this.#react(this.rig.input({ type: "lost", epoch, loss: this.#loss() }));
      } else if (what === "condemned") {
        this.#react(this.rig.input({ type: "condemned", epoch }));
      } else {
        this.#react(this.rig.input({ type: "paused", epoch }));
        this.#later(() => this.#react(this.rig.input({ type: "resumed", epoch })));
      }
    }
    this.#at(this.rig.nowMs + this.#dice.between(0, 2 * this.#mood.harmEveryMs), () =>
      this.#harm(),
    );
  }
}

test(
  `${worlds} hostile worlds of ${hoursPerWorld} hours: nothing missing that no gap tells of`,
  () => {
    let gaps = 0;
    let emitted = 0;
    for (let seed = 1; seed <= worlds; seed++) {
      const world = new World(seed);
      try {
        world.run(hoursPerWorld * hour);
        world.weigh();
      } catch (error) {
        throw new Error(`world ${seed}: ${String(error)}`, { cause: error });
      }
      gaps += world.gaps.length;
      emitted += world.emitted;
    }
    assert.ok(gaps > 1_000, `${gaps} gaps`);
    assert.ok(emitted > 100_000, `${emitted} events`);
  },
  20_000 + worlds * 500,
);
