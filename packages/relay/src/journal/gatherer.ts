/** Gathers drafts and questions, in order, into the next batch. */
import { columnsPerEvent, type Answer, type Batch, type Question, type Step } from "./batch.ts";
import type { ConversationChange, Draft, EventDraft } from "./entry.ts";
import { eventKind } from "./kind.ts";
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

const columnsFirst = 1_024 * columnsPerEvent;

export class Gatherer {
  readonly #names: Names;
  /** Grows to the largest batch, and is used again. */
  #columns = new Float64Array(columnsFirst);
  #raws: string[] = [];
  #steps: Step[] = [];
  /** Events since the last other step. */
  #run = 0;
  /** By trunk and id: of a conversation that changes more than once in a batch the last is stored. */
  #conversations = new Map<string, Map<string, ConversationChange>>();
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
      case "event":
        return this.#takeEvent(draft);
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

  #takeEvent({
    trunk,
    topic: name,
    receivedAtMs,
    maybeDuplicate,
    raw,
    derived,
    conversations,
  }: EventDraft): void {
    const topic = this.#topic(trunk, name);
    const index = columnsPerEvent * this.#raws.length;
    if (index === this.#columns.length) this.#grow();
    this.#columns[index] = topic;
    this.#columns[index + 1] = receivedAtMs;
    this.#columns[index + 2] = eventKind(maybeDuplicate, derived);
    this.#raws.push(raw);
    this.#bytes += raw.length;
    this.#run++;
    if (conversations === undefined) return;
    let changes = this.#conversations.get(trunk);
    if (changes === undefined) this.#conversations.set(trunk, (changes = new Map()));
    for (const change of conversations) changes.set(change.id, change);
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
    for (const [trunk, changes] of this.#conversations) this.#steps.push(stepOf(trunk, changes));
    this.#conversations = new Map();
    const parcel: Parcel = {
      batch: {
        origins: this.#names.takeOrigins(),
        topics: this.#names.takeTopics(),
        steps: this.#steps,
        columns: this.#columns.slice(0, columnsPerEvent * this.#raws.length),
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
    this.#steps.push({ kind: "events", count: this.#run });
    this.#run = 0;
  }

  #grow(): void {
    const wider = new Float64Array(2 * this.#columns.length);
    wider.set(this.#columns);
    this.#columns = wider;
  }
}

function stepOf(trunk: string, changes: ReadonlyMap<string, ConversationChange>): Step {
  const rows = [...changes.values()].map(({ id, state, touchedMs }) => ({
    id,
    state: state === undefined ? undefined : JSON.stringify(state),
    touchedMs,
  }));
  return { kind: "conversations", trunk, rows };
}
