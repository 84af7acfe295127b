/** The floor of the gateway benchmark: a bare `ws` server that sends each event to the sockets of its group, one by one. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { cutEventBody } from "@trunkline/relay";
import { WebSocketServer, type WebSocket } from "ws";
import { groups, toldOf } from "./gateway-events.ts";
import type { Side } from "./gateway-stage.ts";

export async function openFloor(): Promise<Side> {
  const members: Set<WebSocket>[] = Array.from({ length: groups }, () => new Set());
  const told = members.map(() => toldOf(randomUUID()));
  const journalId = randomUUID().slice(-12);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => {
    socket.once("message", (data: Buffer) => {
      members[Number(data.toString())]?.add(socket);
      socket.send('{"type":"live"}');
    });
  });
  await once(server, "listening");
  let head = 0;
  let grown = Promise.withResolvers<void>();
  return {
    port: (server.address() as AddressInfo).port,
    path: "/",
    token: "none",
    hellos: members.map((_, group) => String(group)),
    tells: "at once",
    head: () => head,
    emit: (group) => {
      const event = told[group];
      if (event === undefined) return undefined;
      const { topic, conversationId, frame } = event;
      const cursor = `${journalId}-${++head}`;
      // The bytes that the relay sends.
      const text =
        `{"type":"event","cursor":"${cursor}","id":"${cursor}","subscriptionId":"mine","eventType":"conversation:updated","topic":"${topic}",` +
        `"entityId":"${conversationId}","time":"${new Date().toISOString()}","source":"live","data":${cutEventBody(frame) ?? ""}}`;
      grown.resolve();
      grown = Promise.withResolvers();
      for (const socket of members[group] ?? []) socket.send(text);
      return undefined;
    },
    grown: async (after) => {
      if (head <= after) await grown.promise;
    },
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
