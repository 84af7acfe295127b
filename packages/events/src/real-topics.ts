/** The topics that Genesys Cloud has, by template. Names compare without case, as at the service. */
import { topicNames } from "./data/topic-names.ts";
import { topicPermissions } from "./data/topic-permissions.ts";

/** A real topic, as the catalogue has it. */
export interface RealTopic {
  /** `v2.users.{id}.presence`. */
  readonly template: string;
  /** The same with the ids put in, in lower case. */
  readonly name: string;
  /** In the order in which they stand; none for a template, and where nothing is to be put in. */
  readonly ids: readonly string[];
}

/** What Genesys Cloud asks of whom subscribes to a topic. */
export interface TopicPermissions {
  readonly permissions: readonly string[];
  /** Whether one of them is enough. */
  readonly combine: "any" | "all";
  /** `unknown` says that nothing is known, not that nothing is needed. */
  readonly certainty: "official" | "inferred" | "unknown" | "n/a";
}

/** Templates of all real topics, sorted. */
export const realTopics: readonly string[] = topicNames;

interface Node {
  readonly next: Map<string, Node>;
  template: string | undefined;
}

const placeholder = "{id}";
/** Longer than any topic with its ids. */
const charactersMax = 512;
const root: Node = { next: new Map(), template: undefined };
for (const template of topicNames) {
  let node = root;
  for (const part of template.toLowerCase().split(".")) {
    let next = node.next.get(part);
    if (next === undefined) node.next.set(part, (next = { next: new Map(), template: undefined }));
    node = next;
  }
  node.template = template;
}

/** The real topic of a name or a template; undefined where the catalogue has none. */
export function realTopicOf(name: string): RealTopic | undefined {
  if (name.length > charactersMax) return undefined;
  const parts = name.toLowerCase().split(".");
  const template = find(root, parts, 0);
  if (template === undefined) return undefined;
  const ids: string[] = [];
  const spelled = template.split(".").map((part, index) => {
    const given = parts[index] ?? part;
    if (part !== placeholder || given === placeholder) return part;
    ids.push(given);
    return given;
  });
  return { template, name: spelled.join("."), ids };
}

/** A word of a template goes before a placeholder. */
function find(node: Node, parts: readonly string[], index: number): string | undefined {
  const part = parts[index];
  if (part === undefined) return node.template;
  const word = node.next.get(part);
  const found = word === undefined ? undefined : find(word, parts, index + 1);
  if (found !== undefined || part === placeholder) return found;
  const any = /^[\w-]+$/u.test(part) ? node.next.get(placeholder) : undefined;
  return any === undefined ? undefined : find(any, parts, index + 1);
}

const unknown: TopicPermissions = { permissions: [], combine: "all", certainty: "unknown" };

/** What Genesys Cloud asks for a topic, by its template, as far as is known (GENESYS.md 6.3). */
export function permissionsOf(template: string): TopicPermissions {
  const row = Object.hasOwn(topicPermissions, template) ? topicPermissions[template] : undefined;
  if (row === undefined) return unknown;
  const [certainty, combine, ...permissions] = row;
  return { permissions, combine, certainty };
}
