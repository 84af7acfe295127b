/** `trunkline topics`: event types with the topics that carry them, and the real topics. Asks nobody. */
import { eventTypes, permissionsOf, realTopics, type EventTypeEntry } from "@trunkline/events";
import type { ConcealingSystem } from "../conceal.ts";
import { palette } from "../print/colours.ts";
import { table } from "../print/table.ts";

export interface TopicsFlags {
  readonly json?: boolean;
}

/** The shape of a line of `--json`; fields are added at the end. */
interface Listed {
  readonly type: "eventType" | "topic";
  readonly name: string;
  /** Topics that carry it, as templates; a topic is its own. */
  readonly topics: readonly string[];
  /** What Genesys asks for any of them; null where nothing is known of one. */
  readonly permissions: readonly string[] | null;
  /** Whether one of them is enough. */
  readonly combine: "any" | "all";
  readonly aliasOf: string | null;
  readonly description: string | null;
}

/** @param pattern what a name, or a topic that carries it, must contain; case does not count */
export async function topics(
  pattern: string | undefined,
  { json }: TopicsFlags,
  system: ConcealingSystem,
): Promise<void> {
  const matches = matcher(pattern);
  const found = [...listedTypes(), ...listedTopics()].filter(
    ({ name, topics: carriers }) => matches(name) || carriers.some(matches),
  );
  await system.stdout.write(
    json === true
      ? found.map((one) => `${JSON.stringify(one)}\n`).join("")
      : text(found, pattern, system),
  );
}

function listedTypes(): readonly Listed[] {
  const entries = Object.entries(eventTypes) as readonly (readonly [string, EventTypeEntry])[];
  return entries.map(([name, { topics: carriers, aliasOf, description }]) => ({
    type: "eventType",
    name,
    topics: carriers,
    permissions: permissionNames(carriers),
    combine: combineOf(carriers),
    aliasOf: aliasOf ?? null,
    description,
  }));
}

function listedTopics(): readonly Listed[] {
  return realTopics.map((name) => ({
    type: "topic",
    name,
    topics: [name],
    permissions: permissionNames([name]),
    combine: combineOf([name]),
    aliasOf: null,
    description: null,
  }));
}

function permissionNames(carriers: readonly string[]): readonly string[] | null {
  const asked = carriers.map(permissionsOf);
  if (asked.some(({ certainty }) => certainty === "unknown")) return null;
  return [...new Set(asked.flatMap(({ permissions }) => permissions))];
}

function combineOf(carriers: readonly string[]): "any" | "all" {
  return carriers.every((topic) => permissionsOf(topic).combine === "any") ? "any" : "all";
}

function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  const parts = pattern.toLowerCase().split("*");
  return (name) => {
    let at = 0;
    for (const part of parts) {
      const place = name.toLowerCase().indexOf(part, at);
      if (place === -1) return false;
      at = place + part.length;
    }
    return true;
  };
}

function text(
  found: readonly Listed[],
  pattern: string | undefined,
  { stdout }: ConcealingSystem,
): string {
  const { bold, dim } = palette(stdout.hasColours);
  if (found.length === 0)
    return `Nothing is called like ${JSON.stringify(pattern)}. Without a pattern all are listed.\n`;
  const types = found.filter(({ type }) => type === "eventType");
  const real = found.filter(({ type }) => type === "topic");
  const parts: string[] = [];
  if (types.length > 0)
    parts.push(
      table(
        [{ title: "EVENT TYPE" }, { title: "TOPICS" }, { title: "PERMISSIONS" }],
        types.map(({ name, topics: carriers, permissions, combine, aliasOf }) => [
          { text: name },
          { text: aliasOf === null ? carriers.join(", ") : `the same as ${aliasOf}` },
          { text: permissionText(permissions, combine), paint: dim },
        ]),
        bold,
      ),
    );
  if (real.length > 0)
    parts.push(
      table(
        [{ title: "TOPIC" }, { title: "PERMISSIONS" }],
        real.map(({ name, permissions, combine }) => [
          { text: name },
          { text: permissionText(permissions, combine), paint: dim },
        ]),
        bold,
      ),
    );
  return parts.join("\n");
}

function permissionText(permissions: readonly string[] | null, combine: "any" | "all"): string {
  if (permissions === null) return "not known";
  return permissions.length === 0 ? "none" : permissions.join(combine === "any" ? " or " : ", ");
}
