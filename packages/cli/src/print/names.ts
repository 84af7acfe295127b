/** Short names of topics, for people. */
import { printable, shorten } from "./text.ts";

/** Id → name of a queue, user or the like, where it is known. */
export type Names = ReadonlyMap<string, string>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;
const nameCharactersMax = 18;

/** Words in front of an id that only say what the rest says again. */
const prefixes: readonly (readonly [prefix: string, noun: string])[] = [
  ["v2.routing.queues.", "queue "],
  ["v2.analytics.queues.", "queue "],
  ["v2.users.", "user "],
  ["v2.", ""],
];

/** A known name, else the first eight digits of a UUID, else the id itself. */
export function shortId(id: string, names: Names): string {
  const name = names.get(id);
  if (name !== undefined) return shorten(printable(name), nameCharactersMax);
  return uuid.test(id) ? id.slice(0, 8) : printable(id);
}

/** `queue d97becb3 conversations` for `v2.routing.queues.d97becb3-….conversations`. */
export function shortTopic(topic: string, names: Names): string {
  const lower = topic.toLowerCase();
  const [prefix, noun] = prefixes.find(([start]) => lower.startsWith(start)) ?? ["", ""];
  const [first = "", ...rest] = topic.slice(prefix.length).split(".");
  const tail = rest.map((part) => shortId(part, names)).join(".");
  return `${noun}${shortId(first, names)}${tail === "" ? "" : ` ${tail}`}`;
}
