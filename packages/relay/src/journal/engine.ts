/**
 * The journal over a carrier: gathers what comes while the last commit runs, commits it as one batch,
 * and tries again without end what may heal. The disk is the carrier's business, on this thread or
 * another.
 *
 *     append ──► gatherer ──► sealed … ──► under way ──► stored: promises resolve, head moves
 *                                  ▲            │ failed: pause, the same batch again
 *                                  └── full ────┘
 */
import type { Clock, Random } from "@trunkline/client";
import { RelayError } from "../errors.ts";
import type { Answer, Carrier, Opened, Outcome, Question, Standing } from "./batch.ts";
import type { Draft, GapEntry, KnownConversation } from "./entry.ts";
import { failureOf, journalClosed, mayHeal, relayErrorOf, type Failure } from "./failure.ts";
import type { Phase, Work } from "./engine-state.ts";
import { Gatherer, type Parcel } from "./gatherer.ts";
import { Growth } from "./growth.ts";
import type {
  ConsumerState,
  Coverage,
  CoverageQuery,
  DeadLetter,
  DeadLetterDraft,
  DeadLetterQuery,
  GapQuery,
  Journal,
  JournalStatus,
  KeptText,
  Page,
  ReadQuery,
  Retention,
  TrunkMemory,
} from "./journal.ts";
import { journalLimits, type JournalLimits } from "./limits.ts";
import { Names } from "./names.ts";
import type { Reader } from "./reader.ts";

export interface EngineOptions {
  /** The journal's file, for people. */
  readonly place: string;
  readonly retention: Retention;
  readonly limits?: Partial<JournalLimits> | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Runs something soon, when what has come together with it has been taken. */
  readonly defer: (run: () => void) => void;
}

export class JournalEngine implements Journal {
  readonly id: string;
  readonly wasClosed: boolean;
  readonly #carrier: Carrier;
  readonly #reader: Reader;
  readonly #options: EngineOptions;
  readonly #limits: JournalLimits;
  readonly #gatherer: Gatherer;
  readonly #sealed: Parcel[] = [];
  readonly #growth = new Growth();
  #phase: Phase = { kind: "open" };
  #work: Work = { kind: "none" };
  #standing: Standing;
  #failure: { readonly error: RelayError; readonly sinceMs: number } | undefined;
  /** Commits in a row that failed. */
  #setbacks = 0;
  #commits = 0;
  #stored = 0;
  /** Drafts and bytes that are sealed or under way. */
  #waiting = { drafts: 0, bytes: 0 };
  #room: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #closing: Promise<void> | undefined;
  #isTrimming = false;

