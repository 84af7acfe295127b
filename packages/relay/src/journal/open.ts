/** A journal on the thread of its user: the store is called directly. */
import type { Carrier } from "./batch.ts";
import type { Database } from "./database.ts";
import { JournalEngine, type EngineOptions } from "./engine.ts";
import { failureOf, relayErrorOf } from "./failure.ts";
import type { Journal } from "./journal.ts";
import { journalLimits } from "./limits.ts";
import { Reader } from "./reader.ts";
import { newJournalId, Store } from "./store.ts";

/**
 * Opens a journal on a database. Nothing happens but what `defer` and the clock let happen, so it
 * runs on virtual time as well. `close` closes the database; `onClosed` comes last.
 * @throws RelayError JOURNAL_CORRUPT, JOURNAL_NEWER, JOURNAL_FULL, JOURNAL_UNWRITABLE
 */
export function openJournalOn(
  database: Database,
  options: EngineOptions,
  onClosed: () => void = () => undefined,
  checkPlace: () => void = () => undefined,
): Journal {
  const limits = { ...journalLimits, ...options.limits };
  try {
    const store = new Store(database, limits, newJournalId(options.random), checkPlace);
    const reader = new Reader(database, store.opened.journalId, limits.topicsMax);
    const carrier: Carrier = {
      commit: (batch, done) => done(store.commit(batch)),
      close: async (isClean) => {
        try {
          store.close(isClean);
        } finally {
          onClosed();
        }
      },
    };
    return new JournalEngine(carrier, reader, store.opened, options);
  } catch (error) {
    database.close();
    throw relayErrorOf(failureOf(error), options.place);
  }
}
