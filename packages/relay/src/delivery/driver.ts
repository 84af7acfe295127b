/**
 * Drives the delivery machine of one sink: performs its effects, feeds back what came of them, and arms
 * one timer for its next deadline. It decides nothing about phases.
 */
import type { DeliveryOptions } from "../config/config.ts";
import { isRelayError, RelayError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock, Log, Random } from "../ports.ts";
import type { SinkControl } from "../service.ts";
import type { CheckOutcome, Sink, WriteOutcome } from "../sinks/sink.ts";
import { matchTopics } from "../topics.ts";
import type { DeliveryStatus } from "./delivery.ts";
import { initial, nextDeadlineMs, step } from "./machine.ts";
import { replay } from "./replay.ts";
import type { Effect, Env, Input, State } from "./state.ts";
import { statusOf } from "./status.ts";
import { tell } from "./tell.ts";

export interface DeliverySetup {
  /** Of the sink, as people know it. */
  readonly name: string;
  /** Under which the journal keeps its place. */
  readonly consumer: string;
  /** Where a sink that was never there before begins. */
  readonly from: "start" | "head";
  readonly sink: Sink;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly options: DeliveryOptions;
  /** Patterns of the topics that the sink wants; undefined means all. */
  readonly topics: readonly string[] | undefined;
}

/** Takes entries out of the journal to one sink: at least once, in journal order per key. */
export interface Delivery extends SinkControl {
  /** Begins; what goes wrong is tried again and told by `status`. */
  start(): void;
  /**
   * Lets what is under way end, for a few seconds at most, and closes the sink. Never rejects.
   * A delivery that was stopped is not started again.
   */
  stop(): Promise<void>;
  status(): DeliveryStatus;
}

export function createDelivery(setup: DeliverySetup): Delivery {
  return new Driver(setup);
}

/** How often dead letters are counted anew for who asks; others may remove them, in the journal itself. */
const recountMs = 1_000;

class Driver implements Delivery {
  readonly #setup: DeliverySetup;
  readonly #wants: (topic: string) => boolean;
  #state: State = initial;
  /** What can be aborted, by epoch. */
  readonly #work = new Map<number, AbortController>();
  #alarm = new AbortController();
  #armedAtMs: number | undefined;
  /** The end of the commits under way: the cursor is moved by one at a time. */
  #commits: Promise<unknown> = Promise.resolve();
  #replays: Promise<unknown> = Promise.resolve();
  #rewinds: PromiseWithResolvers<void>[] = [];
  /** Moved in the journal; they end when the machine knows, so that whoever looks then sees it. */
  #moved: PromiseWithResolvers<void>[] = [];
  #countedAtMs = 0;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #end = new AbortController();

  constructor(setup: DeliverySetup) {
    this.#setup = setup;
    this.#wants = matchTopics(setup.topics);
  }

  start(): void {
    this.#input({ type: "started" });
  }

  stop(): Promise<void> {
    this.#end.abort();
    this.#input({ type: "stop-wanted" });
    return this.#stopped.promise;
  }

