/** Cuts what comes from a journal into lines, each with the cursor that it stands at. */
import { CliError } from "../errors.ts";

/** One entry as the relay wrote it. */
export interface JournalLine {
  readonly kind: "event" | "gap";
  /** Reading on after it gives the next entry. */
  readonly cursor: string;
  /** Without its line end. */
  readonly text: string;
}

/** A frame has at most 16 MB; what is longer is no entry. */
const lineCharactersMax = 32 * 1024 * 1024;
const head = /^\{"type":"(event|gap)","cursor":"([^"\\]{1,200})"/u;

/** A splitter of one answer. What has no line end yet is kept until it has, or is forgotten with the answer. */
export function createSplitter(url: string): (piece: string) => readonly JournalLine[] {
  let rest: string[] = [];
  let restCharacters = 0;
  return (piece) => {
    const lastEnd = piece.lastIndexOf("\n");
    if (lastEnd < 0) {
      rest.push(piece);
      restCharacters += piece.length;
      if (restCharacters <= lineCharactersMax) return [];
      throw new CliError("NOT_A_RELAY", `${url} sends a line that does not end.`);
    }
    const whole = rest.join("") + piece.slice(0, lastEnd);
    rest = [piece.slice(lastEnd + 1)];
    restCharacters = piece.length - lastEnd - 1;
    // Empty lines say only that the relay is alive.
    return whole.split("\n").flatMap((text) => (text === "" ? [] : [lineOf(text, url)]));
  };
}

function lineOf(text: string, url: string): JournalLine {
  const [, kind, cursor] = head.exec(text) ?? [];
  if ((kind === "event" || kind === "gap") && cursor !== undefined) return { kind, cursor, text };
  throw new CliError("NOT_A_RELAY", `${url} sends lines that are no entries of a journal.`);
}
