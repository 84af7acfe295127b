import type { Channel, Channels } from "./channels.ts";
import type { ChannelView, CloudState, SocketView } from "./contract.ts";
import type { LedgerBook } from "./ledger.ts";
import type { Socket, Sockets } from "./sockets.ts";
import type { Tokens } from "./tokens.ts";

export function snapshot(parts: {
  readonly tokens: Tokens;
  readonly channels: Channels;
  readonly sockets: Sockets;
  readonly ledger: LedgerBook;
  readonly nowMs: number;
}): CloudState {
  const { tokens, channels, sockets, ledger, nowMs } = parts;
  return {
    nowMs,
    clients: [...tokens.clients.values()].map((client) => ({
      clientId: client.clientId,
      state: client.state,
      liveTokens: client.live.size,
      channels: channels.ofClient(client).length,
      requests: client.requests,
      tokensIssued: client.tokensIssued,
      channelsCreated: client.channelsCreated,
    })),
    channels: [...channels.all()].map(channelView),
    sockets: [...sockets.all()].map(socketView),
    eventsEmitted: ledger.newest,
    oldestEvent: ledger.query({ since: ledger.newest }).oldest,
  };
}

function channelView(channel: Channel): ChannelView {
  return {
    channelId: channel.id,
    clientId: channel.client.clientId,
    tokenId: channel.token.tokenId,
    createdAtMs: channel.createdAtMs,
    lastUsedAtMs: channel.lastUsedAtMs,
    expiresAtMs: channel.expiresAtMs,
    topics: channel.subscriptions.size,
    socketIds: channel.sockets.map((socket) => socket.id),
  };
}

function socketView(socket: Socket): SocketView {
  return {
    socketId: socket.id,
    channelId: socket.channel.id,
    openedAtMs: socket.openedAtMs,
    closesAtMs: socket.grace?.atMs,
    framesSent: socket.framesSent,
    silenced: socket.faults.silenced,
    heldFrames: socket.egress?.held ?? 0,
    channelAlive: socket.channel.alive,
  };
}