  status(): DeliveryStatus {
    const { clock, journal } = this.#setup;
    const { deadLetters } = this.#state.memory;
    const nowMs = clock.monotonicMs();
    if (deadLetters > 0 && nowMs - this.#countedAtMs >= recountMs) void this.#recount();
    return statusOf(this.#state, journal.head, clock.wallMs() - nowMs);
  }

  check(signal: AbortSignal): Promise<CheckOutcome> {
    return this.#setup.sink.check(signal);
  }

  resume(): void {
    void this.#recount().then(() => this.#input({ type: "resume-wanted" }));
  }

  async rewind(position: number): Promise<void> {
    const { consumer, journal } = this.#setup;
    if (!Number.isSafeInteger(position) || position < 0 || position > journal.head)
      throw new RelayError(
        "CURSOR_INVALID",
        `Position ${position} is not between 0 and the head, ${journal.head}.`,
      );
    const { kind } = this.#state;
    if (kind === "idle" || kind === "stopped") return journal.rewind(consumer, position);
    const rewind = Promise.withResolvers<void>();
    this.#rewinds.push(rewind);
    this.#input({ type: "rewind-wanted", position });
    if (!isRewinding(this.#state)) this.#endRewinds(this.#notThere());
    return rewind.promise;
  }

  replay(
    ids?: readonly number[],
  ): Promise<{ readonly replayed: number; readonly refused: number }> {
    const run = this.#replays.then(async () => {
      if (this.#state.memory.sink !== "open" || this.#end.signal.aborted) throw this.#notThere();
      try {
        return await replay({ ...this.#setup, commit: this.#commit, end: this.#end.signal }, ids);
      } finally {
        await this.#recount();
      }
    });
    this.#replays = run.catch(() => undefined);
    return run;
  }

  #notThere(): RelayError {
    return new RelayError(
      "DELIVERY_STOPPED",
      `The sink ${this.#setup.name} is not open (${this.#state.kind}).`,
    );
  }

  #input(input: Input): void {
    const { clock, random, options } = this.#setup;
    const env: Env = {
      nowMs: clock.monotonicMs(),
      wallMs: clock.wallMs(),
      random,
      options,
      wants: this.#wants,
    };
    const { state, effects } = step(this.#state, input, env);
    const wasStopped = this.#state.kind === "stopped";
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (input.type === "rewound") for (const { resolve } of this.#moved.splice(0)) resolve();
    if (state.kind === "stopped" && !wasStopped) this.#letGo();
    this.#arm();
  }

  /** One timer, for whatever the machine waits for next. */
  #arm(): void {
    const atMs = nextDeadlineMs(this.#state);
    if (atMs === this.#armedAtMs) return;
    this.#alarm.abort();
    this.#armedAtMs = atMs;
    if (atMs === undefined) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    const { clock } = this.#setup;
    void clock.sleep(Math.max(0, atMs - clock.monotonicMs()), alarm.signal).then(() => {
      if (alarm.signal.aborted) return;
      this.#armedAtMs = undefined;
      this.#input({ type: "woke" });
    });
  }

  #perform(effect: Effect): void {
    const { name, consumer, journal, sink, log } = this.#setup;
    switch (effect.type) {
      case "enter":
        return this.#do(effect.epoch, () => this.#enter(effect.epoch));
      case "open":
        return this.#do(effect.epoch, async (signal) => {
          await sink.open(signal);
          return { type: "opened", epoch: effect.epoch };
        });
      case "watch":
        return this.#do(effect.epoch, async (signal) => {
          await journal.grown(effect.after, signal);
          return { type: "grew", epoch: effect.epoch };
        });
      case "read":
        return this.#do(effect.epoch, async () => {
          const { after, limit, bytesMax } = effect;
          const page = await journal.read({ after, limit, bytesMax });
          return { type: "read", epoch: effect.epoch, page };
        });
      case "write":
        return this.#do(effect.epoch, (signal) => this.#write(effect, signal));
      case "advance":
        return this.#do(effect.epoch, async () => {
          await this.#commit(() => journal.advance(consumer, effect.position, effect.refused));
          return { type: "advanced", epoch: effect.epoch };
        });
      case "rewind":
        return this.#do(effect.epoch, () => this.#rewind(effect));
      case "close":
        return this.#do(effect.epoch, async () => {
          await sink.close();
          return { type: "closed", epoch: effect.epoch };
        });
      case "abort":
        this.#work.get(effect.epoch)?.abort();
        return;
      case "told":
        return tell(log, name, effect.news);
      default:
        return effect satisfies never;
    }
  }

  /** Work of one epoch: what came of it is fed back as a fact. */
  #do(epoch: number, work: (signal: AbortSignal) => Promise<Input>): void {
    const controller = new AbortController();
    this.#work.set(epoch, controller);
    void work(controller.signal)
      .catch((error: unknown): Input => ({ type: "failed", epoch, error: known(error) }))
      .then((input) => {
        this.#work.delete(epoch);
        this.#input(input);
      });
  }

  async #enter(epoch: number): Promise<Input> {
    const { consumer, from, journal } = this.#setup;
    const { position, isEnabled, deadLetters } = await journal.openConsumer(
      consumer,
      from === "start" ? 0 : "head",
    );
    if (!isEnabled) await journal.enableConsumer(consumer, true);
    return { type: "entered", epoch, position, deadLetters };
  }

  /** Whatever a sink throws is one more way to say that it did not work. */
  async #write(
    { epoch, items }: Extract<Effect, { type: "write" }>,
    signal: AbortSignal,
  ): Promise<Input> {
    const entries = items.map(({ entry }) => entry);
    const write = async (): Promise<WriteOutcome> => this.#setup.sink.write(entries, signal);
    const outcome = await write().catch((error: unknown): WriteOutcome => ({
      kind: "retry",
      written: 0,
      error: known(error),
    }));
    return { type: "wrote", epoch, outcome };
  }

  readonly #commit = <T>(work: () => Promise<T>): Promise<T> => {
    const commit = this.#commits.then(work);
    this.#commits = commit.catch(() => undefined);
    return commit;
  };

  async #rewind({ epoch, position }: Extract<Effect, { type: "rewind" }>): Promise<Input> {
    const { consumer, journal } = this.#setup;
    const asked = this.#rewinds;
    try {
      await this.#commit(() => journal.rewind(consumer, position));
    } catch (error) {
      this.#endRewinds(known(error));
      throw error;
    }
    this.#rewinds = this.#rewinds.filter((rewind) => !asked.includes(rewind));
    this.#moved.push(...asked);
    return { type: "rewound", epoch };
  }

  #endRewinds(error: RelayError): void {
    for (const { reject } of this.#rewinds.splice(0)) reject(error);
  }

  /** The journal is asked how many dead letters there are; nobody waits for its answer. */
  async #recount(): Promise<void> {
    const { consumer, journal, clock } = this.#setup;
    this.#countedAtMs = clock.monotonicMs();
    try {
      const consumers = await journal.consumers();
      const deadLetters = consumers.find(({ name }) => name === consumer)?.deadLetters;
      if (deadLetters !== undefined) this.#input({ type: "counted", deadLetters });
    } catch {
      // The count stays what it was; that the journal fails is told by whatever needs it.
    }
  }

  #letGo(): void {
    for (const controller of this.#work.values()) controller.abort();
    this.#endRewinds(this.#notThere());
    this.#stopped.resolve();
  }
}

function isRewinding(state: State): boolean {
  return state.kind === "rewinding" || (state.kind === "draining" && state.aim.do === "rewind");
}

/** What a bug throws has no code, and its words may hold a body: they stay in the cause. */
function known(error: unknown): RelayError {
  if (isRelayError(error)) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new RelayError("SINK_BROKE", `The sink broke off (${name}).`, { cause: error });
}
