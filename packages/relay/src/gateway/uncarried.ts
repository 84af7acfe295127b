/**
 * What nobody carried: intervals of a topic that lie in no coverage, and in no gap of the journal either, since
 * nobody wanted it then. Who goes on after a cursor is told of them, or would take silence for quiet.
 */
import type { GapEntry } from "../journal/entry.ts";
import type { Coverage } from "../journal/journal.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Uncarried extends Span {
  readonly topics: readonly string[];
}

/** Rounding to whole milliseconds leaves slits between an interval and the next. */
const slitMs = 5;

/**
 * Each hole once, with all topics that share it, oldest first.
 * @param coverage of one trunk, of all topics that anybody ever wanted
 * @param gaps of the same trunk by their latest state: what they say need not be said again
 */
export function uncarried(
  coverage: readonly Pick<Coverage, "topic" | "fromMs" | "untilMs">[],
  gaps: readonly Pick<GapEntry, "topics" | "fromMs" | "toMs">[],
  concerns: (topic: string) => boolean,
  { fromMs, toMs }: Span,
): readonly Uncarried[] {
  const told = new Map<string, { readonly name: string; readonly spans: Span[] }>();
  for (const { topic, fromMs: beganMs, untilMs = toMs } of coverage) {
    if (!concerns(topic)) continue;
    const key = topic.toLowerCase();
    const one = told.get(key) ?? { name: topic, spans: [] };
    told.set(key, one);
    one.spans.push({ fromMs: beganMs, toMs: untilMs });
  }
  for (const gap of gaps) {
    for (const topic of gap.topics)
      told.get(topic.toLowerCase())?.spans.push({ fromMs: gap.fromMs, toMs: gap.toMs ?? toMs });
  }
  const groups = new Map<string, { readonly span: Span; readonly topics: string[] }>();
  for (const { name, spans } of told.values()) {
    for (const span of holesIn(spans, { fromMs, toMs })) {
      const key = `${span.fromMs} ${span.toMs}`;
      const group = groups.get(key) ?? { span, topics: [] };
      groups.set(key, group);
      group.topics.push(name);
    }
  }
  return [...groups.values()]
    .map(({ span, topics }) => ({ ...span, topics }))
    .toSorted((one, other) => one.fromMs - other.fromMs || one.toMs - other.toMs);
}

/** What of an interval none of the spans holds. */
function holesIn(spans: readonly Span[], { fromMs, toMs }: Span): readonly Span[] {
  const holes: Span[] = [];
  let atMs = fromMs;
  for (const span of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (span.fromMs - atMs > slitMs)
      holes.push({ fromMs: atMs, toMs: Math.min(span.fromMs, toMs) });
    atMs = Math.max(atMs, span.toMs);
    if (atMs >= toMs) break;
  }
  if (toMs - atMs > slitMs) holes.push({ fromMs: atMs, toMs });
  return holes.filter((hole) => hole.toMs > hole.fromMs);
}
