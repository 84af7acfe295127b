/** A program that follows the Event API and goes on where it was, whatever happens to the relay. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { onEnd } from "../packages/cli/src/testing/processes.ts";
import type { Message } from "./gateway-stage.ts";

/** Where the relay is at present, and what it lets in. */
export interface Way {
  readonly url: string;
  readonly token: string;
}

/** One event or gap, as it was told. */
export interface Told {
  readonly type: "event" | "gap";
  readonly cursor: string;
  /** Of an event, as JSON. */
  readonly data: string | undefined;
}

export class Follower {
  readonly told: Told[] = [];
  /** Errors other than the end of the relay. */
  readonly errors: Message[] = [];
  connections = 0;
  /** Gaps of what nobody carried while it was away. */
  uncarried = 0;
  /** Events whose body has a field `probe`. */
  probes = 0;
  readonly #subscription: Message;
  readonly #keepsData: boolean;
  #since: string;
  #isOver = false;

  /** @param since where it begins; `0` is the beginning of the journal */
  constructor(subscription: Message, since: string, keepsData: boolean) {
    this.#subscription = subscription;
    this.#since = since;
    this.#keepsData = keepsData;
    onEnd(() => (this.#isOver = true));
  }

  /** Connects again and again, until the test is over. */
  async follow(way: () => Way | undefined): Promise<void> {
    while (!this.#isOver) {
      const now = way();
      if (now !== undefined) await this.#listen(now);
      await sleep(25);
    }
  }

  async #listen({ url, token }: Way): Promise<void> {
    const socket = new WebSocket(`${url.replace(/^http/u, "ws")}/websocket`, {
      headers: { authorization: `Bearer ${token}` },
    });
    socket.on("error", () => undefined);
    socket.on("open", () => {
      this.connections++;
      socket.send(JSON.stringify({ ...this.#subscription, since: this.#since }));
    });
    socket.on("message", (data: Buffer) => this.#hear(data.toString()));
    onEnd(() => socket.terminate());
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => resolve());
    await promise;
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as Message;
    const { type, code, cursor, data, id } = message;
    if (type === "error" && code !== "SHUTTING_DOWN") this.errors.push(message);
    if (type !== "event" && type !== "gap") return;
    // What nobody carried since the cursor is told there, and is no entry of the journal.
    if (String(id).includes("-uncarried-")) {
      this.uncarried++;
      return;
    }
    this.#since = String(cursor);
    if (text.includes('"data":{"probe":')) this.probes++;
    const kept = this.#keepsData && type === "event" ? JSON.stringify(data) : undefined;
    this.told.push({ type, cursor: this.#since, data: kept });
  }
}
