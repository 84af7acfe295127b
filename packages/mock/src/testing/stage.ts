/** A small world for this package's unit tests: one client, one clock, an outlet that keeps what it was told. */
import { createCloud } from "../cloud/cloud.ts";
import type { Cloud, CloudEffect, CloudOptions, CloudResponse } from "../cloud/contract.ts";

export const startMs = Date.parse("2026-03-02T08:00:00.000Z");
export const clientId = "11111111-1111-4111-8111-111111111111";
export const clientSecret = "mock-secret";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json: unknown;
}

export class Stage {
  readonly cloud: Cloud;
  readonly effects: CloudEffect[] = [];
  nowMs = startMs;
  /** What a transport may do while it is told something. */
  onEffect: (effect: CloudEffect) => void = () => {};

  constructor(options: Partial<CloudOptions> = {}) {
    this.cloud = createCloud(
      {
        seed: 7,
        startAtMs: startMs,
        streamingUrl: "ws://127.0.0.1:9080",
        clients: [{ clientId, clientSecret }],
        ...options,
      },
      (effect) => {
        this.effects.push(effect);
        this.onEffect(effect);
      },
    );
  }

  /** Lets time pass as a real driver would: every deadline at its own instant. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.cloud.nextDeadlineMs();
      if (next === undefined || next > endMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      this.cloud.wake(this.nowMs);
    }
    this.nowMs = endMs;
    this.cloud.wake(endMs);
  }

  raw(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body = "",
  ): CloudResponse | "cut" {
    const answer = this.cloud.request({ method, path, headers, body }, this.nowMs);
    return answer.kind === "cut" ? "cut" : answer.response;
  }

  call(method: string, path: string, token?: string, body?: unknown): Reply {
    const response = this.raw(
      method,
      path,
      {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body === undefined ? "" : JSON.stringify(body),
    );
    if (response === "cut") throw new Error("the request was cut");
    return {
      status: response.status,
      headers: response.headers,
      body: response.body,
      json: response.body === "" ? undefined : JSON.parse(response.body),
    };
  }

  token(id = clientId, secret = clientSecret): string {
    const response = this.raw(
      "POST",
      "/oauth/token",
      {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      "grant_type=client_credentials",
    );
    if (response === "cut" || response.status !== 200) throw new Error("no token");
    const { access_token: token }: { access_token: string } = JSON.parse(response.body);
    return token;
  }

  channel(token: string): string {
    const { body } = this.call("POST", "/api/v2/notifications/channels", token);
    const { id }: { id: string } = JSON.parse(body);
    return id;
  }

  put(token: string, channelId: string, topics: readonly string[], query = ""): Reply {
    const path = `/api/v2/notifications/channels/${channelId}/subscriptions${query}`;
    return this.call(
      "PUT",
      path,
      token,
      topics.map((id) => ({ id })),
    );
  }

  open(channelId: string): number {
    const upgrade = this.cloud.upgrade(`/channels/${channelId}`, this.nowMs);
    if (upgrade.kind !== "accepted") throw new Error(`upgrade: ${upgrade.kind}`);
    return upgrade.socketId;
  }

  say(socketId: number, message: unknown): void {
    this.cloud.received(socketId, JSON.stringify(message), this.nowMs);
  }

  /** Frames sent to a socket since the last `forget`. */
  frames(socketId: number): Frame[] {
    return this.effects
      .filter((effect) => effect.type === "send" && effect.socketId === socketId)
      .map((effect): Frame => JSON.parse(effect.type === "send" ? effect.text : "{}"));
  }

  ends(socketId: number): CloudEffect[] {
    return this.effects.filter((effect) => effect.type !== "send" && effect.socketId === socketId);
  }

  forget(): void {
    this.effects.length = 0;
  }
}

export interface Frame {
  readonly topicName?: string;
  readonly version?: string;
  readonly eventBody?: Record<string, unknown>;
  readonly metadata?: { readonly CorrelationId: string };
  readonly result?: string;
  readonly status?: string;
  readonly correlationId?: string;
}

export const queueTopic = "v2.routing.queues.22222222-2222-4222-8222-222222222222.conversations";
export const userId = "33333333-3333-4333-8333-333333333333";
