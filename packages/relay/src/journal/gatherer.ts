/** Gathers drafts and questions, in order, into the next batch. */
import type { Answer, Batch, Question, Step } from "./batch.ts";
import type { Draft } from "./entry.ts";
import type { Names } from "./names.ts";

/** A batch on its way, and who waits for it. */
export interface Parcel {
  readonly batch: Batch;
  readonly drafts: number;
  readonly bytes: number;
  /** In the order of the batch's questions. */
  readonly askers: readonly PromiseWithResolvers<Answer>[];
  readonly flushers: readonly PromiseWithResolvers<void>[];
}

const columnsFirst = 2_048;

export class Gatherer {
  readonly #names: Names;
  /** Grows to the largest batch, and is used again. */
  #columns = new Float64Array(columnsFirst);
  #raws: string[] = [];
  #steps: Step[] = [];
  /** Events since the last other step, alike in whether they may be duplicates. */
  #run = 0;
  #isRunDoubtful = false;
  #askers: PromiseWithResolvers<Answer>[] = [];
  #flushers: PromiseWithResolvers<void>[] = [];
  #drafts = 0;
  #bytes = 0;

  constructor(names: Names) {
    this.#names = names;
  }

  get drafts(): number {
    return this.#drafts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#drafts === 0 && this.#askers.length === 0 && this.#flushers.length === 0;
  }

  take(draft: Draft): void {
    this.#drafts++;
    switch (draft.kind) {
      case "event": {
        const topic = this.#topic(draft.trunk, draft.topic);
        const index = 2 * this.#raws.length;
        if (index === this.#columns.length) this.#grow();
        this.#columns[index] = topic;
        this.#columns[index + 1] = draft.receivedAtMs;
        this.#raws.push(draft.raw);
        this.#bytes += draft.raw.length;
        if (draft.maybeDuplicate !== this.#isRunDoubtful) {
          this.#endRun();
          this.#isRunDoubtful = draft.maybeDuplicate;
        }
        this.#run++;
        return;
      }
      case "gap":
        return this.#step({ kind: "gap", topic: this.#topic(draft.trunk, ""), draft });
      case "trunk": {
        const { trunk, organizationId, channels } = draft;
        if (organizationId !== undefined) this.#names.identify(trunk, organizationId);
        if (channels !== undefined) this.#step({ kind: "channels", trunk, channels });
        return;
      }
      case "carried":
      case "released":
      case "proof":
        return this.#step(draft);
    }
  }

  ask(question: Question): Promise<Answer> {
    const asker = Promise.withResolvers<Answer>();
    this.#step(question);
    this.#askers.push(asker);
    return asker.promise;
  }

  flushed(): Promise<void> {
    const flusher = Promise.withResolvers<void>();
    this.#flushers.push(flusher);
    return flusher.promise;
  }

  seal(): Parcel {
    this.#endRun();
    const parcel: Parcel = {
      batch: {
        origins: this.#names.takeOrigins(),
        topics: this.#names.takeTopics(),
        steps: this.#steps,
        columns: this.#columns.slice(0, 2 * this.#raws.length),
        raws: this.#raws,
      },
      drafts: this.#drafts,
      bytes: this.#bytes,
      askers: this.#askers,
      flushers: this.#flushers,
    };
    this.#raws = [];
    this.#steps = [];
    this.#askers = [];
    this.#flushers = [];
    this.#drafts = 0;
    this.#bytes = 0;
    return parcel;
  }

  #topic(trunk: string, name: string): number {
    const topic = this.#names.topic(trunk, name);
    const firstTopic = this.#names.takeGeneration();
    if (firstTopic !== undefined) this.#step({ kind: "generation", firstTopic });
    return topic;
  }

  #step(step: Step): void {
    this.#endRun();
    this.#steps.push(step);
  }

  #endRun(): void {
    if (this.#run === 0) return;
    this.#steps.push({
      kind: "events",
      count: this.#run,
      maybeDuplicate: this.#isRunDoubtful,
    });
    this.#run = 0;
  }

  #grow(): void {
    const wider = new Float64Array(2 * this.#columns.length);
    wider.set(this.#columns);
    this.#columns = wider;
  }
}
