/** The store on a thread of its own, so that waiting for the disk holds up no socket. */
import { parentPort, workerData } from "node:worker_threads";
import type { Batch, Opened, Outcome } from "../journal/batch.ts";
import { failureOf, type Failure } from "../journal/failure.ts";
import type { JournalLimits } from "../journal/limits.ts";
import { Store } from "../journal/store.ts";
import { watchPlace } from "./sqlite-directory.ts";
import { openWriter } from "./sqlite.ts";

export interface WorkerSettings {
  readonly path: string;
  readonly limits: JournalLimits;
  /** What the journal is called if it is new. */
  readonly newId: string;
}

export type ToWorker =
  | { readonly kind: "commit"; readonly batch: Batch }
  | { readonly kind: "close"; readonly isClean: boolean };

export type FromWorker =
  | { readonly kind: "opened"; readonly opened: Opened }
  | { readonly kind: "refused"; readonly failure: Failure }
  | { readonly kind: "committed"; readonly outcome: Outcome }
  | { readonly kind: "closed" };

function serve(settings: WorkerSettings): void {
  let store: Store;
  try {
    store = openStore(settings);
  } catch (error) {
    tell({ kind: "refused", failure: failureOf(error) });
    return;
  }
  parentPort?.on("message", (message: ToWorker) => {
    if (message.kind === "commit") {
      tell({ kind: "committed", outcome: store.commit(message.batch) });
      return;
    }
    try {
      store.close(message.isClean);
    } finally {
      tell({ kind: "closed" });
      parentPort?.close();
    }
  });
  tell({ kind: "opened", opened: store.opened });
}

function openStore({ path, limits, newId }: WorkerSettings): Store {
  const database = openWriter(path);
  try {
    return new Store(database, limits, newId, watchPlace(path));
  } catch (error) {
    database.close();
    throw error;
  }
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

serve(workerData as WorkerSettings);
