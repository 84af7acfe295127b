/** Cursors: a place in a journal as text, which names the journal that it belongs to. */
import { RelayError } from "../errors.ts";

export function formatCursor(journalId: string, position: number): string {
  return `${journalId}-${position}`;
}

/**
 * The position that a cursor names. `0` is the beginning of any journal.
 * @throws RelayError CURSOR_INVALID; CURSOR_FOREIGN for one of another journal, never a silent skip
 */
export function parseCursor(text: string, journalId: string): number {
  if (text === "0") return 0;
  const match = /^(?<id>[\w]{1,64})-(?<position>\d{1,15})$/u.exec(text);
  const { id, position } = match?.groups ?? {};
  if (id === undefined || position === undefined)
    throw new RelayError("CURSOR_INVALID", `"${text.slice(0, 100)}" is not a cursor.`);
  if (id !== journalId)
    throw new RelayError(
      "CURSOR_FOREIGN",
      `The cursor belongs to journal ${id}; this one is ${journalId}.`,
    );
  return Number(position);
}
