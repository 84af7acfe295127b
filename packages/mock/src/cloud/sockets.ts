/**
 * Channel sockets: one for each channel, a heartbeat every 30 s and an answer to pings, notices
 * (GENESYS.md 4.2, 4.3, 4.5).
 */
import type { Channel, ChannelDeath } from "./channels.ts";
import type { CloudEffect } from "./contract.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { frameOf } from "./frame.ts";
import type { LedgerBook } from "./ledger.ts";
import type { SocketEnd, Settings } from "./settings.ts";

/** Standing faults as they concern one socket. */
export interface SocketFaults {
  readonly silenced: boolean;
  readonly withoutHeartbeats: boolean;
  readonly withoutPongs: boolean;
}

export interface Socket {
  readonly id: number;
  readonly channel: Channel;
  readonly openedAtMs: number;
  faults: SocketFaults;
  framesSent: number;
  heartbeat: Deadline | undefined;
  /** The grace after `v2.system.socket_closing`. */
  grace: Deadline | undefined;
}

/** GENESYS.md 4.3: neither version nor metadata. */
const heartbeatFrame = metadataFrame("WebSocket Heartbeat");
const pongFrame = metadataFrame("pong");

function metadataFrame(message: string): string {
  return JSON.stringify({ topicName: "channel.metadata", eventBody: { message } });
}

export interface SocketPorts {
  readonly settings: Settings;
  readonly deadlines: Deadlines;
  readonly ledger: LedgerBook;
  readonly outlet: (effect: CloudEffect) => void;
  readonly newCorrelationId: () => string;
  readonly organizationId: string;
  readonly faultsOf: (socketId: number, channelId: string) => SocketFaults;
  /** GENESYS.md 4.4: an in-band command; the answer is sent back. */
  readonly command: (channel: Channel, message: object, nowMs: number) => object | undefined;
}

export class Sockets {
  readonly #byId = new Map<number, Socket>();
  readonly #ports: SocketPorts;
  #nextId = 1;

