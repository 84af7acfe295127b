/** The journal's files: a database that is written by one connection and read by others. */
import { DatabaseSync } from "node:sqlite";
import type { Database } from "../journal/database.ts";

/** Half the cost of SQLite's usual 4096 for frames of 700 bytes, measured. */
const pageBytes = 8_192;
/** Pages in the write-ahead log before it is carried over: 8 MiB. */
const checkpointPages = 1_024;
/** To which the write-ahead log is cut after it has grown beyond. */
const walBytesMax = 64 * 1_048_576;
/** How long one connection waits for another's lock. Ours meet at a checkpoint only. */
const busyMs = 5_000;

/** @param path of a file, or ":memory:" */
export function openWriter(path: string): Database {
  const database = databaseOf(new DatabaseSync(path, { timeout: busyMs }));
  try {
    database.exec(`
      PRAGMA page_size = ${pageBytes};
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA journal_size_limit = ${walBytesMax};
      PRAGMA temp_store = MEMORY`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function openReader(path: string): Database {
  return databaseOf(new DatabaseSync(path, { readOnly: true, timeout: busyMs }));
}

/** A file that holds nothing but a lock. Whoever has it, has it until the connection or the process ends. */
export function openLock(path: string): Database {
  const database = databaseOf(new DatabaseSync(path, { timeout: 0 }));
  try {
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** `node:sqlite` knows more types of values than the journal stores. */
function databaseOf(database: DatabaseSync): Database {
  return database as unknown as Database;
}
