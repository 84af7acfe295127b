/** Colours of a terminal, or none. */
export type Palette = Readonly<
  Record<"dim" | "bold" | "subject" | "good" | "warn" | "bad", (text: string) => string>
>;

const paint =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001B[${open}m${text}\u001B[${close}m`;
const plain = (text: string): string => text;

const coloured: Palette = {
  dim: paint(2, 22),
  bold: paint(1, 22),
  subject: paint(36, 39),
  good: paint(32, 39),
  warn: paint(33, 39),
  bad: paint(31, 39),
};

const colourless: Palette = {
  dim: plain,
  bold: plain,
  subject: plain,
  good: plain,
  warn: plain,
  bad: plain,
};

export function palette(hasColours: boolean): Palette {
  return hasColours ? coloured : colourless;
}
