/** The waits and bounds of a subscriber at a gateway. */

export interface GatewayPolicy {
  /** Getting a token takes so long at most. */
  readonly tokenTimeoutMs: number;
  /** Until a socket is open. */
  readonly openTimeoutMs: number;
  /** Until the gateway has looked at the token and answered the subscription. */
  readonly answerTimeoutMs: number;
  /** When nothing has come for so long, a keepalive asks for something. The gateway sends a heartbeat every 15 s. */
  readonly keepaliveAfterMs: number;
  /** When nothing has come for so long, the connection is given up. */
  readonly silentAfterMs: number;
  /** The first wait between connections is at most so long; each further one may be twice as long. */
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** So many connections are tried in a window at most, whatever the reason. */
  readonly attemptsMax: number;
  readonly attemptsWindowMs: number;
  /** So many tokens in a row may be refused; the last refusal is final. */
  readonly refusalsMax: number;
  /** On an open connection a token is renewed, or that is tried again, so long after the last time at the earliest. */
  readonly renewAgainMs: number;
  /** What is dealt with is acknowledged at most so often. */
  readonly ackEveryMs: number;
  /** Gaps that are remembered at one cursor, so that each is told once; what more there are may be told twice. */
  readonly gapsRememberedMax: number;
}

/** What a gateway backend goes by where nothing else is said. */
export const defaultPolicy: GatewayPolicy = {
  tokenTimeoutMs: 45_000,
  openTimeoutMs: 15_000,
  answerTimeoutMs: 45_000,
  keepaliveAfterMs: 20_000,
  silentAfterMs: 35_000,
  backoffFirstMs: 500,
  backoffMaxMs: 30_000,
  attemptsMax: 30,
  attemptsWindowMs: 60_000,
  refusalsMax: 3,
  renewAgainMs: 5_000,
  ackEveryMs: 1_000,
  gapsRememberedMax: 1_000,
};
