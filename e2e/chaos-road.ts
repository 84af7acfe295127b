/** A TCP road to the mock that can be cut, stalled, slowed and closed while it is in use. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { onEnd } from "../packages/cli/src/testing/processes.ts";

/** One direction of a connection: however its delay changes, nothing overtakes what was sent before it. */
class Lane {
  readonly #waiting: { readonly dueMs: number; readonly act: () => void }[] = [];

  send(delayMs: number, act: () => void): void {
    const nowMs = performance.now();
    const dueMs = Math.max(nowMs + delayMs, this.#waiting.at(-1)?.dueMs ?? 0);
    if (dueMs <= nowMs && this.#waiting.length === 0) return act();
    this.#waiting.push({ dueMs, act });
    if (this.#waiting.length === 1) setTimeout(() => this.#deliver(), dueMs - nowMs);
  }

  #deliver(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const leftMs = next.dueMs - performance.now();
      if (leftMs > 0) return void setTimeout(() => this.#deliver(), leftMs);
      next.act();
      this.#waiting.shift();
    }
  }
}

export class ChaosRoad {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How long a byte is under way, in either direction. */
  delayMs = 0;
  /** New connections are taken, or refused at once. */
  isOpen = true;
  /** Where new connections lead. */
  toPort: number;
  #isStalled = false;

  private constructor(toPort: number) {
    this.toPort = toPort;
    this.#server = createServer((near) => {
      if (!this.isOpen) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(this.toPort, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        if (this.#isStalled) from.pause();
        const lane = new Lane();
        from.on("data", (chunk: Buffer) => lane.send(this.delayMs, () => to.write(chunk)));
        from.on("end", () => lane.send(this.delayMs, () => to.end()));
        from.on("error", () => undefined);
        from.on("close", () => {
          this.#sockets.delete(from);
          lane.send(this.delayMs, () => to.destroy());
        });
      }
    });
  }

  static async open(toPort: number): Promise<ChaosRoad> {
    const road = new ChaosRoad(toPort);
    road.#server.listen(0, "127.0.0.1");
    await once(road.#server, "listening");
    onEnd(() => road.#close());
    return road;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every connection ends at once, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing passes any more, and nobody is told. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  flow(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  heal(): void {
    this.delayMs = 0;
    this.isOpen = true;
    this.flow();
  }

  #close(): void {
    this.#server.close();
    this.cut();
  }
}
