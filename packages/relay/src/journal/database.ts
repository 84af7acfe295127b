/** The door to SQLite, as far as the journal uses it; `node:sqlite` fits through it. Everything is synchronous. */

export type SqlValue = number | string | null;

export type Row = Readonly<Record<string, SqlValue>>;

export interface Statement {
  run(...values: readonly SqlValue[]): unknown;
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): readonly Row[];
  iterate(...values: readonly SqlValue[]): Iterable<Row>;
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Runs work in one transaction: all of it, or nothing. */
export function transact<T>(database: Database, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    rollback(database);
    throw error;
  }
}

/** Ends a transaction without effect; on some errors (disk full) SQLite has done so by itself. */
export function rollback(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // There was none any more.
  }
}

export function numberOf(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

export function numberOrUndefined(value: SqlValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

export function textOf(row: Row, column: string): string {
  return String(row[column] ?? "");
}
