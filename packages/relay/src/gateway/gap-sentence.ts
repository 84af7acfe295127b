/** Why events may be missing, in one sentence for whoever subscribes. */
import { gapSentences } from "@trunkline/events";
import type { GapCause } from "../journal/entry.ts";

const sentences: Readonly<Record<GapCause, string>> = {
  ...gapSentences,
  overflow: "The relay could not take in what came; events are missing.",
  stopped: "The relay was stopped, or the topic was not wanted meanwhile.",
  killed: "The relay ended without a goodbye, and was started again.",
  retention: "What came was deleted before it was asked for; more is kept by journal.maxAge.",
};

export function gapSentence(cause: GapCause): string {
  return sentences[cause];
}
