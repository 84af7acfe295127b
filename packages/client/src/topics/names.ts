/**
 * Names of topics. Genesys compares them without case; so do we, under a lower-case key, and send
 * the spelling we were given.
 */
import { TrunklineError } from "../errors.ts";

/** A topic as it is wanted: one subject, never combined. */
export interface Topic {
  /** Lower-case, for comparison. */
  readonly key: string;
  readonly name: string;
}

export function topicKey(name: string): string {
  const key = name.toLowerCase();
  // The same text is held once: a trunk may hold 20,000 of them.
  return key === name ? name : key;
}

/**
 * Reads what a caller wrote: a plain topic, or a combined one (`v2.users.<id>?presence&station`),
 * which stands for its parts.
 * @throws TrunklineError TOPIC_INVALID, saying what is wrong with it
 */
export function parseTopics(written: string): readonly Topic[] {
  const text = written.trim();
  const complain = (why: string): never => {
    throw new TrunklineError("TOPIC_INVALID", `"${written}" is not a topic: ${why}.`);
  };
  if (text === "") return complain("it is empty");
  if (/[{}<>]/.test(text)) return complain("it still has a placeholder where an id belongs");
  if (/\s/.test(text)) return complain("it has white space in it");
  const [object = "", parts, ...more] = text.split("?");
  const key = topicKey(text);
  if (key.startsWith("v2.system.") || key === "channel.metadata") {
    return complain("the service sends it without being asked");
  }
  if (!/^v\d+(\.[^.?&]+)+$/i.test(object) || more.length > 0) {
    return complain("topics look like v2.users.<user id>.presence");
  }
  if (parts === undefined) return [{ key, name: text }];
  return parts.split("&").map((part) => {
    if (!/^[^.&]+(\.[^.&]+)*$/.test(part)) complain("after ? come names joined by &");
    return { key: topicKey(`${object}.${part}`), name: `${object}.${part}` };
  });
}
