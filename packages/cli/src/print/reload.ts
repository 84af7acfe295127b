/** What a reload has changed, for people. */
import { palette } from "./colours.ts";
import { printable } from "./text.ts";

interface Report {
  readonly changes: readonly string[];
  readonly needRestart: readonly string[];
}

export function reloadText({ changes, needRestart }: Report, hasColours: boolean): string {
  const { good, warn } = palette(hasColours);
  const changed =
    changes.length === 0
      ? "The configuration was read again; nothing has changed.\n"
      : `${good("The configuration was read again.")} Changed:\n${list(changes)}`;
  const waiting =
    needRestart.length === 0
      ? ""
      : `${warn("This takes a restart")}, and is as it was until then:\n${list(needRestart)}`;
  return changed + waiting;
}

function list(items: readonly string[]): string {
  return items.map((item) => `  ${printable(item)}\n`).join("");
}