  constructor(carrier: Carrier, reader: Reader, opened: Opened, options: EngineOptions) {
    this.#carrier = carrier;
    this.#reader = reader;
    this.#options = options;
    this.#limits = { ...journalLimits, ...options.limits };
    this.id = opened.journalId;
    this.wasClosed = opened.wasClosed;
    this.#standing = opened.standing;
    this.#gatherer = new Gatherer(
      new Names(
        opened.origins,
        { origin: opened.nextOrigin, topic: opened.nextTopic },
        this.#limits.topicsMax,
      ),
    );
  }

  get head(): number {
    return this.#standing.head;
  }

  append(drafts: readonly Draft[]): Promise<void> | undefined {
    if (this.#phase.kind !== "open") return Promise.reject(this.#refusal());
    this.#makeRoomFor(drafts.length);
    for (const draft of drafts) this.#gatherer.take(draft);
    this.#schedule();
    if (!this.#isFull) return undefined;
    this.#room ??= withoutAlarm(Promise.withResolvers<void>());
    return this.#room.promise;
  }

  flush(): Promise<void> {
    if (this.#phase.kind === "ended") return Promise.reject(this.#refusal());
    if (this.#gatherer.isEmpty && this.#work.kind === "none" && this.#sealed.length === 0)
      return Promise.resolve();
    const flushed = this.#gatherer.flushed();
    this.#schedule();
    return flushed;
  }

  async read(query: ReadQuery): Promise<Page> {
    return this.#consult((reader) => reader.read(query, this.head));
  }

  grown(after: number, signal: AbortSignal): Promise<void> {
    if (this.head > after || signal.aborted || this.#phase.kind !== "open")
      return Promise.resolve();
    return this.#growth.wait(after, signal);
  }

  async openConsumer(name: string, from: number | "head"): Promise<ConsumerState> {
    const answer = await this.#ask({ kind: "open-consumer", name, from });
    if (answer.kind !== "consumer") throw misanswered(answer);
    return answer.state;
  }

  async advance(
    name: string,
    position: number,
    refused: readonly DeadLetterDraft[],
  ): Promise<void> {
    await this.#ask({ kind: "advance", name, position, refused });
  }

  async rewind(name: string, position: number): Promise<void> {
    await this.#ask({ kind: "rewind", name, position });
  }

  async enableConsumer(name: string, isEnabled: boolean): Promise<void> {
    await this.#ask({ kind: "enable", name, isEnabled });
  }

  async removeConsumer(name: string): Promise<void> {
    await this.#ask({ kind: "remove-consumer", name });
  }

  async removeDeadLetters(consumer: string, ids: readonly number[]): Promise<number> {
    const answer = await this.#ask({ kind: "remove-letters", name: consumer, ids });
    if (answer.kind !== "removed") throw misanswered(answer);
    return answer.count;
  }

  async keepSubscription(id: string, state: string | undefined): Promise<void> {
    await this.#ask({ kind: "keep-subscription", id, state });
  }

  async subscriptions(): Promise<readonly KeptText[]> {
    return this.#consult((reader) => reader.subscriptions());
  }

  async consumers(): Promise<readonly ConsumerState[]> {
    return this.#consult((reader) => reader.consumers());
  }

  async deadLetters(consumer: string, query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    return this.#consult((reader) => reader.deadLetters(consumer, query));
  }

  async coverage(trunk: string, only?: CoverageQuery): Promise<readonly Coverage[]> {
    return this.#consult((reader) => reader.coverage(trunk, only));
  }

  async unsettled(): Promise<readonly string[]> {
    return this.#consult((reader) => reader.unsettled());
  }

  async trunk(name: string): Promise<TrunkMemory | undefined> {
    return this.#consult((reader) => reader.trunk(name));
  }

  async conversations(trunk: string): Promise<readonly KnownConversation[]> {
    return this.#consult((reader) => reader.conversations(trunk));
  }

  async gaps(query: GapQuery): Promise<readonly GapEntry[]> {
    return this.#consult((reader) => reader.gaps(query));
  }

  async trim(nowMs: number): Promise<void> {
    await this.#trim(nowMs, nowMs - this.#options.retention.maxAgeMs);
  }

  status(): JournalStatus {
    const { head, oldest, bytes } = this.#standing;
    return {
      head,
      oldest,
      bytes,
      waiting: this.#waiting.drafts + this.#gatherer.drafts,
      failure: this.#failure,
      commits: this.#commits,
      stored: this.#stored,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#phase.kind === "open") {
      this.#phase = { kind: "closing" };
      this.#growth.letGo();
      if (this.#work.kind !== "none" || this.#next() !== undefined) {
        this.#idle = Promise.withResolvers<void>();
        // A pause is cut short; a commit that fails from now on is the end.
        if (this.#work.kind === "pausing") this.#work.pause.abort();
        await this.#idle.promise;
      }
    }
    const isClean = this.#phase.kind === "closing";
    if (isClean) this.#end(journalClosed());
    // Where something taken was not stored, the next start must not believe in a clean stop.
    await this.#carrier.close(isClean);
  }

  get #isFull(): boolean {
    const { drafts, bytes } = this.#waiting;
    return (
      drafts + this.#gatherer.drafts >= this.#limits.waitingDraftsMax ||
      bytes + this.#gatherer.bytes >= this.#limits.waitingBytesMax
    );
  }

  /** One call is one transaction's at least: a batch that has no room for all of it goes without. */
  #makeRoomFor(drafts: number): void {
    const gathered = this.#gatherer.drafts;
    if (gathered === 0) return;
    const { batchDraftsMax, batchBytesMax } = this.#limits;
    if (gathered + drafts > batchDraftsMax || this.#gatherer.bytes >= batchBytesMax) this.#seal();
  }

  #seal(): Parcel {
    const parcel = this.#gatherer.seal();
    this.#sealed.push(parcel);
    this.#waiting.drafts += parcel.drafts;
    this.#waiting.bytes += parcel.bytes;
    return parcel;
  }

  #next(): Parcel | undefined {
    if (this.#sealed.length === 0 && !this.#gatherer.isEmpty) this.#seal();
    return this.#sealed[0];
  }

  #schedule(): void {
    if (this.#work.kind !== "none") return;
    this.#work = { kind: "deferred" };
    this.#options.defer(() => this.#start());
  }

  #start(): void {
    if (this.#phase.kind === "ended") return;
    const parcel = this.#next();
    if (parcel === undefined) {
      this.#work = { kind: "none" };
      this.#idle?.resolve();
      return;
    }
    this.#work = { kind: "committing", parcel };
    this.#carrier.commit(parcel.batch, (outcome) => this.#finish(parcel, outcome));
  }

  #finish(parcel: Parcel, outcome: Outcome): void {
    if (this.#phase.kind === "ended") return;
    if (outcome.kind === "failed") return this.#fail(parcel, outcome.failure);
    this.#sealed.shift();
    this.#waiting.drafts -= parcel.drafts;
    this.#waiting.bytes -= parcel.bytes;
    this.#setbacks = 0;
    this.#failure = undefined;
    this.#commits++;
    this.#stored += outcome.standing.head - this.#standing.head;
    this.#standing = outcome.standing;
    this.#settle(parcel, outcome.answers);
    this.#work = { kind: "none" };
    if (!this.#gatherer.isEmpty || this.#sealed.length > 0) this.#schedule();
    else this.#idle?.resolve();
    this.#trimIfLarge();
  }

  #settle(parcel: Parcel, answers: readonly Answer[]): void {
    for (const [index, asker] of parcel.askers.entries()) {
      const answer = answers[index];
      if (answer === undefined)
        asker.reject(new RelayError("INTERNAL", "The store left a question open."));
      else if (answer.kind === "refused") asker.reject(new RelayError(answer.code, answer.message));
      else asker.resolve(answer);
    }
    for (const flusher of parcel.flushers) flusher.resolve();
    this.#growth.reach(this.head);
    if (this.#room !== undefined && !this.#isFull) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }

  #fail(parcel: Parcel, failure: Failure): void {
    const error = relayErrorOf(failure, this.#options.place);
    if (!mayHeal(failure) || this.#phase.kind === "closing") {
      this.#end(error);
      this.#idle?.resolve();
      return;
    }
    this.#failure = { error, sinceMs: this.#failure?.sinceMs ?? this.#options.clock.wallMs() };
    const pause = new AbortController();
    this.#work = { kind: "pausing", parcel, pause };
    const { retryFirstMs, retryMaxMs } = this.#limits;
    const ceilingMs = Math.min(retryFirstMs * 2 ** Math.min(this.#setbacks++, 20), retryMaxMs);
    const pauseMs = ceilingMs * (0.5 + this.#options.random() / 2);
    void this.#options.clock.sleep(pauseMs, pause.signal).then(() => this.#start());
  }

  /** Nothing more is taken or stored: all who wait are told so. */
  #end(error: RelayError): void {
    this.#phase = { kind: "ended", error };
    if (error.code !== "JOURNAL_CLOSED")
      this.#failure = { error, sinceMs: this.#failure?.sinceMs ?? this.#options.clock.wallMs() };
    this.#seal();
    for (const { askers, flushers } of this.#sealed) {
      for (const waiter of [...askers, ...flushers]) waiter.reject(error);
    }
    this.#room?.reject(error);
    this.#room = undefined;
    this.#growth.letGo();
  }

  async #ask(question: Question): Promise<Answer> {
    if (this.#phase.kind !== "open") throw this.#refusal();
    const answer = this.#gatherer.ask(question);
    this.#schedule();
    return answer;
  }

  #consult<T>(ask: (reader: Reader) => T): T {
    if (this.#phase.kind === "ended") throw this.#refusal();
    try {
      return ask(this.#reader);
    } catch (error) {
      throw relayErrorOf(failureOf(error), this.#options.place);
    }
  }

  #refusal(): RelayError {
    return this.#phase.kind === "ended" ? this.#phase.error : journalClosed();
  }

  /** Room is made between trims too, before the log has grown far beyond what it may take. */
  #trimIfLarge(): void {
    const { head, oldest, bytes } = this.#standing;
    if (this.#isTrimming || this.#phase.kind !== "open") return;
    if (bytes <= this.#options.retention.bytesMax || oldest > head) return;
    this.#isTrimming = true;
    const end = (): void => {
      this.#isTrimming = false;
    };
    // Whoever reads or writes next hears of a failure; a trim alone has nobody to tell.
    this.#trim(this.#options.clock.wallMs(), undefined).then(end, end);
  }

  /** Slices, each in a commit that it shares with what came meanwhile. */
  async #trim(nowMs: number, cutoffMs: number | undefined): Promise<void> {
    const { bytesMax } = this.#options.retention;
    for (;;) {
      const answer = await this.#ask({ kind: "trim", nowMs, cutoffMs, bytesMax });
      if (answer.kind !== "trimmed") throw misanswered(answer);
      if (!answer.hasMore) return;
    }
  }
}

function misanswered({ kind }: Answer): RelayError {
  return new RelayError("INTERNAL", `The store answered another question (${kind}).`);
}

/** Not everybody who is asked to wait does; that is no unhandled rejection. */
function withoutAlarm(waiter: PromiseWithResolvers<void>): PromiseWithResolvers<void> {
  waiter.promise.catch(() => undefined);
  return waiter;
}
