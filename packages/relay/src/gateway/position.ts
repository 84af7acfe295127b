/** The place in the journal that a cursor of a subscriber names. */
import { isRelayError } from "../errors.ts";
import { parseCursor } from "../journal/cursor.ts";
import type { Journal } from "../journal/journal.ts";
import { GatewayError } from "./gateway-error.ts";

/**
 * Without a cursor the end of the journal: whatever comes from now on.
 * @throws GatewayError CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_AHEAD
 */
export function positionOf(
  since: string | undefined,
  journal: Pick<Journal, "id" | "head">,
): number {
  const { id, head } = journal;
  if (since === undefined) return head;
  const position = parse(since, id);
  if (position <= head) return position;
  throw new GatewayError(
    "CURSOR_AHEAD",
    `The cursor names place ${position}, and the journal ends at ${head}.`,
  );
}

function parse(since: string, id: string): number {
  try {
    return parseCursor(since, id);
  } catch (error) {
    if (isRelayError(error) && (error.code === "CURSOR_INVALID" || error.code === "CURSOR_FOREIGN"))
      throw new GatewayError(error.code, error.message);
    throw error;
  }
}
