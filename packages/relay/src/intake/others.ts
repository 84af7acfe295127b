/**
 * Trunks that the configuration no longer has, though something of them is open in the journal. Nobody
 * carries their topics any more, so what is open ends, as it does for a topic that is no longer wanted.
 */
import type { Journal } from "../journal/journal.ts";
import type { Clock, Log } from "../ports.ts";
import { openGapsMax } from "./limits.ts";
import { Recorder, type RecorderPorts } from "./recorder.ts";

export interface OthersPorts extends Pick<RecorderPorts, "nextGapId" | "redact"> {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Ends what is open of all trunks but those that are configured. */
export async function settleOthers(
  configured: ReadonlySet<string>,
  { journal, clock, log, nextGapId, redact }: OthersPorts,
): Promise<void> {
  for (const trunk of await journal.unsettled()) {
    if (configured.has(trunk)) continue;
    const recorder = new Recorder({ trunk, nextGapId, redact, derive: () => undefined });
    const coverage = await journal.coverage(trunk, { sinceProof: true });
    const openGaps = await journal.gaps({ trunk, isOpen: true, limit: openGapsMax });
    const nowMs = clock.wallMs();
    const inherited = recorder.inherit({ coverage, openGaps }, nowMs);
    const gaps = recorder.openGaps;
    await journal.append([...inherited, ...recorder.want([], nowMs)]);
    log.info({ trunk, gaps }, "this trunk is configured no longer: its open gaps end here");
  }
}
