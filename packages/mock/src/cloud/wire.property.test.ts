/** The ledger against the wire: whatever clients do and whatever faults stand, it says exactly what each socket received. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { disagreement, type WireFrame } from "../testing/oracle.ts";
import { Stage } from "../testing/stage.ts";
import type { CloudEffect } from "./contract.ts";
import { createDice, type Dice } from "./dice.ts";
import { garbageKinds, type Fault } from "./faults.ts";

/** Forty; the second tier takes more, as it does of all properties. */
const seeds = Math.round(0.4 * (fc.readConfigureGlobal().numRuns ?? 100));
const foreign = "no event at all";

/** The other end of all sockets: it notes what arrives, and sometimes hangs up in the middle of it. */
class Wire {
  readonly received = new Map<number, WireFrame[]>();
  readonly open = new Set<number>();
  readonly frozen = new Set<number>();
  readonly stage: Stage;
  readonly dice: Dice;
  hangUpShare = 0;

  constructor(stage: Stage, dice: Dice) {
    this.stage = stage;
    this.dice = dice;
    stage.onEffect = (effect) => this.take(effect);
  }

  connect(channelId: string): void {
    const upgrade = this.stage.cloud.upgrade(`/channels/${channelId}`, this.stage.nowMs);
    if (upgrade.kind !== "accepted") return;
    this.open.add(upgrade.socketId);
    this.received.set(upgrade.socketId, []);
    if (upgrade.frozen) this.frozen.add(upgrade.socketId);
  }

  hangUp(socketId: number): void {
    this.open.delete(socketId);
    this.stage.cloud.closed(socketId, this.stage.nowMs);
  }

  take(effect: CloudEffect): void {
    const { socketId, type } = effect;
    assert(this.open.has(socketId), `${type} on socket ${socketId}, which has ended`);
    if (type === "freeze") {
      if (effect.frozen) this.frozen.add(socketId);
      else this.frozen.delete(socketId);
      return;
    }
    if (type !== "send") return void this.open.delete(socketId);
    assert(!this.frozen.has(socketId), `socket ${socketId} is frozen, and was sent something`);
    if (effect.form === undefined)
      this.received.get(socketId)?.push({ text: effect.text, atMs: this.stage.nowMs });
    if (this.dice.chance(this.hangUpShare)) this.hangUp(socketId);
  }
}

interface World {
  readonly wire: Wire;
  readonly reordered: boolean;
}

function worldOf(seed: number): World {
  const dice = createDice(seed, "wire");
  const reordered = dice.chance(0.5);
  const clientIds = ["a", "b", "c"];
  const stage = new Stage({
    seed,
    rate: 10,
    clients: clientIds.map((clientId) => ({
      clientId,
      clientSecret: "s",
      accessTokenValiditySeconds: 300,
    })),
    settings: {
      correlationId: dice.pick(["per-event", "per-delivery"]),
      fieldOrder: dice.pick(["same", "per-channel"]),
      observationSampling: dice.pick(["per-topic", "per-channel"]),
      displacedNotice: dice.chance(0.5),
      evictedChannelSocket: dice.pick(["stay", "cut"]),
      tokenExpiry: dice.pick(["nothing", "closes-sockets", "kills-channels"]),
      announcedSocketAfterMove: dice.pick(["keeps-receiving", "displaced"]),
      idleTimeoutMs: dice.pick([0, 60_000]),
      pongIntervalMs: dice.pick([0, 500]),
      heldFramesMax: dice.pick([1, 3, 10_000]),
      channelsPerClientMax: 4,
      requestsPerMinuteMax: 100_000,
    },
  });
  const wire = new Wire(stage, dice);
  wire.hangUpShare = dice.pick([0, 0.01]);
  const acts = actsOf(wire, clientIds, reordered);
  for (let round = 0; round < 70; round += 1) {
    stage.pass(dice.below(3000));
    dice.pick(acts)();
  }
  stage.cloud.faults.clear();
  stage.pass(20_000);
  return { wire, reordered };
}

