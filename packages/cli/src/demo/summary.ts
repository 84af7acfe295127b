/** What the demo says at its end, for people and for programs. */
import { palette } from "../print/colours.ts";
import { clockTime, count, duration } from "../print/text.ts";
import type { Balance, Interrupted } from "./books.ts";

/** The keys and their order are public. */
export function summaryLine(balance: Balance, interruptions: readonly Interrupted[]): string {
  const { sent, stored, delivered, lost, declaredLost, duplicated, gaps, silenceMs, ok } = balance;
  const told = {
    sent,
    stored,
    delivered,
    lost,
    declaredLost,
    duplicated,
    gaps,
    silenceMs,
    ok,
    interruptions: interruptions.map(({ name, atMs, missing }) => ({
      name,
      at: new Date(atMs).toISOString(),
      missing,
    })),
  };
  return `${JSON.stringify(told)}\n`;
}

export function summaryText(
  balance: Balance,
  interruptions: readonly Interrupted[],
  ranMs: number,
  hasColours: boolean,
): string {
  const { sent, stored, delivered, lost, declaredLost, duplicated, gaps, silenceMs, ok } = balance;
  const { good, bad, bold } = palette(hasColours);
  const verdict = declaredLost === 0 ? "Nothing is missing." : "What is missing lies in a gap.";
  return [
    "",
    bold(`After ${duration(ranMs)}:`),
    line(sent, "events sent on the relay's topics, by the mock's ledger"),
    line(stored, "of them in the journal"),
    line(delivered, "of them delivered to the subscriber"),
    line(
      gaps,
      gaps === 0
        ? "gaps"
        : `${gaps === 1 ? "gap" : "gaps"}, at most ${duration(silenceMs)} without an event`,
    ),
    line(declaredLost, "missing, and in a gap"),
    line(lost, "missing, and in no gap"),
    line(duplicated, "twice"),
    ...interruptions.map(({ name, atMs, missing }) => {
      const cost = missing === 0 ? "nothing missing" : `${count(missing, "event")} in a gap`;
      return `  ${clockTime(atMs)}  ${name.padEnd(15)}  ${cost}`;
    }),
    ok ? good(verdict) : bad("The books differ."),
    "",
  ].join("\n");
}

function line(value: number, words: string): string {
  return `${value.toLocaleString("en").padStart(9)}  ${words}`;
}

/** What is wrong with the books, in words. */
export function difference({ lost, duplicated, unexpected, forgotten }: Balance): string {
  const troubles = [
    [lost, "missing in no gap"],
    [duplicated, "there twice"],
    [unexpected, "there, but not in the ledger"],
    [forgotten, "no longer in the ledger"],
  ] as const;
  const told = troubles.flatMap(([number, words]) =>
    number === 0 ? [] : [`${count(number, "event")} ${words}`],
  );
  return told.join(", ") || "figures do not add up";
}
