/** A relay for unit tests: a journal in memory behind an HTTP door, which can break in every way that matters. */
import type { ErrorReply } from "@trunkline/relay";
import type { HttpAnswer, HttpDoor, HttpRequest } from "../system.ts";

interface Stored {
  readonly position: number;
  readonly topic: string;
  readonly json: string;
  readonly frame: string;
}

type Signal = { readonly kind: "piece"; readonly text: string } | { readonly kind: "end" } | Error;

/** One answer that goes on. */
class Stream {
  readonly query: URLSearchParams;
  readonly #queue: Signal[] = [];
  #wake: () => void = () => {};

  constructor(query: URLSearchParams, signal: AbortSignal) {
    this.query = query;
    signal.addEventListener("abort", () => this.push(new Error("aborted")), { once: true });
  }

  push(signal: Signal): void {
    this.#queue.push(signal);
    this.#wake();
  }

  async *read(): AsyncGenerator<string, undefined> {
    for (;;) {
      const next = this.#queue.shift();
      if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (next instanceof Error) throw next;
      else if (next.kind === "end") return undefined;
      else yield next.text;
    }
  }
}

export class FakeRelay {
  journalId = "j1";
  /** What every request gets instead of an answer. */
  road: Error | undefined;
  /** Answers by method and path, before the relay's own. */
  readonly answers = new Map<string, { readonly status: number; readonly body: unknown }>();
  readonly requests: HttpRequest[] = [];
  /** How many entries an answer without follow gives before it ends, as if the relay were stopped. */
  stopsAfter = Number.POSITIVE_INFINITY;
  readonly #stored: Stored[] = [];
  #streams: Stream[] = [];

  get streams(): number {
    return this.#streams.length;
  }

  /** Stores an event, and gives it to those who follow. */
  event(topic: string, data: unknown): string {
    const cursor = `${this.journalId}-${this.#stored.length + 1}`;
    const receivedAt = new Date(Date.UTC(2026, 10, 21, 12, 0, this.#stored.length)).toISOString();
    const body = JSON.stringify(data);
    const json = `{"type":"event","cursor":"${cursor}","id":"${cursor}","topic":"${topic}","receivedAt":"${receivedAt}","source":"live","data":${body},"trunk":"main"}`;
    const frame = `{"type":"event","cursor":"${cursor}","frame":{"topicName":"${topic}", "eventBody":${body}}}`;
    return this.#store({ position: this.#stored.length + 1, topic, json, frame }, cursor);
  }

  gap(topic: string, fields: object): string {
    const cursor = `${this.journalId}-${this.#stored.length + 1}`;
    const json = JSON.stringify({ type: "gap", cursor, id: "g1", topics: [topic], ...fields });
    return this.#store({ position: this.#stored.length + 1, topic, json, frame: json }, cursor);
  }

  #store(stored: Stored, cursor: string): string {
    this.#stored.push(stored);
    for (const stream of this.#streams) this.#give(stream, stored);
    return cursor;
  }

  #give(stream: Stream, { topic, json, frame }: Stored): void {
    const topics = stream.query.getAll("topic");
    if (topics.length > 0 && !topics.includes(topic)) return;
    const line = stream.query.get("format") === "frames" ? frame : json;
    stream.push({ kind: "piece", text: `${line}\n` });
  }

  /** Any text to all who follow. */
  say(text: string): void {
    for (const stream of this.#streams) stream.push({ kind: "piece", text });
  }

  /** Breaks all answers off. */
  cut(): void {
    const reset = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
    for (const stream of this.#streams.splice(0)) stream.push(reset);
  }

  /** Ends all answers in peace, as a relay does that is stopped. */
  end(): void {
    for (const stream of this.#streams.splice(0)) stream.push({ kind: "end" });
  }

  /** Another data directory. */
  replaceJournal(id: string): void {
    this.journalId = id;
    this.#stored.length = 0;
  }

  readonly door: HttpDoor = (request, signal) => {
    this.requests.push(request);
    if (this.road !== undefined) return Promise.reject(this.road);
    const { pathname, searchParams } = new URL(request.url);
    const given = this.answers.get(`${request.method} ${pathname}`);
    if (given !== undefined) return Promise.resolve(answer(given.status, given.body));
    if (pathname === "/admin/journal")
      return Promise.resolve(answer(200, { head: `${this.journalId}-${this.#stored.length}` }));
    if (pathname === "/admin/entries") return Promise.resolve(this.#entries(searchParams, signal));
    return Promise.resolve(answer(404, problem("ROUTE_UNKNOWN", `There is no ${pathname}.`)));
  };

  #entries(query: URLSearchParams, signal: AbortSignal): HttpAnswer {
    const since = query.get("since") ?? `${this.journalId}-${this.#stored.length}`;
    const [, id = this.journalId, position = "0"] = /^(\w+)-(\d+)$/u.exec(since) ?? [];
    if (id !== this.journalId)
      return answer(400, problem("CURSOR_FOREIGN", `The cursor belongs to journal ${id}.`));
    const stream = new Stream(query, signal);
    const after = this.#stored.filter((stored) => stored.position > Number(position));
    const follow = query.get("follow") !== "false";
    for (const stored of follow ? after : after.slice(0, this.stopsAfter))
      this.#give(stream, stored);
    if (follow) {
      this.#streams.push(stream);
      signal.addEventListener("abort", () => {
        this.#streams = this.#streams.filter((other) => other !== stream);
      });
    } else stream.push({ kind: "end" });
    return { status: 200, headers: {}, body: stream.read() };
  }
}

export function problem(code: string, message: string, help = "Do this."): ErrorReply {
  return { error: { code, message, help } };
}

function answer(status: number, body: unknown): HttpAnswer {
  async function* text(): AsyncGenerator<string, undefined> {
    yield typeof body === "string" ? body : JSON.stringify(body);
    return undefined;
  }
  return { status, headers: {}, body: text() };
}
