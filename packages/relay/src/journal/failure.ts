/** What SQLite's errors mean for the journal. Plain data, so that it can come from another thread. */
import { RelayError, type RelayErrorCode } from "../errors.ts";

export type Failure =
  /** No room: heals when somebody makes some. */
  | { readonly kind: "full"; readonly detail: string }
  /** The disk, the file or its lock: may heal. */
  | { readonly kind: "io"; readonly detail: string }
  /** What is on disk is not what was written: broken for good. */
  | { readonly kind: "corrupt"; readonly detail: string }
  /** No longer where it was opened: what is written would go nowhere. */
  | { readonly kind: "gone"; readonly detail: string }
  /** Written by a newer version. */
  | { readonly kind: "newer"; readonly detail: string }
  /** Ours: broken for good. */
  | { readonly kind: "bug"; readonly detail: string };

/** Primary result codes of SQLite, the low byte of an extended one. */
const healing = new Set([5, 6, 7, 8, 10, 14, 15, 22]);
const full = 13;
const corrupt = new Set([11, 26]);

/** A failure as something that can be thrown. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.detail);
    this.failure = failure;
  }
}

/** SQLite's messages name tables and columns, never values. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StoreError) return error.failure;
  const detail = error instanceof Error ? error.message : String(error);
  const { errcode } = error as { readonly errcode?: unknown };
  if (typeof errcode !== "number") return { kind: "bug", detail };
  const primary = errcode & 0xff;
  const coded = `${detail} (SQLite ${errcode})`;
  if (primary === full) return { kind: "full", detail: coded };
  if (healing.has(primary)) return { kind: "io", detail: coded };
  if (corrupt.has(primary)) return { kind: "corrupt", detail: coded };
  return { kind: "bug", detail: coded };
}

/** Whether the same may succeed later. */
export function mayHeal({ kind }: Failure): boolean {
  return kind === "full" || kind === "io";
}

const told = {
  full: ["JOURNAL_FULL", "There is no room for the journal"],
  io: ["JOURNAL_UNWRITABLE", "The disk does not take or give the journal"],
  corrupt: ["JOURNAL_CORRUPT", "What is on disk is not as it was written, of the journal"],
  gone: ["JOURNAL_GONE", "The journal is no longer in its place"],
  newer: ["JOURNAL_NEWER", "A newer version has written the journal"],
  bug: ["INTERNAL", "Something unexpected befell the journal"],
} as const satisfies Record<Failure["kind"], readonly [RelayErrorCode, string]>;

/** @param place the journal's file, for people */
export function relayErrorOf({ kind, detail }: Failure, place: string): RelayError {
  const [code, what] = told[kind];
  return new RelayError(code, `${what} ${place}: ${detail}.`);
}

/** What whoever comes after the end is told. */
export function journalClosed(): RelayError {
  return new RelayError("JOURNAL_CLOSED", "The journal has been closed.");
}
