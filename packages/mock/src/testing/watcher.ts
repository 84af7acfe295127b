/** A contact centre whose events are all written down, and a client that asks about it by REST. */
import type { CloudOptions } from "../cloud/contract.ts";
import { Stage, type Reply } from "./stage.ts";

export interface Seen {
  readonly sequence: number;
  readonly atMs: number;
  readonly topic: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export class Watcher {
  readonly stage: Stage;
  readonly token: string;
  readonly #channelId: string;
  #newest = 0;

  constructor(options: Partial<CloudOptions>) {
    const settings = {
      requestsPerMinuteMax: 1_000_000,
      clientRequestsPerMinuteMax: 1_000_000,
      channelLifeMs: 1_000_000_000,
      ...options.settings,
    };
    this.stage = new Stage({ rate: 10, queues: 3, agents: 12, ...options, settings });
    this.token = this.stage.token();
    this.#channelId = this.stage.channel(this.token);
  }

  get nowMs(): number {
    return this.stage.nowMs;
  }

  /** Bodies are written only for topics that somebody holds. */
  hold(kinds: readonly string[]): void {
    const { queues, agents } = this.stage.cloud.world;
    const topics = kinds.flatMap((kind) =>
      (kind.startsWith("v2.users.") ? agents : queues).map(({ id }) => kind.replace("{id}", id)),
    );
    const { status } = this.stage.put(this.token, this.#channelId, topics);
    if (status !== 200) throw new Error(`put: ${status}`);
  }

  /** Lets time pass until then; what was told since the last call, in order. */
  until(atMs: number): Seen[] {
    this.stage.pass(Math.max(0, atMs - this.stage.nowMs));
    const { entries, newest } = this.stage.cloud.ledger.query({ since: this.#newest });
    this.#newest = newest;
    return entries.flatMap(({ body, ...entry }) =>
      body === undefined ? [] : [{ ...entry, body: Object(JSON.parse(body)) }],
    );
  }

  get(path: string): Reply {
    return this.stage.call("GET", `/api/v2/${path}`, this.token);
  }

  post(path: string, body: unknown): Reply {
    return this.stage.call("POST", `/api/v2/${path}`, this.token, body);
  }
}

export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** An interval of a query. */
export function between(fromMs: number, untilMs: number): string {
  return `${iso(fromMs)}/${iso(untilMs)}`;
}
