/** A receiver of webhooks without a network: it answers by a script and keeps what came. */
import { SimClock } from "@trunkline/testkit";
import type { WebhookOptions } from "../config/config.ts";
import type { WebhookAnswer, WebhookHttp, WebhookRequest } from "../sinks/webhook/http.ts";
import { createWebhookSink } from "../sinks/webhook/webhook.ts";
import type { Sink } from "../sinks/sink.ts";

/** What the receiver does with one request. `hang` answers nothing until the request is given up. */
export type Behaviour = (request: WebhookRequest) => WebhookAnswer | "hang";

export interface WebhookStage {
  readonly sink: Sink;
  readonly clock: SimClock;
  /** Requests that were answered or are under way, oldest first. */
  readonly requests: WebhookRequest[];
  readonly behave: (behaviour: Behaviour) => void;
  /** Whether the sink has let go of its connections. */
  readonly isClosed: () => boolean;
}

export const plainWebhook: WebhookOptions = {
  url: "https://hooks.example.com/in?key=hidden",
  method: "POST",
  headers: {},
  body: undefined,
  mode: "event",
  secret: undefined,
  timeoutMs: 10_000,
  allow: [],
  refuseStatuses: [],
};

export function answered(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): WebhookAnswer {
  return { kind: "answered", status, headers, body };
}

const takeAll: Behaviour = () => answered(204);

/** @param wallMs what the clock shows */
export function createWebhookStage(
  options: Partial<WebhookOptions> = {},
  wallMs = Date.UTC(2026, 10, 21, 12),
): WebhookStage {
  const clock = new SimClock(wallMs);
  const requests: WebhookRequest[] = [];
  let behaviour = takeAll;
  let isClosed = false;
  const http: WebhookHttp = {
    send: (request, signal) => {
      requests.push(request);
      const answer = behaviour(request);
      if (answer !== "hang") return Promise.resolve(answer);
      const { promise, resolve } = Promise.withResolvers<WebhookAnswer>();
      const giveUp = (): void => resolve({ kind: "failed", why: "aborted", detail: "called off" });
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
      return promise;
    },
    close: () => {
      isClosed = true;
    },
  };
  return {
    sink: createWebhookSink({ ...plainWebhook, ...options }, { clock, http: () => http }),
    clock,
    requests,
    behave: (next) => {
      behaviour = next;
    },
    isClosed: () => isClosed,
  };
}
