/** A plan for a person: counts and sentences; the topics themselves are in its JSON. */
import type { PermissionNeed, Plan } from "@trunkline/events";
import type { FollowProblem } from "@trunkline/relay";
import { palette } from "./colours.ts";
import { table } from "./table.ts";
import { count, duration, printable } from "./text.ts";

/** Of problems, so many are shown. */
const problemsShownMax = 10;

export function planText(
  plan: Plan,
  problems: readonly FollowProblem[],
  hasColours: boolean,
): string {
  const { bold, dim, warn } = palette(hasColours);
  const heading = (text: string): string => `\n${bold(text)}\n`;
  const topics = table(
    [{ title: "TOPICS", align: "right" }, { title: "OF" }, { title: "FOR" }, { title: "WHY" }],
    plan.groups.map(({ topics, template, eventTypes, why }) => [
      { text: topics.length.toLocaleString("en") },
      { text: template },
      { text: eventTypes.length === 0 ? "–" : eventTypes.join(", ") },
      { text: why, paint: dim },
    ]),
    bold,
  );
  const shown = problems.slice(0, problemsShownMax);
  const more = problems.length - shown.length;
  return [
    topics,
    `\n${costText(plan)}`,
    heading("Permissions"),
    list(plan.permissions.map(permissionText)),
    ...(plan.unseen.length > 0 ? [heading("What no socket shows"), list(plan.unseen)] : []),
    ...(plan.follows.length > 0 ? [heading("What changes later"), list(plan.follows)] : []),
    ...(shown.length > 0
      ? [
          heading("What could not be listed"),
          list(
            shown.map(({ code, message, help }) => `${warn(code)}  ${printable(message)} ${help}`),
          ),
        ]
      : []),
    ...(more > 0 ? [`${dim(`and ${count(more, "more problem")}`)}\n`] : []),
  ].join("");
}

function costText({ topicCount, channels, requests, startUpMs }: Plan): string {
  const { entries, needed, max, entriesOver } = channels;
  const over = entriesOver === 0 ? "" : `; no room for ${entriesOver.toLocaleString("en")} of them`;
  const { listing, connecting, followingPerHour, perMinuteMax, backgroundPerMinuteMax } = requests;
  return [
    `${count(topicCount, "topic")}, as ${entries.toLocaleString("en")} on ${count(needed, "channel")} of ${max}${over}.`,
    `${count(listing, "request")} to list the organisation, ${connecting} to connect at most, then ${followingPerHour} an hour to follow it.`,
    `Live after about ${duration(startUpMs)}, by our estimate, within ${perMinuteMax} requests a minute (${backgroundPerMinuteMax} of them for lists).`,
    "",
  ].join("\n");
}

function permissionText({ permissions, combine, for: what, certainty }: PermissionNeed): string {
  if (certainty === "unknown") return `${what}: not known`;
  const names = permissions.join(combine === "all" ? " and " : " or ");
  const mark = certainty === "inferred" ? " (inferred from the REST call with the same data)" : "";
  return `${what}: ${names === "" ? "none" : names}${mark}`;
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}\n`).join("");
}
