/** Looks back over what lies between a cursor and now: what was not carried then is told as gaps. */
import type { Entry, GapEntry } from "../journal/entry.ts";
import type { Coverage, Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import { uncarried } from "./uncarried.ts";

export interface RetrospectPorts {
  readonly journal: Pick<Journal, "id" | "read" | "coverage" | "gaps">;
  readonly clock: Pick<Clock, "monotonicMs" | "wallMs">;
  readonly trunks: () => readonly string[];
}

/** What was read of a trunk is believed for so long: after a restart all subscribers come at once. */
const believedMs = 1_000;
/** Gaps that are looked at; what more there are is told twice rather than not at all. */
const gapsMax = 10_000;

interface Reading {
  readonly atMs: number;
  readonly facts: Promise<readonly [readonly Coverage[], readonly GapEntry[]]>;
}

export class Retrospect {
  readonly #ports: RetrospectPorts;
  readonly #readings = new Map<string, Reading>();

  constructor(ports: RetrospectPorts) {
    this.#ports = ports;
  }

  /** Gaps of what was not carried since a position, oldest first, each at that position. */
  async since(
    position: number,
    concerns: (topic: string) => boolean,
    visible: readonly string[] | undefined,
  ): Promise<readonly GapEntry[]> {
    const { journal, clock, trunks } = this.#ports;
    const fromMs = await this.timeOf(position);
    if (fromMs === undefined) return [];
    const span = { fromMs, toMs: clock.wallMs() };
    const names = trunks().filter((name) => visible === undefined || visible.includes(name));
    const ofTrunks = await Promise.all(
      names.map(async (trunk): Promise<readonly GapEntry[]> => {
        const [coverage, gaps] = await this.#read(trunk);
        return uncarried(coverage, gaps, concerns, span).map((hole) => ({
          kind: "gap",
          position,
          cursor: `${journal.id}-${position}`,
          trunk,
          organizationId: undefined,
          gapId: `${journal.id}-uncarried-${hole.fromMs}-${hole.toMs}`,
          state: "closed",
          topics: hole.topics,
          fromMs: hole.fromMs,
          toMs: hole.toMs,
          cause: "unsubscribed",
          certainty: "possible",
          serverOffsetMs: undefined,
          recordedAtMs: span.toMs,
        }));
      }),
    );
    return ofTrunks.flat();
  }

  /** When the entry at a position was taken in, or the first one that is kept after it, by the wall clock. */
  async timeOf(position: number): Promise<number | undefined> {
    const after = Math.max(0, position - 1);
    const { entries } = await this.#ports.journal.read({ after, limit: 2 });
    const found = entries.find((entry) => !isRetention(entry)) ?? entries[0];
    if (found === undefined) return undefined;
    return found.kind === "event" ? found.receivedAtMs : found.recordedAtMs;
  }

  #read(trunk: string): Reading["facts"] {
    const { journal, clock } = this.#ports;
    const known = this.#readings.get(trunk);
    const nowMs = clock.monotonicMs();
    if (known !== undefined && nowMs - known.atMs < believedMs) return known.facts;
    const facts = Promise.all([
      journal.coverage(trunk),
      journal.gaps({ trunk, limit: gapsMax }),
    ] as const);
    this.#readings.set(trunk, { atMs: nowMs, facts });
    // Whoever asks hears of it; the next one tries again.
    facts.catch(() => this.#readings.delete(trunk));
    return facts;
  }
}

function isRetention(entry: Entry): boolean {
  return entry.kind === "gap" && entry.cause === "retention";
}
