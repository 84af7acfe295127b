/** Keeps records in the journal: those of one prefix, each the newest that was given. */
import type { Journal } from "../../journal/journal.ts";
import type { Log } from "../../ports.ts";

export interface KeeperPorts {
  readonly journal: Pick<Journal, "keepSubscription" | "subscriptions">;
  readonly log: Log;
}

export class Keeper {
  readonly #ports: KeeperPorts;
  readonly #prefix: string;
  /** What is still to be written while something else of the same id is: one each, however often it changes. */
  readonly #waiting = new Map<string, object | undefined>();
  readonly #writing = new Set<string>();

  constructor(ports: KeeperPorts, prefix: string) {
    this.#ports = ports;
    this.#prefix = prefix;
  }

  async load<Record extends { readonly id: string }>(): Promise<readonly Record[]> {
    const { journal } = this.#ports;
    const kept = await journal.subscriptions();
    return kept
      .filter(({ id }) => id.startsWith(this.#prefix))
      .map(({ state }) => JSON.parse(state) as Record);
  }

  /** Resolves when it is on disk. `undefined` forgets it. */
  keep(id: string, record: object | undefined): Promise<void> {
    this.#waiting.delete(id);
    const state = record === undefined ? undefined : JSON.stringify(record);
    return this.#ports.journal.keepSubscription(`${this.#prefix}${id}`, state);
  }

  /** The same, for whoever need not wait: what the journal cannot take is told in the log. */
  write(id: string, record: object | undefined): void {
    this.#waiting.set(id, record);
    if (this.#writing.has(id)) return;
    this.#writing.add(id);
    void this.#drain(id);
  }

  async #drain(id: string): Promise<void> {
    try {
      while (this.#waiting.has(id)) await this.keep(id, this.#waiting.get(id));
    } catch (error) {
      this.#ports.log.warn(
        { code: "STREAM_FAILED", cause: String(error) },
        "What is subscribed to could not be kept in the journal; after a restart it may be as it was before.",
      );
    } finally {
      this.#writing.delete(id);
    }
  }
}
