/** What a client may say on a socket of the Event API, in one canonical form each. */
import type { Subscription } from "./subscription.ts";

/** The answer that a program expects which subscribes in this form: the `type` of the server's message. */
export type AnswerStyle = "confirmation" | "subscribe-success" | "subscribed";

/** A subscription, in whatever form it was sent. */
export interface SubscribeMessage {
  readonly kind: "subscribe";
  /** The client's own name for it, for the answer and to unsubscribe; undefined where it gave none. */
  readonly id: string | undefined;
  readonly subscription: Subscription;
  /** The cursor to go on after. */
  readonly since: string | undefined;
  readonly answer: AnswerStyle;
  /** Event types as they were written, for answers that repeat them. */
  readonly written: readonly string[];
}

export type ClientMessage =
  | SubscribeMessage
  | { readonly kind: "unsubscribe"; readonly id: string }
  /** Mid-connection, too: a new token without a new connection. `token` is a secret. */
  | { readonly kind: "auth"; readonly token: string }
  | { readonly kind: "keepalive" }
  /** As the notification service of Genesys Cloud has it; answered by its pong. */
  | { readonly kind: "ping" }
  /** A durable consumer has dealt with everything up to and with this cursor. */
  | { readonly kind: "ack"; readonly cursor: string };
