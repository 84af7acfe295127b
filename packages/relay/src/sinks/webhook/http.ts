/** The door to the receiver. The real one is platform/webhook-http.ts; tests bring their own. */

export interface WebhookRequest {
  readonly method: string;
  readonly url: string;
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export type WebhookAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Names are lower-case. */
      readonly headers: Readonly<Record<string, string>>;
      /** The beginning of the body, as far as it was read. */
      readonly body: string;
    }
  /** There was no answer. `detail` is for people and holds no part of the URL but its host. */
  | { readonly kind: "failed"; readonly why: WebhookFailure; readonly detail: string };

export type WebhookFailure =
  /** The address may not be called; nothing was sent. */
  | "forbidden"
  /** The certificate is not trusted; nothing was sent. */
  | "untrusted"
  /** Name, connection, or HTTP failed. Whether the request arrived is not known. */
  | "unreachable"
  /** The signal aborted. */
  | "aborted";

export interface WebhookHttp {
  /** Sends a request; follows no redirect. Never rejects. Resolves promptly when the signal aborts. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer>;
  /** Ends connections that idle. */
  close(): void;
}
