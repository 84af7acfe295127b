/**
 * One simulated world: the relay with its real journal, delivery and sinks, the mock's model of the
 * cloud, a network with latency, and a storm of faults drawn from the seed (swarm: each kind is off in
 * half of the worlds). Then everything heals, and all must be whole again. The oracles look at the
 * cloud's ledger, at the rows of the database and at what arrives, never into the relay.
 */
import assert from "node:assert/strict";
import { createDice, SimClock, type Dice } from "@trunkline/testkit";
import { Books } from "./books.ts";
import { Destination } from "./destinations.ts";
import { Disk } from "./disk.ts";
import { cloudFaults } from "./faults.ts";
import { hostFaults, type Host } from "./host-faults.ts";
import { Manners } from "./manners.ts";
import { epochMs, Network } from "./network.ts";
import { drawPlan, type DrawnPlan, type Say, type WorldPlan } from "./plan.ts";
import { Station } from "./station.ts";
import { drawTopics, inviteNeighbours, setInMotion } from "./surroundings.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export interface WorldReport {
  readonly seed: number;
  readonly virtualMs: number;
  readonly faults: number;
  /** On topics that were carried, at least once, and wanted. */
  readonly emitted: number;
  readonly stored: number;
  /** Not stored, and in a gap. */
  readonly missing: number;
  readonly gaps: number;
  /** Entries that arrived at sinks, once each. */
  readonly delivered: number;
  /** Events that were stored once more. */
  readonly doubles: number;
  /** Events that were handed on marked `maybeDuplicate`. */
  readonly marked: number;
  readonly kills: number;
  readonly restarts: number;
  /** Events inside coverage that the client had claimed when it was checked. */
  readonly claims: number;
}

export interface WorldOptions {
  /** Hears what happens, for whoever replays a seed. */
  readonly tell?: ((line: string) => void) | undefined;
  /** Changes what was drawn. */
  readonly shape?: ((drawn: DrawnPlan) => DrawnPlan) | undefined;
  /** After each virtual hour of the storm, with what waits to be done. */
  readonly eachHour?: ((hours: number, timers: number) => void) | undefined;
}

export async function runRelayWorld(
  seed: number,
  options: WorldOptions = {},
): Promise<WorldReport> {
  const { tell } = options;
  const world = new RelayWorld(seed, options);
  const { stackTraceLimit } = Error;
  // Each timer that is taken back makes an error, whose stack costs more than all else of it; a replay has them.
  if (tell === undefined) Error.stackTraceLimit = 0;
  try {
    return await world.run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    world.close();
  }
}

class RelayWorld {
  readonly #plan: WorldPlan;
  readonly #dice: Dice;
  readonly #clock: SimClock;
  readonly #network: Network;
  readonly #books: Books;
  readonly #manners: Manners;
  readonly #host: Host;
  readonly #say: Say;
  readonly #eachHour: (hours: number, timers: number) => void;
  #faults = 0;
  #isStorming = true;

