/** What a journal needs while it runs: deletion of what is no longer kept, and a word when it cannot store. */
import { isRelayError } from "./errors.ts";
import type { Journal } from "./journal/journal.ts";
import type { Clock, Log } from "./ports.ts";

/** How often what retention no longer keeps is looked for. */
const trimEveryMs = 60_000;
/** How soon a journal that cannot store is told of. */
const lookEveryMs = 1_000;

export class Upkeep {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #end = new AbortController();
  readonly #broken = Promise.withResolvers<Error>();
  /** The failure that was told. */
  #told: string | undefined;

  constructor(journal: Journal, clock: Clock, log: Log) {
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the journal can do nothing more. */
  get broken(): Promise<Error> {
    return this.#broken.promise;
  }

  start(): void {
    void this.#every(lookEveryMs, async () => this.#look());
    void this.#every(trimEveryMs, () => this.#journal.trim(this.#clock.wallMs()));
  }

  stop(): void {
    this.#end.abort();
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      await this.#clock.sleep(ms, signal);
      if (signal.aborted) return;
      try {
        await work();
      } catch (error) {
        const { code, help } = isRelayError(error) ? error : { code: "INTERNAL", help: "" };
        this.#log.error({ code, help, error }, "the journal could not be looked after");
      }
    }
  }

  #look(): void {
    const { failure, waiting } = this.#journal.status();
    const code = failure?.error.code;
    if (code === this.#told) return;
    this.#told = code;
    if (failure === undefined) return this.#log.info({}, "the journal stores again");
    const { message, help, recovery } = failure.error;
    this.#log.error({ code, help, waiting }, message);
    if (recovery === "ends") this.#broken.resolve(failure.error);
  }
}
