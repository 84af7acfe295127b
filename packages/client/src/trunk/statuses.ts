/** How each wanted topic stands, for whoever asks. */
import type { TopicStatus } from "../events.ts";
import type { Line } from "../line/line.ts";
import type { Entry } from "../topics/entries.ts";
import type { Topic } from "../topics/names.ts";

export function statuses(
  wanted: Iterable<Topic>,
  overBudget: readonly Entry[],
  lines: readonly Pick<Line, "standingOf" | "isLive" | "isStarved" | "entries">[],
): readonly TopicStatus[] {
  const starved = lines.filter(({ isStarved }) => isStarved).flatMap(({ entries }) => entries);
  const over = new Set(
    [...overBudget, ...starved].flatMap((entry) => entry.topics.map(({ key }) => key)),
  );
  return [...wanted].map(({ key, name }) => {
    const line = lines.find((one) => one.standingOf(key) !== undefined);
    const standing = line?.standingOf(key);
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
