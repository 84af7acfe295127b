/** Reads a scenario. All complaints come at once, each with its place. */
import * as z from "zod";
import type { Fault } from "../cloud/faults.ts";
import { MockError } from "../mock-error.ts";
import { faultDescriptions, faultNames } from "../server/fault-schema.ts";
import { parseDuration } from "./duration.ts";
import { nearMiss } from "./near-miss.ts";
import { clearItem, faultItems, publishItem, scenarioSchema } from "./schema.ts";
import type { Choice, Scenario, ScenarioOptions, TimelineItem } from "./scenario.ts";
import { readYaml, type Path, type Place, type YamlSource } from "./yaml-source.ts";

/** The longest scenario that is read. */
export const scenarioCharactersMax = 1_000_000;
/** Complaints that the message tells. */
const toldMax = 20;
/** Characters of what was found that a complaint repeats. */
const shownMax = 60;

interface Complaint extends Place {
  readonly text: string;
}

/**
 * @param file names it in complaints
 * @param name what it is called unless it says so itself
 * @throws MockError SCENARIO_INVALID
 */
export function readScenario(text: string, file: string, name: string): Scenario {
  if (text.length > scenarioCharactersMax)
    throw new MockError(
      "SCENARIO_INVALID",
      `${file} has more than ${scenarioCharactersMax} characters`,
    );
  const source = readYaml(text);
  const complaints: Complaint[] = source.faults.map((fault) => ({
    ...fault,
    text: `is not valid YAML: ${fault.message}`,
  }));
  if (complaints.length === 0) {
    const head = scenarioSchema.safeParse(source.data, { error: tellKeys });
    for (const issue of head.error?.issues ?? []) complaints.push(...told(source, issue, []));
    const items = itemsOf(source.data).map((item, index) =>
      readItem(source, item, index, complaints),
    );
    if (complaints.length === 0 && head.success) {
      const { name: own, timeline: _, ...options } = head.data;
      const timeline = items.filter((item) => item !== undefined);
      return { name: own ?? name, options: options as Partial<ScenarioOptions>, timeline };
    }
  }
  throw invalid(file, complaints);
}

function itemsOf(data: unknown): readonly unknown[] {
  const isMap = typeof data === "object" && data !== null && "timeline" in data;
  return isMap && Array.isArray(data.timeline) ? data.timeline : [];
}

function readItem(
  source: YamlSource,
  item: unknown,
  index: number,
  complaints: Complaint[],
): TimelineItem | undefined {
  const path: Path = ["timeline", index];
  const fail = (text: string): undefined =>
    void complaints.push({ ...source.place(path), text: `${nameOf(path)} ${text}` });
  if (typeof item !== "object" || item === null || Array.isArray(item))
    return fail("expected a map, such as { at: 10s, fault: cutSockets }");
  const kinds = ["fault", "publish", "clear"].filter((kind) => kind in item);
  if (kinds.length !== 1)
    return fail(
      `has ${kinds.length === 0 ? "none" : kinds.join(" and ")} of fault, publish and clear: expected exactly one of them`,
    );
  if ("fault" in item && !isFaultName(item.fault)) {
    const at = [...path, "fault"];
    const near = nearMiss(String(item.fault), faultNames);
    const known = near === undefined ? `There are ${faultNames.join(", ")}` : mean(near);
    const found = shown(source, at);
    complaints.push({ ...source.place(at), text: `${nameOf(at)} ${found}is no fault. ${known}` });
    return undefined;
  }
  const schema =
    "fault" in item && isFaultName(item.fault)
      ? faultItems[item.fault]
      : "publish" in item
        ? publishItem
        : clearItem;
  const read = schema.safeParse(item, { error: tellKeys });
  for (const issue of read.error?.issues ?? []) complaints.push(...told(source, issue, path));
  const fields = (read.data ?? {}) as Readonly<Record<string, unknown>>;
  if (fields["times"] !== undefined && fields["every"] === undefined)
    fail("has times, but no every: expected both, such as every: 60s");
  if (fields["every"] !== undefined && ms(fields["every"]) === 0)
    fail("repeats every 0: expected 1ms or more");
  for (const kind of ["socket", "channel"])
    if (fields[kind] !== undefined && fields[`${kind}Id`] !== undefined)
      fail(`has both ${kind} and ${kind}Id: expected one of them`);
  const isOfChannel = "fault" in item && isFaultName(item.fault) && needsChannel(item.fault);
  if (isOfChannel && !("channel" in item || "channelId" in item))
    fail("is missing which channel: expected channel: newest, channel: oldest or a channelId");
  return read.success ? itemOf(fields) : undefined;
}

