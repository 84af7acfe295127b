/**
 * A rule of the service as a test. Rules are listed, and checked against docs/GENESYS.md, by `rules.test.ts`.
 */
import { test } from "vitest";

/** Frames and ends that do not come fail a rule after so long. */
const deadlineMs = 20_000;

/** How certain a rule is: the words of docs/GENESYS.md, or `open` for one of its open questions. */
export type Certainty =
  | "documented"
  | "official SDK"
  | "official blog"
  | "community"
  | "inferred"
  | "open"
  /** Not a fact of the service: what the mock promises of itself. */
  | "mock";

/** Section or question of docs/GENESYS.md, and how certain it is there. */
export type Source = `${number} ${Certainty}` | `no. ${number} ${Certainty}`;

/** Tests one rule of the reference, in words, by its source: `rule("4.3 documented", "a ping is answered", …)`. */
export function rule(source: Source, words: string, check: () => Promise<void>): void {
  // oxlint-disable-next-line vitest/expect-expect -- the check has the assertions
  test(`${words} [${source}]`, check, deadlineMs);
}
