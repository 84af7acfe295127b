/** Opens the journal of a data directory, with its writer on another thread or on this one. */
import { Worker } from "node:worker_threads";
import { RelayError } from "../errors.ts";
import type { Database } from "../journal/database.ts";
import type { Carrier, Opened, Outcome } from "../journal/batch.ts";
import { JournalEngine, type EngineOptions } from "../journal/engine.ts";
import { failureOf, relayErrorOf, type Failure } from "../journal/failure.ts";
import type { Journal } from "../journal/journal.ts";
import { journalLimits } from "../journal/limits.ts";
import { openJournalOn } from "../journal/open.ts";
import { Reader } from "../journal/reader.ts";
import { newJournalId } from "../journal/store.ts";
import { checkJournal, holdDirectory, watchPlace, type DataDirectory } from "./sqlite-directory.ts";
import { openReader, openWriter } from "./sqlite.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./sqlite-worker.ts";

export interface JournalOptions extends Pick<
  EngineOptions,
  "retention" | "limits" | "clock" | "random"
> {
  /** Absolute; made if it is not there. */
  readonly dataDir: string;
  /** Which thread writes to the disk. @default "worker" */
  readonly writer?: "worker" | "caller";
}

/**
 * Opens the journal of a data directory, and holds the directory until it is closed.
 * @throws RelayError DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, JOURNAL_CORRUPT, JOURNAL_NEWER,
 *   JOURNAL_FULL, JOURNAL_UNWRITABLE
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const held = holdDirectory(options.dataDir);
  try {
    checkJournal(held.path);
    return options.writer === "caller" ? openHere(options, held) : await openThere(options, held);
  } catch (error) {
    held.release();
    throw error;
  }
}

/** A journal in memory, on this thread. */
export function openMemoryJournal(options: Omit<EngineOptions, "place" | "defer">): Journal {
  return openJournalOn(openWriter(":memory:"), {
    ...options,
    place: "in memory",
    defer: setImmediate,
  });
}

function openHere(options: JournalOptions, held: DataDirectory): Journal {
  let database: Database;
  try {
    database = openWriter(held.path);
  } catch (error) {
    throw relayErrorOf(failureOf(error), held.path);
  }
  // Frames that one read of the sockets has brought are committed together.
  const engine: EngineOptions = { ...options, place: held.path, defer: setImmediate };
  return openJournalOn(database, engine, () => held.release(), watchPlace(held.path));
}

async function openThere(options: JournalOptions, held: DataDirectory): Promise<Journal> {
  const limits = { ...journalLimits, ...options.limits };
  const carrier = new WorkerCarrier(
    { path: held.path, limits, newId: newJournalId(options.random) },
    held,
  );
  const opened = await carrier.opened;
  try {
    const database = openReader(held.path);
    carrier.onClose = () => database.close();
    const reader = new Reader(database, opened.journalId, limits.topicsMax);
    return new JournalEngine(carrier, reader, opened, {
      ...options,
      place: held.path,
      // The first commit of a burst goes at once; what comes meanwhile makes the next.
      defer: queueMicrotask,
    });
  } catch (error) {
    await carrier.close(true);
    throw relayErrorOf(failureOf(error), held.path);
  }
}

class WorkerCarrier implements Carrier {
  readonly opened: Promise<Opened>;
  onClose: () => void = () => undefined;
  readonly #worker: Worker;
  readonly #held: DataDirectory;
  readonly #exited = Promise.withResolvers<void>();
  #done: ((outcome: Outcome) => void) | undefined;
  #failure: Failure | undefined;

  constructor(settings: WorkerSettings, held: DataDirectory) {
    this.#held = held;
    // Run from sources or from a build, the other thread runs from the same.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#worker = new Worker(new URL(`./sqlite-worker.${extension}`, import.meta.url), {
      workerData: settings,
      name: "trunkline-journal",
    });
    const opened = Promise.withResolvers<Opened>();
    this.opened = opened.promise;
    this.#worker.on("message", (message: FromWorker) => {
      switch (message.kind) {
        case "opened":
          return opened.resolve(message.opened);
        case "refused":
          return opened.reject(relayErrorOf(message.failure, settings.path));
        case "committed":
          return this.#finish(message.outcome);
        case "closed":
      }
    });
    this.#worker.on("error", (error) => this.#break(`its thread ended: ${error.message}`));
    this.#worker.on("exit", () => {
      this.#break("its thread ended");
      opened.reject(
        new RelayError("INTERNAL", `The thread of the journal ${settings.path} ended.`),
      );
      this.#exited.resolve();
    });
  }

  commit(batch: Parameters<Carrier["commit"]>[0], done: (outcome: Outcome) => void): void {
    this.#done = done;
    if (this.#failure === undefined) this.#tell({ kind: "commit", batch });
    else this.#finish({ kind: "failed", failure: this.#failure });
  }

  async close(isClean: boolean): Promise<void> {
    // The last to go carries the write-ahead log over, so the writer goes after the reader.
    this.onClose();
    this.#tell({ kind: "close", isClean });
    await this.#exited.promise;
    this.#held.release();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #finish(outcome: Outcome): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(outcome);
  }

  #break(detail: string): void {
    this.#failure ??= { kind: "bug", detail };
    this.#finish({ kind: "failed", failure: this.#failure });
  }
}
