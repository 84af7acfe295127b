/**
 * Channel sockets: one for each channel, a heartbeat every 30 s and an answer to pings, notices
 * (GENESYS.md 4.2, 4.3, 4.5).
 */
import type { Channel, ChannelDeath } from "./channels.ts";
import type { CloudEffect } from "./contract.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { Dice } from "./dice.ts";
import { Egress } from "./egress.ts";
import { unhurtFrame, type FaultBook, type SocketFaults } from "./fault-book.ts";
import { frameOf, type Frame } from "./frame.ts";
import type { LedgerBook, OpenDelivery } from "./ledger.ts";
import type { SocketEnd, Settings } from "./settings.ts";

export interface Socket {
  readonly id: number;
  readonly channel: Channel;
  readonly openedAtMs: number;
  faults: SocketFaults;
  /** Only while faults of frames stand on it, or frames are held. */
  egress: Egress | undefined;
  framesSent: number;
  lastPongAtMs: number;
  lastHeardAtMs: number;
  idle: Deadline | undefined;
  heartbeat: Deadline | undefined;
  /** The grace after `v2.system.socket_closing`. */
  grace: Deadline | undefined;
}

/** GENESYS.md 4.3: neither version nor metadata. */
const heartbeatFrame = metadataFrame("WebSocket Heartbeat");
const pongFrame = metadataFrame("pong");

function metadataFrame(message: string): Frame {
  return { text: JSON.stringify({ topicName: "channel.metadata", eventBody: { message } }) };
}

