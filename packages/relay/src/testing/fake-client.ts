/** A client that tells what a test wants it to tell, in the batches that the test makes. */
import {
  TrunklineError,
  type Answered,
  type Asked,
  type Client,
  type ClientEvent,
  type ClientOptions,
  type CloseOptions,
  type TopicStatus,
} from "@trunkline/client";

type Batch = readonly ClientEvent[];

export class FakeClient implements Client {
  readonly options: ClientOptions;
  /** How each wanted topic stands, by name. */
  readonly states = new Map<string, TopicStatus["state"]>();
  /** What is told when somebody closes it, before the end. */
  goodbye: Batch = [];
  readonly closes: (number | undefined)[] = [];
  /** The wanted topics as they were set, one after the other. */
  readonly set: (readonly string[])[] = [];
  /** What answers `ask`. */
  answer: (asked: Asked) => Answered = () => ({ status: 200, body: {} });
  /** Batches that were taken. */
  taken = 0;
  #wanted: readonly string[];
  readonly #batches: Batch[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #wake: () => void = () => undefined;

  /** @throws TrunklineError TOPIC_INVALID for a topic that contains "invalid" */
  constructor(options: ClientOptions) {
    this.options = options;
    this.#wanted = checked(options.topics ?? []);
  }

  /** Tells one batch. */
  tell(...batch: Batch): void {
    this.#batches.push(batch);
    this.#wake();
  }

  /** The stream ends when all was read. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  events(): never {
    throw new Error("the relay reads batches");
  }

  batches(): AsyncIterableIterator<Batch, undefined> {
    const iterator: AsyncIterableIterator<Batch, undefined> = {
      next: async () => {
        for (;;) {
          const batch = this.#batches.shift();
          if (batch !== undefined) {
            this.taken++;
            return { value: batch, done: false };
          }
          if (this.#end?.error !== undefined) throw this.#end.error;
          if (this.#end !== undefined) return { value: undefined, done: true };
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      },
      return: async () => {
        this.end();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  async ask(asked: Asked): Promise<Answered> {
    return this.answer(asked);
  }

  rotate(): void {}

  setTopics(topics: readonly string[]): void {
    this.#wanted = checked(topics);
    this.set.push(topics);
  }

  topics(): readonly TopicStatus[] {
    return this.#wanted.map((topic) => ({
      topic,
      state: this.states.get(topic) ?? "pending",
      reason: undefined,
      missingPermissions: [],
    }));
  }

  async close({ drainMs }: CloseOptions = {}): Promise<void> {
    this.closes.push(drainMs);
    if (this.#end === undefined && this.goodbye.length > 0) this.tell(...this.goodbye);
    this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checked(topics: readonly string[]): readonly string[] {
  for (const topic of topics)
    if (topic.includes("invalid")) throw new TrunklineError("TOPIC_INVALID", `${topic} is none.`);
  return topics;
}

export const budget: ClientEvent = {
  type: "budget",
  channels: { ours: 1, others: 0, limit: 20 },
  overBudget: [],
};

export function subscribed(
  topics: readonly string[],
  fromMs: number,
  line = 1,
): Extract<ClientEvent, { type: "subscribed" }> {
  return { type: "subscribed", line, topics, fromMs };
}

export function notification(
  topic: string,
  receivedAtMs: number,
  body: unknown = {},
): Extract<ClientEvent, { type: "notification" }> {
  const raw = JSON.stringify({ topicName: topic, eventBody: body });
  return {
    type: "notification",
    topic,
    body,
    correlationId: undefined,
    raw,
    receivedAtMs,
    line: 1,
    maybeDuplicate: false,
  };
}

export function proof(untilMs: number, line = 1): ClientEvent {
  return { type: "proof", line, untilMs, confirmedMs: untilMs };
}

/** A gap opens, and what was carried is no longer. */
export function gapOpens(
  id: string,
  topics: readonly string[],
  fromMs: number,
  cause: Extract<ClientEvent, { type: "gap" }>["cause"] = "cut",
): readonly ClientEvent[] {
  const gap = { type: "gap", id, state: "open", topics, fromMs, toMs: undefined, line: 1 } as const;
  return [
    { ...gap, cause, certainty: "possible", serverOffsetMs: undefined },
    { type: "unsubscribed", line: 1, topics, untilMs: fromMs },
  ];
}

export function gapCloses(
  id: string,
  topics: readonly string[],
  fromMs: number,
  toMs: number,
  cause: Extract<ClientEvent, { type: "gap" }>["cause"] = "cut",
): readonly ClientEvent[] {
  const gap = { type: "gap", id, state: "closed", topics, fromMs, toMs, line: 1 } as const;
  return [
    { ...gap, cause, certainty: "possible", serverOffsetMs: undefined },
    { type: "subscribed", line: 1, topics, fromMs: toMs },
  ];
}
