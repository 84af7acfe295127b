/** The service's objects around a channel, as Trunkline holds them. */
import type { Secret } from "../secret.ts";
import type { Token } from "./tokens.ts";

/** A channel of ours. Its id is as good as a password: whoever has it can open its socket. */
export interface Channel {
  readonly id: Secret;
  readonly connectUri: Secret;
  /** The token that made it, with which it is spoken of; replaced only when that token has died. */
  token: Token;
  /** When the service forgets it, unless it is renewed (elapsed time). */
  expiresAtMs: number;
  /** For how long it lives from its making, or its last renewal. */
  readonly lifeMs: number;
  /** The token that made it. A 404 to another one may only mean that the channel is hidden from it. */
  readonly madeWith: Token;
}

/** What the service says of one topic on a channel. */
export interface TopicOutcome {
  readonly id: string;
  readonly permitted: boolean;
  readonly reason: string | undefined;
  readonly missingPermissions: readonly string[];
}
