/** The limits of the service, which the relay must keep: looked at in the history of the cloud's model. */
import assert from "node:assert/strict";
import type { Network } from "./network.ts";

const requestsMax = 300;

export class Manners {
  readonly #network: Network;
  #sequence = 0;
  /** Channel → its open sockets. */
  readonly #open = new Map<string, Set<number>>();
  evictions = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  /** What has happened since. Called often enough that the history has forgotten nothing. */
  look(): void {
    const { orphans, struck, cloud } = this.#network;
    for (const entry of cloud.ledger.history(this.#sequence)) {
      const { sequence, what, channelId = "", socketId = 0 } = entry;
      assert.ok(sequence === this.#sequence + 1, "the history has forgotten nothing");
      this.#sequence = sequence;
      if (what === "socket-opened") this.#socketsOf(channelId).add(socketId);
      else if (what === "socket-ended" || what === "socket-closed") {
        this.#open.get(channelId)?.delete(socketId);
        orphans.delete(socketId);
      } else if (what === "channel-evicted") {
        this.evictions++;
        const inUse = [...this.#socketsOf(channelId)].filter((id) => !orphans.has(id));
        assert.ok(
          inUse.length === 0 || struck.delete(channelId),
          `${channelId} was evicted though in use`,
        );
      }
      if (what.startsWith("channel-") && what !== "channel-created") this.#open.delete(channelId);
    }
    const most = this.#network.requestsInAnyMinute;
    assert.ok(most <= requestsMax, `${most} requests in a minute`);
  }

  #socketsOf(channelId: string): Set<number> {
    let sockets = this.#open.get(channelId);
    if (sockets === undefined) this.#open.set(channelId, (sockets = new Set()));
    return sockets;
  }
}
