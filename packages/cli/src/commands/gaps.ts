/** `trunkline gaps`: the intervals in which events may be missing, as the journal has them. */
import type { GapReply, GapsReply } from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { palette } from "../print/colours.ts";
import { whyText } from "../print/gap.ts";
import { shortTopic } from "../print/names.ts";
import { table, type Cell } from "../print/table.ts";
import { clockTime, count, dayOf, duration } from "../print/text.ts";
import type { AddressFlags } from "../relay/address.ts";
import { openRemote } from "../relay/remote.ts";

export interface GapsFlags extends AddressFlags {
  readonly open?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** Up to so many topics are named. */
const topicsNamedMax = 2;

/** @throws CliError, RelayError */
export async function gaps(flags: GapsFlags, system: ConcealingSystem): Promise<void> {
  const query = new URLSearchParams({ limit: String(flags.limit) });
  if (flags.open === true) query.set("open", "true");
  const relay = openRemote(flags, system);
  const reply = await relay.ask<GapsReply>(`/admin/gaps?${query.toString()}`);
  if (flags.json === true) {
    await system.stdout.write(reply.gaps.map((gap) => `${JSON.stringify(gap)}\n`).join(""));
    return;
  }
  await system.stdout.write(text(reply.gaps, flags, system));
}

function text(gaps: readonly GapReply[], flags: GapsFlags, system: ConcealingSystem): string {
  const { bold, dim, good } = palette(system.stdout.hasColours);
  if (gaps.length === 0) return `${good(flags.open === true ? "No gap is open." : "No gaps.")}\n`;
  const nowMs = system.clock.wallMs();
  const several = new Set(gaps.map(({ trunk }) => trunk)).size > 1;
  const columns = [
    { title: "SINCE" },
    { title: "UNTIL" },
    { title: "FOR", align: "right" as const },
    { title: "STATE" },
    ...(several ? [{ title: "TRUNK" }] : []),
    { title: "TOPICS" },
    { title: "CAUSE" },
  ];
  const body = table(
    columns,
    gaps.map((gap) => row(gap, nowMs, several, system)),
    bold,
  );
  const open = gaps.filter(({ state }) => state === "open").length;
  const sum = `${count(gaps.length, "gap")}, ${open} open`;
  const more = gaps.length < flags.limit ? "" : ` (no more than --limit ${flags.limit} are shown)`;
  return `${body}${dim(`${sum}${more}`)}\n`;
}

function row(
  gap: GapReply,
  nowMs: number,
  several: boolean,
  { stdout }: ConcealingSystem,
): readonly Cell[] {
  const { bad, warn, good, dim } = palette(stdout.hasColours);
  const paints = { open: bad, closed: warn, filled: good, partial: warn, unfillable: warn };
  const fromMs = Date.parse(gap.from);
  const toMs = gap.to === null ? undefined : Date.parse(gap.to);
  return [
    { text: instant(fromMs), paint: dim },
    { text: toMs === undefined ? "–" : instant(toMs), paint: dim },
    { text: duration((toMs ?? nowMs) - fromMs) },
    { text: gap.state, paint: paints[gap.state] },
    ...(several ? [{ text: gap.trunk }] : []),
    { text: topicsText(gap.topics) },
    { text: whyText(gap, "journal") },
  ];
}

function instant(atMs: number): string {
  return `${dayOf(atMs)} ${clockTime(atMs)}`;
}

/** `3: user 4b1d9f52 presence, queue d97becb3 users, …` */
function topicsText(topics: readonly string[]): string {
  const named = topics.slice(0, topicsNamedMax).map((topic) => shortTopic(topic, new Map()));
  const more = topics.length > topicsNamedMax ? ", …" : "";
  return `${topics.length}: ${named.join(", ")}${more}`;
}
