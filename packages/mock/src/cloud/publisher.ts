/** Brings an event to every channel that holds its topic, and writes down what became of it (GENESYS.md 4.6, 4.7). */
import type { Channels } from "./channels.ts";
import { frameOf } from "./frame.ts";
import type { LedgerBook, LedgerDelivery, LedgerEntry } from "./ledger.ts";
import type { Settings } from "./settings.ts";
import type { Sockets } from "./sockets.ts";

export interface PublisherPorts {
  readonly channels: Channels;
  readonly sockets: Sockets;
  readonly ledger: LedgerBook;
  readonly settings: Settings;
  readonly newCorrelationId: () => string;
}

const noDeliveries: readonly LedgerDelivery[] = [];

/** The body is written only when a channel holds the topic, and once for all of them. */
export function publish(
  ports: PublisherPorts,
  topic: string,
  bodyOf: () => string,
  atMs: number,
): LedgerEntry {
  const { channels, ledger, newCorrelationId } = ports;
  const holders = channels.holding(topic.toLowerCase());
  const correlationId = newCorrelationId();
  if (holders.size === 0)
    return ledger.record({ atMs, topic, correlationId, body: undefined, deliveries: noDeliveries });
  const body = bodyOf();
  const perDelivery = ports.settings.correlationId === "per-delivery";
  const frame = frameOf(topic, body, correlationId);
  const deliveries: LedgerDelivery[] = [];
  for (const { id: channelId, sockets } of holders) {
    if (sockets.length === 0) deliveries.push({ channelId, outcome: "no-socket" });
    for (const socket of sockets.slice()) {
      // An outlet may have told of its end while another socket was served.
      if (ports.sockets.find(socket.id) === undefined) {
        deliveries.push({ channelId, outcome: "no-socket" });
        continue;
      }
      const own = perDelivery ? newCorrelationId() : correlationId;
      const sent = ports.sockets.send(socket, perDelivery ? frameOf(topic, body, own) : frame);
      deliveries.push({
        channelId,
        socketId: socket.id,
        outcome: sent ? "sent" : "silenced",
        ...(perDelivery ? { correlationId: own } : {}),
      });
    }
  }
  return ledger.record({ atMs, topic, correlationId, body, deliveries });
}
