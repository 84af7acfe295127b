/** How each wanted topic stands, for whoever asks. */
import type { TopicStatus } from "../events.ts";
import type { Line } from "../line/line.ts";
import type { Entry } from "../topics/entries.ts";
import type { Standing } from "../topics/keeper.ts";
import type { Topic } from "../topics/names.ts";

export function statuses(
  wanted: Iterable<Topic>,
  overBudget: readonly Entry[],
  lines: readonly Pick<Line, "standings" | "isLive" | "isStarved" | "entries">[],
): readonly TopicStatus[] {
  const starved = lines.filter(({ isStarved }) => isStarved).flatMap(({ entries }) => entries);
  const over = new Set(
    [...overBudget, ...starved].flatMap((entry) => entry.topics.map(({ key }) => key)),
  );
  const asked = lines.map((line) => ({ isLive: line.isLive, standingOf: line.standings() }));
  return [...wanted].map(({ key, name }) => {
    let standing: Standing | undefined;
    const line = asked.find(({ standingOf }) => (standing = standingOf(key)) !== undefined);
    const status = (
      state: TopicStatus["state"],
      reason?: string,
      missing: readonly string[] = [],
    ): TopicStatus => ({ topic: name, state, reason, missingPermissions: missing });
    if (over.has(key)) return status("over-budget", "No channel has room for it.");
    if (standing?.state === "rejected")
      return status("rejected", standing.reason, standing.missingPermissions);
    return status(standing?.state === "permitted" && line?.isLive === true ? "live" : "pending");
  });
}