  constructor(seed: number, { tell, shape = (drawn) => drawn, eachHour }: WorldOptions) {
    this.#eachHour = eachHour ?? (() => undefined);
    const dice = (this.#dice = createDice(seed, "world"));
    const plan = shape(drawPlan(seed, dice));
    const clock = (this.#clock = new SimClock(epochMs + plan.skewMs));
    this.#say = (text) => {
      if (tell === undefined) return;
      const words = typeof text === "string" ? text : text();
      tell(`${clock.monotonicMs().toFixed(0).padStart(9)} ${words}`);
    };
    const network = new Network(clock, dice.fork("network"), plan.oneWayMs, plan.cloud);
    this.#network = network;
    this.#plan = { ...plan, topics: drawTopics(network, dice) };
    const disk = new Disk(plan.disk, dice.fork("disk"));
    const books = (this.#books = new Books(disk.database, plan.skewMs));
    this.#manners = new Manners(network);
    const sink = (name: "output" | "webhook"): Destination =>
      new Destination(name, clock, dice.fork(name), plan.moods[name], books);
    const destinations = { output: sink("output"), webhook: sink("webhook") };
    for (const name of ["output", "webhook"] as const)
      books.expectSink(name, wantsOf(plan.filters[name]));
    const station = new Station({
      plan: this.#plan,
      clock,
      network,
      disk,
      books,
      destinations,
      dice: dice.fork("relay"),
      say: this.#say,
    });
    this.#host = { plan: this.#plan, clock, station, disk, books, destinations };
    let advances = 0;
    disk.onCommit = ({ steps }) => {
      if (!steps.some(({ kind }) => kind === "advance")) return;
      if (++advances % 4 === 0) this.#watch(() => books.lookAtCursors());
    };
    network.onRequest = () => this.#watch(() => this.#manners.look());
    for (const name of ["output", "webhook"] as const)
      destinations[name].onViolation = (error) => (station.violation ??= error);
  }

  async run(): Promise<WorldReport> {
    const plan = this.#plan;
    const { station } = this.#host;
    const [network, books] = [this.#network, this.#books];
    books.want(plan.topics, network.cloudMs());
    inviteNeighbours(network, this.#clock, this.#dice.fork("neighbours"), plan.neighbours);
    const life = setInMotion(this.#dice.fork("events"), plan, this.#clock, network, books);
    station.start();
    await this.#pass(20 * second);
    this.#storm();
    if (plan.changesTopics) this.#changeMind();
    while (this.#clock.monotonicMs() < plan.stormMs) {
      await this.#pass(Math.min(hour, plan.stormMs - this.#clock.monotonicMs()));
      this.#look();
      books.settle(network.cloudMs() - 2 * hour);
      this.#eachHour(Math.round(this.#clock.monotonicMs() / hour), this.#clock.timers);
    }
    this.#heal();
    await this.#pass(minute);
    life.stop();
    await this.#becomeWhole();
    await this.#end();
    return this.#report();
  }

  close(): void {
    this.#host.station.life?.kill();
    this.#host.disk.database.close();
  }

  /** Topics that vanished are found out at the next confirmation, and a channel that others held when it is free. */
  async #becomeWhole(): Promise<void> {
    for (let minutes = 12; ; minutes++) {
      await this.#pass(minute);
      const trouble = this.#trouble();
      if (trouble.length === 0) return;
      assert.ok(minutes < 40, `after everything has healed: ${trouble.join("; ")}`);
    }
  }

  #trouble(): readonly string[] {
    const { station, disk } = this.#host;
    const { relay } = station;
    this.#look();
    if (relay === undefined) return ["the relay does not run"];
    const [trunk] = relay.service.trunks();
    const notLive = (trunk?.topics ?? []).filter(({ state }) => state !== "live");
    const open = this.#books.gaps.open().filter((topic) => this.#books.isWanted(topic));
    const behind = [...this.#books.sinks].filter(([, { done }]) => done < this.#books.head);
    return [
      ...(disk.isFull ? ["the disk is full"] : []),
      ...(notLive.length > 0 ? [`${notLive.length} topics are ${notLive[0]?.state}`] : []),
      ...(open.length > 0 ? [`${open.length} topics are in a gap`] : []),
      ...behind.map(([name, { done }]) => `${name} is at ${done} of ${this.#books.head}`),
    ];
  }

  async #end(): Promise<void> {
    const { station } = this.#host;
    let isOver = false;
    const stopped = station.stop(station.topics).finally(() => (isOver = true));
    stopped.catch(() => undefined);
    await this.#pass(3 * minute, () => isOver);
    assert.ok(isOver, "a stop ends");
    await stopped;
    this.#throwViolation();
    this.#look();
    for (const topic of station.topics)
      assert.ok(
        this.#books.gaps.isOpen(topic.toLowerCase()),
        `${topic}: ended, and no gap says so`,
      );
    this.#books.settle(Number.POSITIVE_INFINITY);
  }

  #heal(): void {
    const { station, disk, destinations } = this.#host;
    this.#say("all heals");
    this.#isStorming = false;
    this.#network.heal();
    disk.isFull = false;
    disk.delayMs = 0;
    destinations.output.calm();
    destinations.webhook.calm();
    station.life?.resume();
    // What killed runs have left there, and nobody but them knows, would go in 24 h.
    for (const { channelId, socketIds } of this.#network.cloud.state().channels)
      if (socketIds.length === 0)
        this.#network.cloud.faults.dropChannel({ channelId }, this.#network.cloudMs());
  }

  #storm(): void {
    const { clockHolds, stormMs, faultEveryMs } = this.#plan;
    const dice = this.#dice.fork("faults");
    const kinds: readonly { readonly name: string; readonly strike: () => void }[] = [
      ...cloudFaults.map((fault) => ({
        name: fault.name,
        strike: () => fault.strike(this.#network, this.#clock, dice),
      })),
      ...hostFaults
        .filter(({ movesClock }) => movesClock === undefined || !clockHolds)
        .map((fault) => ({ name: fault.name, strike: () => fault.strike(this.#host, dice) })),
    ];
    const drawn = kinds.filter(() => dice.chance(0.5));
    const faults = drawn.length === 0 ? [dice.pick(kinds)] : drawn;
    const strike = (): void => {
      if (!this.#isStorming || this.#clock.monotonicMs() >= stormMs) return;
      const fault = dice.pick(faults);
      this.#say(`fault: ${fault.name}`);
      fault.strike();
      this.#faults++;
      this.#clock.at(this.#clock.monotonicMs() + dice.between(0, 2 * faultEveryMs), strike);
    };
    strike();
  }

  /** The configuration drops and adds topics while all this goes on; in the end all are wanted. */
  #changeMind(): void {
    const dice = this.#dice.fork("mind");
    const { topics, stormMs } = this.#plan;
    const change = (): void => {
      const isLast = this.#clock.monotonicMs() >= stormMs;
      this.#host.station.setTopics(isLast ? topics : topics.filter(() => dice.chance(0.8)));
      if (!isLast) again();
    };
    const again = (): void => {
      this.#clock.at(this.#clock.monotonicMs() + dice.between(second, stormMs / 4), change);
    };
    again();
  }

  #look(): void {
    this.#manners.look();
    this.#books.look();
  }

  #watch(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#host.station.violation ??= error;
    }
  }

  async #pass(ms: number, stop: () => boolean = () => false): Promise<void> {
    const { station } = this.#host;
    const untilMs = this.#clock.monotonicMs() + ms;
    await this.#clock.runUntil(untilMs, () => station.violation !== undefined || stop());
    this.#throwViolation();
  }

  #throwViolation(): void {
    const { violation } = this.#host.station;
    if (violation === undefined) return;
    throw violation instanceof Error ? violation : new Error("violated", { cause: violation });
  }

  #report(): WorldReport {
    const { station } = this.#host;
    const sinks = [...this.#books.sinks.values()];
    const { emitted, stored, missing, doubles, marked } = this.#books.sums;
    return {
      seed: this.#plan.seed,
      virtualMs: this.#clock.monotonicMs(),
      faults: this.#faults,
      emitted,
      stored,
      missing,
      gaps: this.#books.gaps.opened,
      delivered: sinks.reduce((sum, { delivered }) => sum + delivered, 0),
      doubles,
      marked,
      kills: station.kills,
      restarts: station.restarts,
      claims: station.claims,
    };
  }
}

/** Patterns in which `*` stands for one segment. */
function wantsOf(patterns: readonly string[] | undefined): (topic: string) => boolean {
  if (patterns === undefined) return () => true;
  const known = new Map<string, boolean>();
  const forms = patterns.map(
    (pattern) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`, "iu"),
  );
  return (topic) => {
    let wants = known.get(topic);
    if (wants === undefined) known.set(topic, (wants = forms.some((form) => form.test(topic))));
    return wants;
  };
}
