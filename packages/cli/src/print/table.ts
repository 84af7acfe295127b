/** Tables for people: columns as wide as what is in them, the last as wide as it likes. */
import { printable } from "./text.ts";

const gutter = "  ";

export interface Column {
  readonly title: string;
  readonly align?: "right";
}

export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Lines with their line ends. Cells are made harmless for a terminal; colours come after. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  paintTitle: (text: string) => string,
): string {
  const all = [columns.map(({ title }): Cell => ({ text: title, paint: paintTitle })), ...rows].map(
    (row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })),
  );
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at]?.text.length ?? 0)));
  const last = columns.length - 1;
  const line = (row: readonly Cell[]): string =>
    row
      .map(({ text, paint = (plain) => plain }, at) => {
        const width = widths[at] ?? 0;
        const isRight = columns[at]?.align === "right";
        const padded = isRight ? text.padStart(width) : at === last ? text : text.padEnd(width);
        return paint(padded);
      })
      .join(gutter);
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}
