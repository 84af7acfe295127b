/** The three ways to print entries, as values: a new one is a new case here. */
import type { GapEvent, NotificationEvent } from "@trunkline/client";
import type { System } from "../system.ts";
import { eventLine, frameLine, gapLine } from "./entries.ts";
import type { FormatName } from "./format-names.ts";
import { gapText } from "./gap.ts";
import type { Names } from "./names.ts";
import { createPretty } from "./pretty.ts";

export interface Format {
  readonly notification: (event: NotificationEvent) => string;
  readonly gap: (event: GapEvent) => string;
  /** Where gaps go: not among the frames of Genesys, which know none. */
  readonly gapsTo: "stdout" | "stderr";
}

/** Names and topics are for people: a column is made wide enough for them. */
export function createFormat(
  name: FormatName,
  system: System,
  { names = new Map(), topics }: { readonly names?: Names; readonly topics: readonly string[] },
): Format {
  const { stdout, clock } = system;
  const nowMs = (): number => clock.wallMs();
  switch (name) {
    case "json":
      return { notification: eventLine, gap: gapLine, gapsTo: "stdout" };
    case "genesys":
      return {
        notification: frameLine,
        gap: (event) => `${gapText(event, nowMs())}\n`,
        gapsTo: "stderr",
      };
    case "pretty": {
      const { hasColours } = stdout;
      const columns = (): number | undefined => stdout.columns;
      const pretty = createPretty({ hasColours, columns, names, topics, nowMs });
      return { ...pretty, gapsTo: "stdout" };
    }
    default:
      return name satisfies never;
  }
}
