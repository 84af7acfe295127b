/** The tables of the journal, and the way from each version of them to the next. */
import { transact, numberOf, type Database } from "./database.ts";
import { StoreError } from "./failure.ts";

/** "TrnL": marks the file as a journal of Trunkline. */
export const applicationId = 0x54_72_6e_4c;

/**
 * One step each, never changed once released: version n is what the first n make.
 *
 * `entries` is the hot table, and has no index but its key: a row is a number for its topic, the
 * arrival and the frame, behind what kind it is (`kind.ts`). The frame stands last, so that a trim
 * reads rows without it.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
   CREATE TABLE origins (id INTEGER PRIMARY KEY, trunk TEXT NOT NULL, organization_id TEXT);
   CREATE TABLE topics (
     id INTEGER PRIMARY KEY AUTOINCREMENT, origin INTEGER NOT NULL, name TEXT NOT NULL);
   CREATE TABLE generations (first_topic INTEGER PRIMARY KEY, first_position INTEGER NOT NULL);
   CREATE TABLE entries (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     kind INTEGER NOT NULL, topic INTEGER NOT NULL, received_ms INTEGER NOT NULL, raw TEXT NOT NULL);
   CREATE TABLE gaps (
     trunk TEXT NOT NULL, gap_id TEXT NOT NULL, is_open INTEGER NOT NULL,
     first_position INTEGER NOT NULL, last_position INTEGER NOT NULL, recorded_ms INTEGER NOT NULL,
     origin INTEGER NOT NULL, open_topics TEXT NOT NULL, latest TEXT NOT NULL,
     PRIMARY KEY (trunk, gap_id));
   CREATE INDEX gaps_in_order ON gaps (is_open, first_position);
   CREATE TABLE lines (
     id INTEGER PRIMARY KEY, run INTEGER NOT NULL, trunk TEXT NOT NULL, line INTEGER NOT NULL,
     proven_ms INTEGER, UNIQUE (run, trunk, line));
   CREATE TABLE coverage (
     id INTEGER PRIMARY KEY, trunk TEXT NOT NULL, key TEXT NOT NULL, topic TEXT NOT NULL,
     line INTEGER NOT NULL, line_id INTEGER NOT NULL, stale_ms INTEGER,
     from_ms INTEGER NOT NULL, from_position INTEGER NOT NULL,
     until_ms INTEGER, until_position INTEGER, proven_ms INTEGER);
   CREATE UNIQUE INDEX coverage_open ON coverage (trunk, key) WHERE until_ms IS NULL;
   CREATE TABLE consumers (
     name TEXT PRIMARY KEY, position INTEGER NOT NULL, is_enabled INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE dead_letters (
     id INTEGER PRIMARY KEY AUTOINCREMENT, consumer TEXT NOT NULL,
     entry TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL);
   CREATE INDEX dead_letters_of ON dead_letters (consumer);
   CREATE TABLE trims (
     trunk TEXT NOT NULL, last_position INTEGER NOT NULL, from_ms INTEGER NOT NULL,
     to_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (trunk, last_position)) WITHOUT ROWID;
   CREATE TABLE trimmed_topics (
     trunk TEXT NOT NULL, key TEXT NOT NULL, topic TEXT NOT NULL, last_position INTEGER NOT NULL,
     PRIMARY KEY (trunk, key)) WITHOUT ROWID;`,
  // The channels that each trunk has used, so that a new run knows them as its own.
  `CREATE TABLE trunks (name TEXT PRIMARY KEY, channels TEXT NOT NULL) WITHOUT ROWID;`,
  // What event types are derived from: digests of the last snapshots of each conversation.
  `CREATE TABLE conversations (
     trunk TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, touched_ms INTEGER NOT NULL,
     PRIMARY KEY (trunk, id)) WITHOUT ROWID;`,
  // What is subscribed to while nobody is there. What stands in it is the gateway's business.
  `CREATE TABLE subscriptions (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;`,
];

/** Refuses what is not a journal of this version or an older one, and changes nothing. Returns the version. */
export function inspect(database: Database, known: number = migrations.length): number {
  const version = numberOf(database.prepare("PRAGMA user_version").get(), "user_version");
  const mark = numberOf(database.prepare("PRAGMA application_id").get(), "application_id");
  const tables = numberOf(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get(), "n");
  if (mark !== applicationId && (mark !== 0 || version !== 0 || tables > 0))
    throw new StoreError({ kind: "corrupt", detail: "it is a database of another program" });
  if (version > known)
    throw new StoreError({
      kind: "newer",
      detail: `its schema is version ${version}, and this program knows ${known}`,
    });
  return version;
}

/** Brings the tables to the newest version, one transaction a step. */
export function migrate(database: Database, steps: readonly string[] = migrations): void {
  for (let version = inspect(database, steps.length); version < steps.length; version++) {
    transact(database, () => {
      database.exec(steps[version] ?? "");
      database.exec(`PRAGMA application_id = ${applicationId}`);
      database.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}
