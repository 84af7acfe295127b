/** Brings an event to every channel that holds its topic, and writes down what became of it (GENESYS.md 4.6, 4.7). */
import type { Channel, Channels } from "./channels.ts";
import { frameOf } from "./frame.ts";
import type { LedgerBook, LedgerDelivery, LedgerEntry, OpenDelivery } from "./ledger.ts";
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
  holders: ReadonlySet<Channel> = ports.channels.holding(topic.toLowerCase()),
): LedgerEntry {
  const { ledger, sockets, settings, newCorrelationId } = ports;
  const correlationId = newCorrelationId();
  if (holders.size === 0)
    return ledger.record({ atMs, topic, correlationId, body: undefined, deliveries: noDeliveries });
  const body = bodyOf();
  const perDelivery = settings.correlationId === "per-delivery";
  const reorders = settings.fieldOrder === "per-channel";
  const frame = { text: frameOf(topic, body, correlationId), topic };
  const deliveries: LedgerDelivery[] = [];
  for (const channel of holders) {
    const channelId = channel.id;
    if (channel.sockets.length === 0) deliveries.push({ channelId, outcome: "no-socket" });
    for (const socket of channel.sockets.slice()) {
      // An outlet may have told of its end while another socket was served.
      if (sockets.find(socket.id) === undefined) {
        deliveries.push({ channelId, outcome: "no-socket" });
        continue;
      }
      const own = perDelivery ? newCorrelationId() : correlationId;
      const delivery: OpenDelivery = { channelId, socketId: socket.id, outcome: "sent" };
      if (perDelivery) delivery.correlationId = own;
      deliveries.push(delivery);
      if (!perDelivery && !reorders) {
        sockets.send(socket, frame, delivery);
        continue;
      }
      const ownBody = reorders ? turned(body, channel.order) : body;
      sockets.send(socket, { text: frameOf(topic, ownBody, own), topic }, delivery);
    }
  }
  return ledger.record({ atMs, topic, correlationId, body, deliveries });
}

/** An event of the contact centre, which observes a queue for each channel by itself where that is set (GENESYS.md 8, no. 24). */
export function publishLife(
  ports: PublisherPorts,
  topic: string,
  bodyOf: () => string,
  atMs: number,
): void {
  const holders = ports.channels.holding(topic.toLowerCase());
  const each =
    ports.settings.observationSampling === "per-channel" && topic.endsWith(".observations");
  if (!each || holders.size === 0) {
    publish(ports, topic, bodyOf, atMs, holders);
    return;
  }
  const body = bodyOf();
  for (const channel of holders)
    publish(ports, topic, () => observedEarlier(body, channel.order), atMs, new Set([channel]));
}

/** Up to a second earlier, and for each channel always by as much, so that its observations stay as far apart. */
function observedEarlier(body: string, order: number): string {
  return body.replace(/"interval":"([^"/]+)\/\1"/gu, (_, instant: string) => {
    // Channels that follow each other are far apart; a thousand differ.
    const own = new Date(Date.parse(instant) - ((order * 379) % 1000)).toISOString();
    return `"interval":"${own}/${own}"`;
  });
}

/** The fields of the root object, beginning with another one (GENESYS.md 8, no. 7). */
function turned(body: string, order: number): string {
  const fields = Object.entries(JSON.parse(body) as object).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const first = fields.length === 0 ? 0 : order % fields.length;
  return `{${[...fields.slice(first), ...fields.slice(0, first)].join(",")}}`;
}
