/** Faults that send something at once: raw text, garbage, huge notifications, bursts, events. */
import { strike, type FaultPorts } from "./fault-ports.ts";
import type { FaultMethods, garbageKinds } from "./faults.ts";
import { frameOf, type Frame } from "./frame.ts";
import type { OpenDelivery } from "./ledger.ts";
import type { Socket } from "./sockets.ts";

type FrameActs = Pick<FaultMethods, "sendText" | "sendGarbage" | "sendHuge" | "burst" | "publish">;

const garbage: Readonly<Record<(typeof garbageKinds)[number], Frame>> = {
  "not-json": { text: '{"topicName":"v2.users.' },
  "no-envelope": { text: '[{"hello":"world"}]' },
  binary: { text: '{"topicName":"channel.metadata"}', form: "binary" },
  // Bytes FF and FE are in no UTF-8, and C3 must not be followed by 28.
  "bad-utf8": { text: '{"topicName":"\u00FF\u00FE\u00C3\u0028"}', form: "latin1" },
};

export function frameActs(ports: FaultPorts): FrameActs {
  const { sockets, channels } = ports;
  return {
    sendText: ({ text, ...target }, nowMs) =>
      strike(ports, "sendText", target, nowMs, (socket) => sockets.send(socket, { text })),
    sendGarbage: ({ kind = "not-json", ...target }, nowMs) =>
      strike(ports, "sendGarbage", target, nowMs, (socket) => sockets.send(socket, garbage[kind])),
    sendHuge: ({ bytes, topic, ...target }, nowMs) =>
      strike(ports, "sendHuge", target, nowMs, (socket, atMs) =>
        sendHuge(ports, socket, topic ?? firstTopic(socket) ?? "v2.mock.huge", bytes, atMs),
      ),
    burst: ({ events, topic }, nowMs) => {
      const atMs = ports.advance(nowMs);
      const topics = topic === undefined ? heardTopics(ports) : [topic];
      if (topics.length === 0) return { affected: 0 };
      ports.ledger.note({ atMs, what: "fault-burst", detail: JSON.stringify({ events, topic }) });
      // Without an id: no such body tells of a conversation that REST would have to know.
      for (let number = 1; number <= events; number += 1)
        ports.emit(ports.dice.pick(topics), { number, mark: ports.dice.uuid() }, atMs);
      return { affected: events };
    },
    publish: ({ topic, body }, nowMs) => {
      ports.emit(topic, body, nowMs);
      return { affected: channels.holding(topic.toLowerCase()).size };
    },
  };
}

/** The ledger has the event, and not its body: one such would drive out those of all others. */
function sendHuge(
  { sockets, ledger, newCorrelationId }: FaultPorts,
  socket: Socket,
  topic: string,
  bytes: number,
  atMs: number,
): void {
  const correlationId = newCorrelationId();
  const frameFilledWith = (filler: string): string =>
    frameOf(topic, `{"filler":"${filler}"}`, correlationId);
  const filler = "x".repeat(Math.max(0, bytes - frameFilledWith("").length));
  const channelId = socket.channel.id;
  const delivery: OpenDelivery = { channelId, socketId: socket.id, outcome: "sent" };
  sockets.send(socket, { text: frameFilledWith(filler), topic }, delivery);
  ledger.record({ atMs, topic, correlationId, body: undefined, deliveries: [delivery] });
}

function firstTopic(socket: Socket): string | undefined {
  const [first] = socket.channel.subscriptions.values();
  return first?.names[0];
}

/** All topics that a channel with a socket holds. */
function heardTopics({ sockets }: FaultPorts): readonly string[] {
  const topics = new Set<string>();
  for (const { channel } of sockets.all())
    for (const { names } of channel.subscriptions.values())
      for (const name of names) topics.add(name);
  return [...topics];
}