function actsOf(wire: Wire, clientIds: readonly string[], reordered: boolean): (() => unknown)[] {
  const { stage, dice } = wire;
  const { cloud } = stage;
  const topics = cloud.sampleTopics(120);
  const socketId = (): number => (wire.open.size === 0 ? 1 : dice.pick([...wire.open]));
  const channelId = (): string => {
    const { channels } = cloud.state();
    return channels.length === 0 ? "none" : dice.pick(channels).channelId;
  };
  const putTopics = (): void => {
    const token = stage.token(dice.pick(clientIds), "s");
    const id = stage.channel(token);
    stage.put(token, id, topics.slice(0, 1 + dice.below(60)));
    wire.connect(id);
  };
  const moved = ["silence", "halfOpen", "delayFrames", "delayFrames"] as const;
  const struck = ["dropFrames", "duplicateFrames", "truncateFrames", "fragmentFrames"] as const;
  const target = (): object =>
    dice.pick([{}, { socketId: socketId() }, { socketId: socketId() }, { channelId: channelId() }]);
  const inject = (name: string, more: object = {}): unknown =>
    cloud.faults.inject({ fault: name, ...target(), ...more } as Fault, stage.nowMs);
  const sometimes = (): object => ({
    ...(dice.chance(0.5) ? { share: dice.unit() } : {}),
    ...(dice.chance(0.5) ? { count: 1 + dice.below(20) } : {}),
    ...(dice.chance(0.3) ? { topic: "v2.*.CONVERSATIONS" } : {}),
  });
  const endOne = (): void => {
    const standing = cloud.faults.list();
    if (standing.length > 0) cloud.faults.remove(dice.pick(standing).id);
  };
  const acts: (() => unknown)[] = [
    putTopics,
    putTopics,
    ...Array.from({ length: 5 }, () => () => wire.connect(channelId())),
    () => wire.hangUp(socketId()),
    () => stage.say(socketId(), { message: "subscribe", topics: [dice.pick(topics)] }),
    () => stage.say(socketId(), { message: "ping" }),
    () => cloud.emit(dice.pick(topics), { id: dice.uuid(), 7: "seven", name: "Zoë" }, stage.nowMs),
    () => inject(dice.pick(moved), { ms: dice.below(4000), jitterMs: dice.below(4000) }),
    () => inject(dice.pick(struck), { fragments: 3, ...sometimes() }),
    () => inject(dice.pick(struck), { fragments: 2, ...sometimes() }),
    endOne,
    endOne,
    endOne,
    () => inject("cutSockets"),
    () => inject("closeSockets", { code: 1012 }),
    () => inject("announceClosing", { graceMs: dice.below(5000) }),
    () => inject(dice.pick(["dropChannel", "evictChannel", "expireChannel"])),
    () => inject(dice.pick(["revokeToken", "expireToken"])),
    () => inject("sendText", { text: foreign }),
    () => inject("sendGarbage", { kind: dice.pick(tellable) }),
    () => inject("sendHuge", { bytes: 2000 }),
    () => cloud.faults.burst({ events: 30 }, stage.nowMs),
    () => {
      cloud.faults.burst({ events: 30 }, stage.nowMs);
      inject(dice.pick(["cutSockets", "silence", "reorderFrames"].slice(0, reordered ? 3 : 2)));
    },
    () => cloud.faults.clear(),
  ];
  if (reordered) acts.push(() => inject("reorderFrames", sometimes()));
  if (reordered) acts.push(() => inject("reorderFrames", sometimes()));
  return acts;
}

/** Garbage that is not JSON may be the very text of an event that was cut short, and no oracle can tell them apart. */
const tellable = garbageKinds.filter((kind) => kind !== "not-json");

/** Texts that `sendText` and `sendGarbage` send. */
const isForeign = (text: string): boolean => text === foreign || text === '[{"hello":"world"}]';

test(`in ${seeds} worlds, every socket received exactly what the ledger says`, () => {
  const outcomes = new Map<string, number>();
  const count = (what: string): unknown => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { wire, reordered } = worldOf(seed);
    const { entries } = wire.stage.cloud.ledger.query();
    const differs = disagreement(wire.received, entries, { reordered, isForeign });
    assert.equal(differs, undefined, `seed ${seed}`);
    for (const { deliveries } of entries) {
      for (const { socketId, outcome, copies, sentAtMs } of deliveries) {
        assert((socketId === undefined) === (outcome === "no-socket"), `seed ${seed}`);
        count(outcome);
        if (copies !== undefined) count(copies > 1 ? "copies" : "senseless copies");
        if (sentAtMs !== undefined) count("late");
      }
    }
  }
  expect([...outcomes.keys()].sort()).toEqual(
    ["copies", "dropped", "garbled", "late", "lost", "no-socket", "sent", "silenced"].sort(),
  );
  for (const [what, times] of outcomes) assert(times > 50, `${what}: only ${times}`);
});

test("the same seed is the same world, faults and all", () => {
  for (const seed of [1, 2, 3])
    expect(worldOf(seed).wire.stage.effects).toEqual(worldOf(seed).wire.stage.effects);
});
