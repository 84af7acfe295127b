/** What a changed configuration changes in a relay that runs: what it can take over, and what needs a restart. */
import { Secret } from "@trunkline/client";
import type {
  GatewayClient,
  GatewayConfig,
  RelayConfig,
  SinkConfig,
  TrunkConfig,
} from "./config.ts";

export interface ConfigDifference {
  /** What is different, in words for a person, without secrets. Empty where nothing is. */
  readonly changes: readonly string[];
  /** What differs, but only counts after a restart. */
  readonly needRestart: readonly string[];
  /** What the running relay is to hold now: the new one, as far as it can be taken over. */
  readonly config: RelayConfig;
}

/** Topics, sinks, clients and the log level change while the relay runs; everything else needs a restart. */
export function diffConfig(old: RelayConfig, next: RelayConfig): ConfigDifference {
  const changes: string[] = [];
  const needRestart: string[] = [];
  if (old.log.level !== next.log.level)
    changes.push(`log: level ${old.log.level} → ${next.log.level}`);
  for (const part of ["dataDir", "http", "journal", "redact"] as const)
    needRestart.push(...different(part, old[part], next[part]));
  const trunks = diffTrunks(old.trunks, next.trunks, { changes, needRestart });
  changes.push(...diffSinks(old.sinks, next.sinks));
  const gateway = diffGateway(old.gateway, next.gateway, { changes, needRestart });
  const { log, sinks, warnings } = next;
  const config = { ...old, gateway, log, sinks, trunks, warnings };
  return { changes, needRestart, config };
}

interface Found {
  readonly changes: string[];
  readonly needRestart: string[];
}

/** The trunks as they can be now: the old ones with new topics. */
function diffTrunks(
  old: readonly TrunkConfig[],
  next: readonly TrunkConfig[],
  { changes, needRestart }: Found,
): readonly TrunkConfig[] {
  const byName = new Map(next.map((trunk) => [trunk.name, trunk]));
  for (const { name } of next)
    if (!old.some((trunk) => trunk.name === name)) needRestart.push(`trunk ${name}: new`);
  return old.map((trunk) => {
    const { name } = trunk;
    const now = byName.get(name);
    if (now === undefined) {
      needRestart.push(`trunk ${name}: removed`);
      return trunk;
    }
    const { topics: before, ...same } = trunk;
    const { topics, ...others } = now;
    needRestart.push(...different(`trunk ${name}`, same, others));
    const change = describeTopics(before, topics);
    if (change !== undefined) changes.push(`trunk ${name}: ${change}`);
    return { ...trunk, topics };
  });
}

/** Names are compared without case, as the service does. */
function describeTopics(before: readonly string[], after: readonly string[]): string | undefined {
  const old = new Set(before.map((topic) => topic.toLowerCase()));
  const next = new Set(after.map((topic) => topic.toLowerCase()));
  const parts = [
    [missing(next, old), "more"],
    [missing(old, next), "less"],
  ] as const;
  const told = parts.flatMap(([topics, word]) =>
    topics === 0 ? [] : [`${topics} topic${topics === 1 ? "" : "s"} ${word}`],
  );
  return told.length === 0 ? undefined : told.join(", ");
}

/** How many of these are not among those. */
function missing(these: ReadonlySet<string>, those: ReadonlySet<string>): number {
  return [...these].filter((topic) => !those.has(topic)).length;
}

function diffSinks(old: readonly SinkConfig[], next: readonly SinkConfig[]): readonly string[] {
  const before = new Map(old.map((sink) => [sink.name, sink]));
  const kept = new Set(next.map(({ name }) => name));
  const removed = old.filter(({ name }) => !kept.has(name));
  return [
    ...removed.map(({ name }) => `sink ${name}: removed`),
    ...next.flatMap((sink) => {
      const was = before.get(sink.name);
      if (was === undefined) return [`sink ${sink.name}: new (${sink.type})`];
      if (was.isEnabled !== sink.isEnabled)
        return [`sink ${sink.name}: ${sink.isEnabled ? "enabled" : "disabled"}`];
      return different(`sink ${sink.name}`, was, sink);
    }),
  ];
}

/** The gateway as it can be now: with new clients, and rules for the tokens to come. */
function diffGateway(
  old: GatewayConfig,
  next: GatewayConfig,
  { changes, needRestart }: Found,
): GatewayConfig {
  const { clients, eventTypeScopes, tokenLifeMs, clockLeewayMs } = next;
  const now = { ...old, clients, eventTypeScopes, tokenLifeMs, clockLeewayMs };
  needRestart.push(...different("gateway", now, next));
  changes.push(...diffClients(old.clients, clients));
  changes.push(...different("gateway", { ...old, clients }, now));
  return now;
}

function diffClients(
  old: readonly GatewayClient[],
  next: readonly GatewayClient[],
): readonly string[] {
  const before = new Map(old.map((client) => [client.id, client]));
  const kept = new Set(next.map(({ id }) => id));
  return [
    ...old.filter(({ id }) => !kept.has(id)).map(({ id }) => `client ${id}: removed`),
    ...next.flatMap((client) => {
      const was = before.get(client.id);
      return was === undefined
        ? [`client ${client.id}: new`]
        : different(`client ${client.id}`, was, client);
    }),
  ];
}

/** Whether two parts of a configuration say the same, secrets included. */
export function isSameConfig(old: unknown, next: unknown): boolean {
  return differingFields(old, next).length === 0;
}

/** `sink hook: url, timeoutMs`: which fields differ, never their values, which may be secret. */
function different(what: string, old: unknown, next: unknown): readonly string[] {
  const fields = [...new Set(differingFields(old, next))];
  if (fields.length === 0) return [];
  const named = fields.filter((field) => field !== "");
  return [named.length === 0 ? what : `${what}: ${named.join(", ")}`];
}

/** Fields that differ, those of plain objects one by one; the empty text is the value itself. */
function differingFields(old: unknown, next: unknown): readonly string[] {
  if (!isPlain(old) || !isPlain(next)) return isSame(old, next) ? [] : [""];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  return keys.flatMap((key) => {
    const inner = differingFields(old[key], next[key]);
    return inner.length === 0 ? [] : grouping.has(key) ? inner : [key];
  });
}

/** Objects that only group what a person sees side by side. */
const grouping: ReadonlySet<string> = new Set(["webhook", "delivery", "credentials", "place"]);

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret)
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Secret || b instanceof Secret)
    return a instanceof Secret && b instanceof Secret && a.reveal() === b.reveal();
  if (Array.isArray(a) && Array.isArray(b))
    return (
      a.length === b.length &&
      a.every((item, index) => differingFields(item, b[index]).length === 0)
    );
  return Object.is(a, b);
}
