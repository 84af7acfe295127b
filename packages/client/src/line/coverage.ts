/**
 * What the consumer has been told of a line's coverage: which topics it carries, since when, and
 * until when that is proven. It tells each change once, and nothing that has been told already.
 */
import type { Elapsed } from "../elapsed.ts";
import type { ClientEvent } from "../events.ts";
import type { Topic } from "../topics/names.ts";

export interface CoveragePorts {
  readonly line: number;
  readonly elapsed: Elapsed;
  readonly emit: (event: ClientEvent) => void;
}

interface Told {
  readonly name: string;
  /** Elapsed time, as all instants here. */
  readonly fromMs: number;
}

export class Coverage {
  readonly #ports: CoveragePorts;
  /** Topic key → what was told. */
  readonly #told = new Map<string, Told>();
  #provenMs = 0;
  #confirmedMs = 0;

  constructor(ports: CoveragePorts) {
    this.#ports = ports;
  }

  /** Topics are carried from an instant on; those that are told to be already stay as they are. */
  begin(topics: Iterable<Topic>, fromMs: number): void {
    const names: string[] = [];
    for (const { key, name } of topics) {
      if (this.#told.has(key)) continue;
      this.#told.set(key, { name, fromMs });
      names.push(name);
    }
    if (names.length === 0) return;
    const { line, elapsed, emit } = this.#ports;
    emit({ type: "subscribed", line, topics: names, fromMs: elapsed.wallAfter(fromMs) });
  }

  /** Topics are not carried after an instant, as far as is known. An interval never ends before it begins. */
  end(keys: Iterable<string>, untilMs: number): void {
    const groups = new Map<number, string[]>();
    for (const key of keys) {
      const told = this.#told.get(key);
      if (told === undefined) continue;
      this.#told.delete(key);
      const endMs = Math.max(untilMs, told.fromMs);
      const names = groups.get(endMs);
      if (names === undefined) groups.set(endMs, [told.name]);
      else names.push(told.name);
    }
    const { line, elapsed, emit } = this.#ports;
    for (const [endMs, topics] of groups)
      emit({ type: "unsubscribed", line, topics, untilMs: elapsed.wallAfter(endMs) });
  }

  endAll(untilMs: number): void {
    this.end([...this.#told.keys()], untilMs);
  }

  /** What is proven, and when the topics were last confirmed: told if either has moved. */
  prove(provenMs: number, confirmedMs: number): void {
    if (provenMs <= this.#provenMs && confirmedMs <= this.#confirmedMs) return;
    this.#provenMs = provenMs;
    this.#confirmedMs = confirmedMs;
    const { line, elapsed, emit } = this.#ports;
    const untilMs = elapsed.wallBefore(provenMs);
    emit({ type: "proof", line, untilMs, confirmedMs: elapsed.wallBefore(confirmedMs) });
  }
}
