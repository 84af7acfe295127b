/** The data directory: made, checked, and held against a second relay. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { RelayError } from "../errors.ts";
import type { Database } from "../journal/database.ts";
import { failureOf, relayErrorOf, StoreError } from "../journal/failure.ts";
import { inspect } from "../journal/schema.ts";
import { openLock, openReader } from "./sqlite.ts";

/** Events are about people: nobody else may read them. */
const directoryMode = 0o700;
const fileMode = 0o600;
/** Up to this size all of the log is checked at the start (about a second); beyond it the small tables are. */
const fullCheckBytesMax = 256 * 1_048_576;

const smallTables = ["meta", "origins", "topics", "generations", "gaps", "lines", "coverage"];
const consumerTables = ["consumers", "dead_letters", "trims", "trimmed_topics"];

export interface DataDirectory {
  /** Of the journal's database, which need not exist yet. */
  readonly path: string;
  /** Lets go; the second time does nothing. */
  release(): void;
}

/**
 * Makes and locks a data directory. The lock ends with the process, however that ends.
 * @throws RelayError DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE
 */
export function holdDirectory(directory: string): DataDirectory {
  const path = join(directory, "journal.db");
  const lockPath = join(directory, "lock.db");
  const pidPath = join(directory, "lock.pid");
  try {
    makeDirectory(directory);
    // SQLite gives its side files the mode of the file they belong to.
    for (const file of [lockPath, path]) {
      closeSync(openSync(file, "a", fileMode));
      if ((statSync(file).mode & 0o777) !== fileMode) chmodSync(file, fileMode);
    }
  } catch (error) {
    throw unwritable(directory, error);
  }
  const lock = lockOf(directory, lockPath, pidPath);
  try {
    writeFileSync(pidPath, `${process.pid}\n`, { mode: fileMode });
  } catch (error) {
    lock.close();
    throw unwritable(directory, error);
  }
  let isHeld = true;
  return {
    path,
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      rmSync(pidPath, { force: true });
      lock.close();
    },
  };
}

/**
 * With all that leads to it. Not by Node's own recursion, which never ends where something can be made
 * in no way and says ENOENT to that (/proc, an automounter's directory).
 */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: directoryMode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(directory).isDirectory()) return;
    const parent = dirname(directory);
    if (code !== "ENOENT" || existsSync(parent)) throw error;
    makeDirectory(parent);
    mkdirSync(directory, { mode: directoryMode });
  }
}

function lockOf(directory: string, lockPath: string, pidPath: string): Database {
  try {
    return openLock(lockPath);
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode !== 5) throw unwritable(directory, error);
    const message = `The data directory ${directory} is in use by another relay${holder(pidPath)}.`;
    throw new RelayError("DATA_DIR_LOCKED", message, { cause: error });
  }
}

function holder(pidPath: string): string {
  try {
    const pid = /^\d{1,10}/u.exec(readFileSync(pidPath, "utf8"))?.[0];
    return pid === undefined ? "" : ` (process ${pid})`;
  } catch {
    return "";
  }
}

function unwritable(directory: string, error: unknown): RelayError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = reasons[code ?? ""] ?? message;
  return new RelayError(
    "DATA_DIR_UNWRITABLE",
    `The data directory ${directory} cannot be used: ${why}.`,
    { cause: error },
  );
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "there is a file of that name",
  ENOENT: "it can be made in no way there",
  ENOSPC: "there is no room on the disk",
};

/**
 * A look that throws once a file is no longer where it is now. Deleted, it takes what is written until
 * nobody has it open, and then all of that is gone; so nothing may be called stored from there on.
 */
export function watchPlace(path: string): () => void {
  const here = identityOf(path);
  return () => {
    if (identityOf(path) !== here)
      throw new StoreError({
        kind: "gone",
        detail: "it was deleted, moved or replaced while the relay ran",
      });
  };
}

/** Undefined where nothing is. What else keeps it from being seen is told by the writing. */
function identityOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}

/**
 * Looks at a journal before anything is written to it.
 * @throws RelayError JOURNAL_CORRUPT, JOURNAL_NEWER
 */
export function checkJournal(path: string): void {
  const { size } = statSync(path);
  if (size === 0) return;
  const made = [`${path}-wal`, `${path}-shm`].filter((side) => !existsSync(side));
  let database: Database | undefined;
  try {
    database = openReader(path);
    if (inspect(database) === 0) return;
    const tables = [...smallTables, ...consumerTables];
    const checks =
      size <= fullCheckBytesMax
        ? ["quick_check(1)"]
        : tables.map((name) => `quick_check('${name}')`);
    for (const check of checks) {
      const verdict = String(Object.values(database.prepare(`PRAGMA ${check}`).get() ?? {})[0]);
      if (verdict !== "ok")
        throw new StoreError({ kind: "corrupt", detail: verdict.slice(0, 200) });
    }
  } catch (error) {
    throw relayErrorOf(failureOf(error), path);
  } finally {
    database?.close();
    // A connection that only reads makes them too, and leaves them.
    for (const side of made) rmSync(side, { force: true });
  }
}
