/** Where things stand in a JSON text: offsets by path, lines and columns by offset. */

/** Names of members and numbers of items, from the root. */
export type Path = readonly (string | number)[];

/** Where one value of a text stands, and those in it. */
export interface Place {
  readonly start: number;
  /** The offset after its last character. */
  readonly end: number;
  /** Where the name of this member begins; undefined for items and the root. */
  readonly keyStart: number | undefined;
  /** By name; of a name that stands twice, the last, as every reader has it. */
  readonly members: ReadonlyMap<string, Place> | undefined;
  readonly items: readonly Place[] | undefined;
}

/** The place of a path, or of its nearest parent that is there; `path` is shortened accordingly. */
export function placeOf(root: Place, path: Path): { readonly place: Place; readonly path: Path } {
  let place = root;
  for (const [depth, step] of path.entries()) {
    const below = typeof step === "number" ? place.items?.[step] : place.members?.get(step);
    if (below === undefined) return { place, path: path.slice(0, depth) };
    place = below;
  }
  return { place, path };
}

/** JSON pointer of RFC 6901; empty for the root. */
export function pointerOf(path: Path): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

export interface Position {
  /** From 1. Lines end with a line feed, with a carriage return before it or not. */
  readonly line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number;
}

/** Finds positions by offset; the lines are found once, at the first question. */
export function createPositions(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