function itemOf(fields: Readonly<Record<string, unknown>>): TimelineItem {
  const { at, every, times, for: lasts, socket, channel, publish, clear, ...fault } = fields;
  const when = {
    atMs: at === undefined ? 0 : ms(at),
    ...(every === undefined ? {} : { everyMs: ms(every) }),
    ...(times === undefined ? {} : { times: Number(times) }),
  };
  if (clear !== undefined) return { ...when, act: { kind: "clear" } };
  if (publish !== undefined) {
    const { topic, body } = publish as { readonly topic: string; readonly body: object };
    return { ...when, act: { kind: "publish", topic, body } };
  }
  return {
    ...when,
    act: {
      kind: "fault",
      fault: fault as unknown as Fault,
      ...(socket === undefined ? {} : { socket: socket as Choice }),
      ...(channel === undefined ? {} : { channel: channel as Choice }),
      ...(lasts === undefined ? {} : { forMs: ms(lasts) }),
    },
  };
}

function needsChannel(fault: keyof typeof faultItems): boolean {
  return faultDescriptions[fault].fields["channelId"]?.required === true;
}

function ms(duration: unknown): number {
  return parseDuration(String(duration)) ?? 0;
}

function isFaultName(name: unknown): name is keyof typeof faultItems {
  return typeof name === "string" && Object.hasOwn(faultItems, name);
}

/** Only here does zod tell which keys there are: they travel in the message. */
function tellKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodObject)
    return Object.keys(issue.inst.shape).join(" ");
  return undefined;
}

function told(source: YamlSource, issue: z.core.$ZodIssue, above: Path): readonly Complaint[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(" ");
    return issue.keys.map((key) => {
      const near = nearMiss(key, known);
      const help = near === undefined ? `There are ${known.join(", ")}` : mean(near);
      const text = `${nameOf([...path, key])} is nothing that is known here. ${help}`;
      return { ...source.keyPlace([...path, key]), text };
    });
  }
  const isThere = source.written(path) !== undefined;
  const place = source.place(path);
  const missing = !isThere && isUndefined(source.data, path) ? "is missing: " : "";
  return [{ ...place, text: `${nameOf(path)} ${shown(source, path)}${missing}${issue.message}` }];
}

function isUndefined(data: unknown, path: Path): boolean {
  let value = data;
  for (const step of path)
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return value === undefined;
}

function shown(source: YamlSource, path: Path): string {
  const written = source.written(path);
  if (written === undefined) return "";
  // What follows such a name may be what it says.
  if (/secret/iu.test(String(path.at(-1)))) return "";
  return `${JSON.stringify(written.length > shownMax ? `${written.slice(0, shownMax)}…` : written)}: `;
}

function mean(near: string): string {
  return `Did you mean ${near}?`;
}

/** `timeline[3].code` */
function nameOf(path: Path): string {
  if (path.length === 0) return "the scenario";
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`,
    )
    .join("");
}

function invalid(file: string, complaints: readonly Complaint[]): MockError {
  const sorted = complaints.toSorted((a, b) => a.line - b.line || a.column - b.column);
  // Several checks of one value may say the same.
  const lines = [
    ...new Set(sorted.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`)),
  ];
  const more = lines.length > toldMax ? [`… and ${lines.length - toldMax} more`] : [];
  const [only] = lines;
  const count = `${lines.length} things wrong`;
  return new MockError(
    "SCENARIO_INVALID",
    lines.length === 1 && only !== undefined
      ? only
      : `${file} has ${count}:\n${[...lines.slice(0, toldMax), ...more].join("\n")}`,
  );
}