  constructor(ports: SocketPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<Socket> {
    return this.#byId.values();
  }

  find(socketId: number): Socket | undefined {
    return this.#byId.get(socketId);
  }

  /** A second socket disconnects the first, unless the first was told to move (GENESYS.md 4.2, 4.5). */
  open(channel: Channel, nowMs: number): Socket {
    const { settings, deadlines, faultsOf } = this.#ports;
    for (const other of channel.sockets.slice()) {
      if (other.grace !== undefined && settings.announcedSocketAfterMove === "keeps-receiving")
        continue;
      if (settings.displacedNotice) this.#noticeDisplaced(other);
      this.end(other, settings.displacedSocket, "displaced", nowMs);
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const socket: Socket = {
      id,
      channel,
      openedAtMs: nowMs,
      faults: faultsOf(id, channel.id),
      framesSent: 0,
      heartbeat: undefined,
      grace: undefined,
    };
    const beat = (dueMs: number, atMs: number): void => {
      if (!socket.faults.withoutHeartbeats) this.send(socket, heartbeatFrame);
      // After a long sleep of the machine there is one heartbeat, not all that were missed.
      const next = Math.max(dueMs, atMs - settings.heartbeatMs + 1) + settings.heartbeatMs;
      socket.heartbeat = deadlines.set(next, beat);
    };
    socket.heartbeat = deadlines.set(nowMs + settings.heartbeatMs, beat);
    channel.sockets.push(socket);
    channel.lastUsedAtMs = nowMs;
    this.#byId.set(id, socket);
    this.#note(socket, "socket-opened", nowMs);
    return socket;
  }

  /** False when a fault holds the text back: it is not queued. */
  send(socket: Socket, text: string): boolean {
    if (socket.faults.silenced) return false;
    socket.framesSent += 1;
    this.#ports.outlet({ type: "send", socketId: socket.id, text });
    return true;
  }

  received(socket: Socket, text: string, nowMs: number): void {
    if (socket.faults.silenced) return;
    if (text.length > this.#ports.settings.inboundFrameCharactersMax) {
      this.end(socket, { code: 1009, reason: "message too big" }, "too big", nowMs);
      return;
    }
    const message = parsed(text);
    // GENESYS.md 4.3: the official CLI sends time stamps; what is not understood is tolerated.
    if (message === undefined) return;
    if ("message" in message && message.message === "ping") {
      if (!socket.faults.withoutPongs) this.send(socket, pongFrame);
      return;
    }
    const answer = this.#ports.command(socket.channel, message, nowMs);
    if (answer !== undefined) this.send(socket, JSON.stringify(answer));
  }

  /** The model ends a socket; `stay` leaves it open. */
  end(socket: Socket, how: SocketEnd, why: string, nowMs: number): void {
    if (how === "stay" || !this.#byId.has(socket.id)) return;
    this.#forget(socket, nowMs);
    this.#note(socket, "socket-ended", nowMs, why);
    this.#ports.outlet(
      how === "cut"
        ? { type: "cut", socketId: socket.id }
        : { type: "close", socketId: socket.id, code: how.code, reason: how.reason },
    );
  }

  /** The transport says that a socket is gone. */
  closed(socket: Socket, nowMs: number, cause: string | undefined): void {
    this.#forget(socket, nowMs);
    this.#note(socket, "socket-closed", nowMs, cause);
  }

  /** GENESYS.md 4.5: up to a minute to move; until then this socket receives as before. */
  announceClosing(socket: Socket, nowMs: number): void {
    const { settings, deadlines } = this.#ports;
    if (socket.grace !== undefined) return;
    this.notice(socket, "v2.system.socket_closing", {
      ...(settings.socketClosingTopicType !== "" && {
        systemTopicType: settings.socketClosingTopicType,
      }),
      message: "This socket is about to close.",
    });
    socket.grace = deadlines.set(nowMs + settings.socketClosingGraceMs, (dueMs) => {
      socket.grace = undefined;
      this.end(socket, settings.announcedSocket, "announced", dueMs);
    });
    this.#note(socket, "socket-closing-announced", nowMs);
  }

  channelDied(channel: Channel, death: ChannelDeath, nowMs: number): void {
    const { settings } = this.#ports;
    const how = {
      expired: settings.expiredChannelSocket,
      evicted: settings.evictedChannelSocket,
      dropped: settings.expiredChannelSocket,
      token: settings.tokenDeathSocket,
    }[death];
    for (const socket of channel.sockets.slice()) this.end(socket, how, death, nowMs);
  }

  /** A system message (GENESYS.md 4.5). */
  notice(socket: Socket, topic: string, fields: object): void {
    const { channel } = socket;
    const body = {
      channelId: channel.id,
      organizationId: this.#ports.organizationId,
      oauthClientId: channel.client.clientId,
      ...fields,
    };
    this.send(socket, frameOf(topic, JSON.stringify(body), this.#ports.newCorrelationId()));
  }

  refreshFaults(): void {
    for (const socket of this.#byId.values()) {
      socket.faults = this.#ports.faultsOf(socket.id, socket.channel.id);
    }
  }

  #noticeDisplaced(socket: Socket): void {
    this.notice(socket, `v2.system.no_longer_subscribed.${socket.channel.id}`, {
      systemTopicType: "no_longer_subscribed",
      reason: "another_channel_subscribed",
      message: "Another socket was opened on this channel.",
    });
  }

  #forget(socket: Socket, nowMs: number): void {
    const { deadlines } = this.#ports;
    deadlines.cancel(socket.heartbeat);
    deadlines.cancel(socket.grace);
    socket.heartbeat = undefined;
    socket.grace = undefined;
    const index = socket.channel.sockets.indexOf(socket);
    if (index !== -1) socket.channel.sockets.splice(index, 1);
    socket.channel.lastUsedAtMs = nowMs;
    this.#byId.delete(socket.id);
  }

  #note(socket: Socket, what: string, nowMs: number, detail?: string): void {
    this.#ports.ledger.note({
      atMs: nowMs,
      what,
      clientId: socket.channel.client.clientId,
      channelId: socket.channel.id,
      socketId: socket.id,
      ...(detail === undefined ? {} : { detail }),
    });
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
