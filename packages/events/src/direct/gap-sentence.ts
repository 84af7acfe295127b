/** Why events may be missing, in one sentence, where no relay stands between. */
import type { GapCause } from "@trunkline/client";

const sentences: Readonly<Record<GapCause, string>> = {
  cut: "The connection to Genesys Cloud broke.",
  closed: "Genesys Cloud closed the connection.",
  silence: "The connection to Genesys Cloud fell silent.",
  protocol: "Genesys Cloud sent what is no WebSocket frame.",
  malformed: "A frame of Genesys Cloud could not be read.",
  "channel-gone": "The notification channel was gone.",
  evicted: "The notification channel was evicted by another one.",
  expired: "The notification channel had expired.",
  token: "The token that had made the notification channel was no longer valid.",
  path: "The way to Genesys Cloud was barred.",
  moved: "The socket was moved; most likely nothing is missing.",
  unsubscribed: "The topic was not carried meanwhile.",
  overflow: "This program read too slowly for too long, and events were dropped.",
  stopped: "The subscription was closed.",
};

export function gapSentence(cause: GapCause): string {
  return sentences[cause];
}