export interface SocketPorts {
  readonly settings: Settings;
  readonly deadlines: Deadlines;
  readonly ledger: LedgerBook;
  readonly outlet: (effect: CloudEffect) => void;
  readonly newCorrelationId: () => string;
  readonly organizationId: string;
  readonly book: FaultBook;
  readonly faultDice: Dice;
  /** The model's time, for what a fault holds back. */
  readonly nowMs: () => number;
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
    const { settings, book } = this.#ports;
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
      faults: book.socketFaults(id, channel.id),
      egress: undefined,
      framesSent: 0,
      lastPongAtMs: Number.NEGATIVE_INFINITY,
      lastHeardAtMs: nowMs,
      idle: undefined,
      heartbeat: undefined,
      grace: undefined,
    };
    if (socket.faults.frames) socket.egress = this.#egressOf(socket);
    this.#keepBeating(socket, nowMs);
    if (settings.idleTimeoutMs > 0) this.#watch(socket);
    channel.sockets.push(socket);
    channel.lastUsedAtMs = nowMs;
    this.#byId.set(id, socket);
    this.#note(socket, "socket-opened", nowMs);
    return socket;
  }

  /** What is told to nobody is not queued. `delivery` says "sent" already, and is told if that is not so. */
  send(socket: Socket, frame: Frame, delivery?: OpenDelivery): void {
    const { faults, egress } = socket;
    if (faults.silenced) {
      if (delivery !== undefined) delivery.outcome = "silenced";
      return;
    }
    if (egress === undefined) return this.#wire(socket, frame, 1);
    if (!faults.frames && egress.held === 0) {
      socket.egress = undefined;
      return this.#wire(socket, frame, 1);
    }
    const fate = faults.frames
      ? this.#ports.book.frameFate(socket.id, socket.channel.id, frame.topic, egress.mayReorder)
      : unhurtFrame;
    egress.pass(frame, delivery, fate, this.#ports.nowMs());
  }

  received(socket: Socket, text: string, nowMs: number): void {
    if (socket.faults.silenced) return;
    socket.lastHeardAtMs = nowMs;
    if (text.length > this.#ports.settings.inboundFrameCharactersMax) {
      this.end(socket, { code: 1009, reason: "message too big" }, "too big", nowMs);
      return;
    }
    const message = parsed(text);
    // GENESYS.md 4.3: the official CLI sends time stamps; what is not understood is tolerated.
    if (message === undefined) return;
    if ("message" in message && message.message === "ping") {
      this.#pong(socket, nowMs);
      return;
    }
    const answer = this.#ports.command(socket.channel, message, nowMs);
    if (answer !== undefined) this.send(socket, { text: JSON.stringify(answer) });
  }

  /** The model ends a socket; `stay` leaves it open. No close frame gets through to one that is half-open. */
  end(socket: Socket, how: SocketEnd, why: string, nowMs: number): void {
    if (how === "stay" || !this.#byId.has(socket.id)) return;
    this.#forget(socket, nowMs);
    this.#note(socket, "socket-ended", nowMs, why);
    this.#ports.outlet(
      how === "cut" || socket.faults.frozen
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
  announceClosing(
    socket: Socket,
    nowMs: number,
    graceMs = this.#ports.settings.socketClosingGraceMs,
  ): void {
    const { settings, deadlines } = this.#ports;
    if (socket.grace !== undefined) return;
    this.notice(socket, "v2.system.socket_closing", {
      ...(settings.socketClosingTopicType !== "" && {
        systemTopicType: settings.socketClosingTopicType,
      }),
      message: "This socket is about to close.",
    });
    socket.grace = deadlines.set(nowMs + graceMs, (dueMs) => {
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
    const { organizationId, newCorrelationId } = this.#ports;
    const correlationId = newCorrelationId();
    const body = {
      channelId: channel.id,
      correlationId,
      organizationId,
      oauthClientId: channel.client.clientId,
      oauthClientOrgId: organizationId,
      ...fields,
    };
    this.send(socket, { text: frameOf(topic, JSON.stringify(body), correlationId) });
  }

  /** Other faults stand than before. What is held already goes on waiting. */
  refreshFaults(): void {
    const { book, outlet } = this.#ports;
    for (const socket of this.#byId.values()) {
      const before = socket.faults;
      socket.faults = book.socketFaults(socket.id, socket.channel.id);
      if (socket.faults.frames) socket.egress ??= this.#egressOf(socket);
      if (socket.faults.frozen !== before.frozen)
        outlet({ type: "freeze", socketId: socket.id, frozen: socket.faults.frozen });
    }
  }

  #wire(socket: Socket, { text, form }: Frame, fragments: number): void {
    socket.framesSent += 1;
    const send = { type: "send", socketId: socket.id, text } as const;
    if (form === undefined && fragments === 1) return this.#ports.outlet(send);
    this.#ports.outlet({
      ...send,
      ...(fragments === 1 ? {} : { fragments }),
      ...(form === undefined ? {} : { form }),
    });
  }

  #egressOf(socket: Socket): Egress {
    return new Egress({
      deadlines: this.#ports.deadlines,
      dice: this.#ports.faultDice,
      heldFramesMax: this.#ports.settings.heldFramesMax,
      isSilenced: () => socket.faults.silenced,
      wire: (frame, fragments) => this.#wire(socket, frame, fragments),
    });
  }

  #keepBeating(socket: Socket, nowMs: number): void {
    const { deadlines, settings } = this.#ports;
    const beat = (dueMs: number, atMs: number): void => {
      if (!socket.faults.withoutHeartbeats) this.send(socket, heartbeatFrame);
      // After a long sleep of the machine there is one heartbeat, not all that were missed.
      const next = Math.max(dueMs, atMs - settings.heartbeatMs + 1) + settings.heartbeatMs;
      socket.heartbeat = deadlines.set(next, beat);
    };
    socket.heartbeat = deadlines.set(nowMs + settings.heartbeatMs, beat);
  }

  /** GENESYS.md 8, no. 6. */
  #watch(socket: Socket): void {
    const { deadlines, settings } = this.#ports;
    socket.idle = deadlines.set(socket.lastHeardAtMs + settings.idleTimeoutMs, (dueMs) => {
      if (socket.lastHeardAtMs + settings.idleTimeoutMs > dueMs) return this.#watch(socket);
      this.end(socket, { code: 1001, reason: "idle timeout" }, "idle", dueMs);
    });
  }

  /** GENESYS.md 8, no. 25: whether a ping that comes soon after another is answered. */
  #pong(socket: Socket, nowMs: number): void {
    if (socket.faults.withoutPongs) return;
    if (nowMs - socket.lastPongAtMs < this.#ports.settings.pongIntervalMs) return;
    socket.lastPongAtMs = nowMs;
    this.send(socket, pongFrame);
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
    deadlines.cancel(socket.idle);
    socket.heartbeat = undefined;
    socket.grace = undefined;
    socket.idle = undefined;
    socket.egress?.end();
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
