/** Gives pieces of text to a reader, one after the other, at the reader's pace. */
import type { Clock } from "../ports.ts";
import { pieceBytes, stuckReaderMs } from "./limits.ts";

/** Where a stream goes. */
export interface Outlet {
  /** Resolves when the reader's system has taken it. May never, where the reader is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Aborts when the reader is gone. */
  readonly gone: AbortSignal;
}

/** How a stream came to its end. */
export type PumpEnd =
  /** All is written. */
  | "ended"
  /** The reader went away. */
  | "gone"
  /** The reader did not take one piece within `stuckReaderMs`. */
  | "stuck";

/** Writes everything, however slow the reader is, as long as it reads. Throws what `texts` throws. */
export async function pump(
  texts: AsyncGenerator<string, void>,
  outlet: Outlet,
  clock: Clock,
): Promise<PumpEnd> {
  for await (const text of texts) {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      const end = await writePiece(bytes.subarray(from, from + pieceBytes), outlet, clock);
      if (end !== undefined) return end;
    }
  }
  return outlet.gone.aborted ? "gone" : "ended";
}

async function writePiece(
  piece: Uint8Array,
  outlet: Outlet,
  clock: Clock,
): Promise<"gone" | "stuck" | undefined> {
  const over = new AbortController();
  const either = AbortSignal.any([outlet.gone, over.signal]);
  try {
    const isTaken = await Promise.race([
      outlet.write(piece).then(() => true),
      clock.sleep(stuckReaderMs, either).then(() => false),
    ]);
    if (outlet.gone.aborted) return "gone";
    return isTaken ? undefined : "stuck";
  } finally {
    over.abort();
  }
}
