/** Who has been let in to the Event API, and to what: the seam between tokens and whatever serves. */

/** What a valid token grants. Plain data but for the two questions. */
export interface Grant {
  /** The configured client. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Wall time. */
  readonly expiresAtMs: number;
  /** Names of trunks whose events it may see; undefined means all. */
  readonly trunks: readonly string[] | undefined;
  /** Whether it may open a socket or stream. */
  readonly mayConnect: boolean;
  /** Whether it may read events of a type. @param eventType canonical name */
  readonly mayRead: (eventType: string) => boolean;
}

/** Judges tokens. */
export interface Access {
  /** @throws GatewayError TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, CLIENT_UNKNOWN, UNAVAILABLE */
  verify(token: string): Promise<Grant>;
  /** Whether there is a client of this id in the configuration. */
  isClient(clientId: string): boolean;
  /** Whether a client is still configured, and still has what a grant says: looked at after each reload. */
  stillHolds(grant: Grant): boolean;
}
