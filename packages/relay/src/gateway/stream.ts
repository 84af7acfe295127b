/**
 * A standing subscription as Server-Sent Events, for those who read without a WebSocket. Whoever reads says nothing on
 * the way: the token stands in the request, and the stream ends with it. What came last is `Last-Event-ID` of the next request.
 */
import { randomUUID } from "node:crypto";
import type { EventApiErrorCode, ServerMessage } from "@trunkline/events";
import { errorMessage } from "./connection/answers.ts";
import type { Refusal } from "./connection/state.ts";
import { Subscriptions } from "./connection/subscriptions.ts";
import type { Wire } from "./connection/wire.ts";
import type { Grant } from "./grant.ts";
import { expiryNoticeMs, heartbeatEveryMs } from "./limits.ts";
import type { Parts } from "./parts.ts";
import { readerOf } from "./standing/reader.ts";
import type { ConnectionEnd, ConnectionStatus } from "./status.ts";
import type { Reading } from "./standing/subscriptions.ts";

export interface StreamOptions {
  readonly parts: Parts;
  readonly wire: Pick<Wire, "send" | "close" | "cut" | "bufferedBytes">;
  readonly grant: Grant;
  /** Begins to read. @throws GatewayError SUBSCRIPTION_UNKNOWN */
  readonly read: (removed: () => void) => Reading;
  readonly since: string | undefined;
  readonly onEnd: (end: ConnectionEnd) => void;
}

/** A browser that has lost the stream comes again after so long. */
const retryMs = 2_000;

export class Stream {
  readonly #options: StreamOptions;
  readonly #subscriptions: Subscriptions;
  readonly #over = new AbortController();
  readonly #openedAtMs: number;
  readonly #reading: Reading;
  #sent = 0;
  #code: EventApiErrorCode | undefined;

  /** @throws GatewayError as `add` of subscriptions, and SUBSCRIPTION_UNKNOWN; nothing has been sent then */
  constructor(options: StreamOptions) {
    this.#options = options;
    const { parts, wire, grant, read, since } = options;
    this.#openedAtMs = parts.clock.monotonicMs();
    this.#subscriptions = new Subscriptions({
      parts,
      wire,
      format: "events",
      send: (text) => this.#sendText(text),
    });
    this.#reading = read(() =>
      this.condemn({
        code: "SUBSCRIPTION_UNKNOWN",
        message: "The standing subscription of this stream was removed.",
      }),
    );
    wire.send(`retry: ${retryMs}\n\n`);
    try {
      this.#subscriptions.add(readerOf(this.#reading.standing, since), [], grant);
    } catch (error) {
      this.#reading.leave();
      throw error;
    }
    void this.#watch();
  }

  /** The reader is gone. */
  lost(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#subscriptions.stop();
    this.#reading.leave();
    this.#options.onEnd({
      clientId: this.#options.grant.clientId,
      code: this.#code,
      ageMs: this.#options.parts.clock.monotonicMs() - this.#openedAtMs,
      sent: this.#sent,
      received: 0,
    });
  }

  /** It is over, for a reason that the reader is told first. */
  condemn(refusal: Refusal): void {
    if (this.#code !== undefined || this.#over.signal.aborted) return;
    this.#code = refusal.code;
    this.#options.parts.tally.refused("stream", refusal.code);
    this.#send(errorMessage(refusal, randomUUID()));
    this.#subscriptions.stop();
    this.#options.wire.close(1000, refusal.code);
  }

  /** The configuration has changed: whether what the token grants still holds is looked at. */
  reconsider(): void {
    const { parts, grant } = this.#options;
    if (parts.access.stillHolds(grant)) return;
    this.condemn({
      code: "CLIENT_UNKNOWN",
      message: `The client ${grant.clientId} was removed, or may less than before.`,
    });
  }

  status(): ConnectionStatus {
    const { parts, grant } = this.#options;
    const { count: subscriptions, lagging, position } = this.#subscriptions;
    return {
      kind: "stream",
      clientId: grant.clientId,
      ageMs: parts.clock.monotonicMs() - this.#openedAtMs,
      sent: this.#sent,
      received: 0,
      subscriptions,
      lagging,
      position,
    };
  }

  /** Says something that stops nothing. */
  tell(message: ServerMessage): void {
    if (this.#code === undefined) this.#send(message);
  }

  /** Heartbeats, and the end of the token. */
  async #watch(): Promise<void> {
    const { parts, grant } = this.#options;
    const { clock } = parts;
    const { signal } = this.#over;
    let isAnnounced = false;
    let beatAtMs = clock.monotonicMs();
    while (!signal.aborted && this.#code === undefined) {
      const leftMs = grant.expiresAtMs - clock.wallMs();
      const expires = new Date(grant.expiresAtMs).toISOString();
      if (leftMs <= 0)
        return this.condemn({ code: "TOKEN_EXPIRED", message: `The token expired at ${expires}.` });
      if (leftMs <= expiryNoticeMs && !isAnnounced) {
        isAnnounced = true;
        const message = `The token expires at ${expires}, and this stream with it.`;
        const help =
          "Ask for the stream again with a new token and Last-Event-ID: nothing is lost.";
        this.#send({ type: "notice", code: "TOKEN_EXPIRES", message, help });
      }
      if (clock.monotonicMs() >= beatAtMs) {
        beatAtMs += heartbeatEveryMs;
        this.#beat();
      }
      const noticeInMs = isAnnounced ? leftMs : leftMs - expiryNoticeMs;
      await clock.sleep(Math.min(beatAtMs - clock.monotonicMs(), noticeInMs), signal);
    }
  }

  #beat(): void {
    const time = new Date(this.#options.parts.clock.wallMs()).toISOString();
    const { cursor } = this.#subscriptions;
    this.#send({ type: "heartbeat", time, ...(cursor === undefined ? {} : { cursor }) });
  }

  #send(message: ServerMessage): void {
    this.#sendText(JSON.stringify(message));
  }

  #sendText(text: string): void {
    this.#sent++;
    this.#options.wire.send(blockOf(text));
  }
}

const beginning = /^\{"type":"(?<type>[\w-]+)"/u;
const cursorAhead = /^\{"type":"[\w-]+",(?:"time":"[^"]*",)?"cursor":"(?<cursor>[^"]+)"/u;
const carriesPlace: ReadonlySet<string> = new Set(["event", "gap", "heartbeat"]);

/**
 * A message as a block of a stream. Events are called `message`, for whoever sets `onmessage` alone; all others by their
 * type, but for errors: a browser calls its own so.
 */
export function blockOf(text: string): string {
  const type = beginning.exec(text)?.groups?.["type"] ?? "message";
  const cursor = carriesPlace.has(type) ? cursorAhead.exec(text)?.groups?.["cursor"] : undefined;
  const id = cursor === undefined ? "" : `id: ${cursor}\n`;
  const name = type === "event" ? "" : `event: ${type === "error" ? "refused" : type}\n`;
  // A frame of Genesys Cloud may hold line ends between its tokens; each line is a field of its own.
  const data = /[\r\n]/u.test(text) ? text.split(/\r\n|[\r\n]/u).join("\ndata: ") : text;
  return `${id}${name}data: ${data}\n\n`;
}
