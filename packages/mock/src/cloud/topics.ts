/**
 * Topic names: parsing, combined topics and matching against the catalogue (GENESYS.md 6.1, 6.2).
 * Names compare without case; the spelling that came is the spelling that goes back.
 */
import { topicRows } from "../data/topics.ts";

/** One template of the catalogue. */
export interface TopicTemplate {
  readonly topic: string;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly combine: "any" | "all";
  readonly certainty: "official" | "inferred" | "unknown" | "n/a";
  readonly transports: readonly string[];
  readonly model: string;
  readonly parameters: number;
}

/** The 242 templates of the catalogue. */
export const topicTemplates: readonly TopicTemplate[] = topicRows.map(
  ([topic, description, permissions, combine, certainty, transports, model]) => ({
    topic,
    description,
    permissions,
    combine,
    certainty,
    transports,
    model,
    parameters: topic.split("{id}").length - 1,
  }),
);

/** A topic as a client named it, taken apart. */
export type ParsedTopic =
  | { readonly kind: "plain"; readonly id: string; readonly names: readonly [string] }
  | { readonly kind: "combined"; readonly id: string; readonly names: readonly string[] }
  | { readonly kind: "malformed"; readonly id: string; readonly why: string };

const plainTopicCharactersMax = 512;
const segment = /^[A-Za-z0-9_-]+$/u;

/** `names` are the topics under which notifications arrive: one, or one for each part of a combined topic. */
export function parseTopic(id: string, combinedCharactersMax: number): ParsedTopic {
  const malformed = (why: string): ParsedTopic => ({ kind: "malformed", id, why });
  const [base, parts, ...rest] = id.split("?");
  if (base === undefined || rest.length > 0) return malformed("it has more than one question mark");
  if (parts === undefined) {
    if (id.length > plainTopicCharactersMax) return malformed("it is too long");
    return isDotted(id) ? { kind: "plain", id, names: [id] } : malformed("it is not a topic name");
  }
  if (id.length > combinedCharactersMax)
    return malformed(`a combined topic has at most ${combinedCharactersMax} characters`);
  const names = parts.split("&").map((part) => `${base}.${part}`);
  return names.every(isDotted)
    ? { kind: "combined", id, names }
    : malformed("it is not a combined topic name");
}

function isDotted(name: string): boolean {
  return name.split(".").every((part) => segment.test(part));
}

/** `channel.metadata` and `v2.system*` come without subscription (GENESYS.md 3.3). */
export function isSystemTopic(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === "channel.metadata" || lower.startsWith("v2.system");
}

interface Node {
  readonly children: Map<string, Node>;
  template: TopicTemplate | undefined;
}

const root: Node = { children: new Map(), template: undefined };
for (const template of topicTemplates) {
  let node = root;
  for (const part of template.topic.toLowerCase().split(".")) {
    let child = node.children.get(part);
    if (child === undefined) {
      child = { children: new Map(), template: undefined };
      node.children.set(part, child);
    }
    node = child;
  }
  node.template = template;
}

/** The template that a topic name is an instance of; words go before `{id}`. */
export function templateOf(name: string): TopicTemplate | undefined {
  return find(root, name.toLowerCase().split("."), 0);
}

function find(node: Node, parts: readonly string[], index: number): TopicTemplate | undefined {
  const part = parts[index];
  if (part === undefined) return node.template;
  const literal = node.children.get(part);
  const found = literal === undefined ? undefined : find(literal, parts, index + 1);
  if (found !== undefined) return found;
  const placeholder = node.children.get("{id}");
  return placeholder === undefined ? undefined : find(placeholder, parts, index + 1);
}
