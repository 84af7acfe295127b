/** The numbers of a session. All in milliseconds unless the name says otherwise. */
export interface Policy {
  /** How long making a channel, putting topics on it, or asking after it may take in all. @default 300000 */
  readonly workTimeoutMs: number;
  /** From dialling to the answer of the upgrade. @default 15000 */
  readonly openTimeoutMs: number;
  /** From one ping to the next. @default 10000 */
  readonly pingEveryMs: number;
  /** From a ping to its pong. @default 5000 */
  readonly pongTimeoutMs: number;
  /** Pings that may be unanswered at a time before only silence decides. @default 3 */
  readonly unansweredMax: number;
  /** After so many sessions in a row without a pong, pings are taken to be unanswered by principle. @default 3 */
  readonly muteSessionsMax: number;
  /** Without any frame for so long a socket is dead; the heartbeat comes every 30 s. @default 35000 */
  readonly silenceMs: number;
  /** How long a socket may stay unread because the consumer is slow. @default 20000 */
  readonly pauseMaxMs: number;
  /** Ceiling of the second wait; the first retry is at once. @default 500 */
  readonly backoffFirstMs: number;
  /** Ceiling of every wait. @default 60000 */
  readonly backoffMaxMs: number;
  /** A session that held so long resets the backoff. @default 60000 */
  readonly stableAfterMs: number;
  /** Sessions in a row that the peer closes before they held, then the channel is given up. @default 3 */
  readonly closesBeforeNewChannel: number;
  /** Topics of one line; the service's limit for a channel. @default 1000 */
  readonly topicsPerLineMax: number;
  /** Changes of topics are gathered for so long. @default 2000 */
  readonly gatherMs: number;
  /** How often the topics of a channel are read back. @default 600000 */
  readonly confirmEveryMs: number;
  /** How often the topics are put again, which renews the channel's 24 h. @default 28800000 */
  readonly renewEveryMs: number;
  /** For how long the old session and the new one are both open when a line replaces one. @default 10000 */
  readonly overlapMs: number;
  /** How long after `v2.system.socket_closing` the service closes the socket (notifications page: up to one minute). @default 60000 */
  readonly closingGraceMs: number;
}

export const defaultPolicy: Policy = {
  workTimeoutMs: 300_000,
  openTimeoutMs: 15_000,
  pingEveryMs: 10_000,
  pongTimeoutMs: 5_000,
  unansweredMax: 3,
  muteSessionsMax: 3,
  silenceMs: 35_000,
  pauseMaxMs: 20_000,
  backoffFirstMs: 500,
  backoffMaxMs: 60_000,
  stableAfterMs: 60_000,
  closesBeforeNewChannel: 3,
  topicsPerLineMax: 1_000,
  gatherMs: 2_000,
  confirmEveryMs: 600_000,
  renewEveryMs: 28_800_000,
  overlapMs: 10_000,
  closingGraceMs: 60_000,
};
