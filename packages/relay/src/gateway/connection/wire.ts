/** A socket as a connection sees it. */
export interface Wire {
  send(text: string): void;
  /** An RFC 6455 ping, which every library answers by itself. */
  ping(): void;
  /** Begins a closing handshake. */
  close(code: number, reason: string): void;
  /** Ends it at once. */
  cut(): void;
  /** What has been given to it, and not yet to the system. */
  readonly bufferedBytes: number;
}
