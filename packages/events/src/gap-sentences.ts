/** Why events may be missing, in one sentence for whoever subscribes. */
import type { GapCause } from "@trunkline/client";

/** By the cause that the client tells, in words that say nothing of who runs the client. */
export const gapSentences: Readonly<Record<GapCause, string>> = {
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
  overflow: "What came was read too slowly for too long, and events were dropped.",
  stopped: "The connection was ended on purpose, or the topic was not wanted meanwhile.",
};
