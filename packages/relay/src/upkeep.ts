/** What a journal needs while it runs: deletion of what is no longer kept, and a word when it cannot store. */
import { isRelayError } from "./errors.ts";
import type { Journal } from "./journal/journal.ts";
import type { Clock, Log } from "./ports.ts";

/** How often what retention no longer keeps is looked for. */
const trimEveryMs = 60_000;
/** How soon a journal that cannot store is told of, where nobody says otherwise. */
const lookMs = 1_000;

export class Upkeep {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lookEveryMs: number;
  readonly #end = new AbortController();
  readonly #broken = Promise.withResolvers<Error>();
  /** The failures that were told and are not over: to store, and to delete. */
  #told: string | undefined;
  #toldOfTrim: string | undefined;

  constructor(journal: Journal, clock: Clock, log: Log, lookEveryMs = lookMs) {
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
    this.#lookEveryMs = lookEveryMs;
  }

  /** Resolves when the journal can do nothing more; nothing is looked after from then on. */
  get broken(): Promise<Error> {
    return this.#broken.promise;
  }

  start(): void {
    void this.#every(this.#lookEveryMs, async () => this.#look());
    void this.#every(trimEveryMs, () => this.#trim());
  }

  stop(): void {
    this.#end.abort();
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      await this.#clock.sleep(ms, signal);
      if (signal.aborted) return;
      await work();
    }
  }

  async #trim(): Promise<void> {
    try {
      await this.#journal.trim(this.#clock.wallMs());
      this.#toldOfTrim = undefined;
    } catch (error) {
      this.#look();
      // Where nothing can be stored either, or somebody has asked for the end, this is no news.
      if (this.#end.signal.aborted) return;
      const { code, help } = isRelayError(error) ? error : { code: "INTERNAL", help: undefined };
      if (code === this.#toldOfTrim) return;
      this.#toldOfTrim = code;
      this.#log.error({ code, help, error }, "what is no longer kept could not be deleted");
    }
  }

  #look(): void {
    if (this.#end.signal.aborted) return;
    const { failure, waiting } = this.#journal.status();
    const code = failure?.error.code;
    if (code === this.#told) return;
    this.#told = code;
    if (failure === undefined) return this.#log.info({}, "the journal stores again");
    const { error } = failure;
    const { message, help, recovery } = error;
    this.#log.error({ code, help, waiting }, message);
    if (recovery !== "ends") return;
    this.stop();
    this.#broken.resolve(error);
  }
}
