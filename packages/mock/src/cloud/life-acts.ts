/** Faults that end or announce something at once: sockets, channels, tokens, clients. */
import type { ChannelDeath } from "./channels.ts";
import { strike, type FaultPorts } from "./fault-ports.ts";
import type { FaultMethods, FaultReceipt, TokenTarget } from "./faults.ts";
import type { Client, Token } from "./tokens.ts";

type LifeActs = Pick<
  FaultMethods,
  | "cutSockets"
  | "closeSockets"
  | "announceClosing"
  | "dropChannel"
  | "evictChannel"
  | "expireChannel"
  | "revokeToken"
  | "expireToken"
  | "disableClient"
  | "enableClient"
>;

export function lifeActs(ports: FaultPorts): LifeActs & { readonly enableAgain: () => void } {
  const { channels, sockets, tokens, ledger, advance } = ports;
  const clientStates = new Map<Client, Client["state"]>();

  const endChannel = (channelId: string, death: ChannelDeath, nowMs: number): FaultReceipt => {
    const atMs = advance(nowMs);
    const channel = channels.find(channelId);
    if (channel === undefined) return { affected: 0 };
    channels.remove(channel, death, atMs);
    return { affected: 1 };
  };
  const endTokens = (
    victims: readonly Token[],
    state: "expired" | "revoked",
    atMs: number,
  ): FaultReceipt => {
    for (const token of victims)
      if (state === "revoked") tokens.revoke(token, atMs);
      else tokens.expire(token, atMs);
    return { affected: victims.length };
  };
  const meant = ({ tokenId, channelId, clientId }: TokenTarget): readonly Token[] => {
    const client = clientId === undefined ? undefined : tokens.clients.get(clientId);
    const victims = new Set<Token>(client?.live);
    const named = tokenId === undefined ? undefined : tokens.byId(tokenId);
    const maker = channelId === undefined ? undefined : channels.find(channelId)?.token;
    for (const token of [named, maker]) if (token?.state === "live") victims.add(token);
    return [...victims];
  };
  const setClient = (
    clientId: string,
    state: "active" | "disabled",
    nowMs: number,
  ): FaultReceipt => {
    const atMs = advance(nowMs);
    const client = tokens.clients.get(clientId);
    if (client === undefined) return { affected: 0 };
    if (!clientStates.has(client)) clientStates.set(client, client.state);
    client.state = state;
    ledger.note({ atMs, what: `client-${state}`, clientId });
    if (state === "disabled") endTokens([...client.live], "revoked", atMs);
    return { affected: 1 };
  };

  return {
    cutSockets: (target, nowMs) =>
      strike(ports, "cutSockets", target, nowMs, (socket, atMs) =>
        sockets.end(socket, "cut", "fault", atMs),
      ),
    closeSockets: ({ code, reason = "", ...target }, nowMs) =>
      strike(ports, "closeSockets", target, nowMs, (socket, atMs) =>
        sockets.end(socket, { code, reason }, "fault", atMs),
      ),
    announceClosing: ({ graceMs, ...target }, nowMs) =>
      strike(ports, "announceClosing", target, nowMs, (socket, atMs) =>
        sockets.announceClosing(socket, atMs, graceMs),
      ),
    dropChannel: ({ channelId }, nowMs) => endChannel(channelId, "dropped", nowMs),
    evictChannel: ({ channelId }, nowMs) => endChannel(channelId, "evicted", nowMs),
    expireChannel: ({ channelId }, nowMs) => endChannel(channelId, "expired", nowMs),
    revokeToken: (target, nowMs) => {
      const atMs = advance(nowMs);
      return endTokens(meant(target), "revoked", atMs);
    },
    expireToken: (target, nowMs) => {
      const atMs = advance(nowMs);
      return endTokens(meant(target), "expired", atMs);
    },
    disableClient: ({ clientId }, nowMs) => setClient(clientId, "disabled", nowMs),
    enableClient: ({ clientId }, nowMs) => setClient(clientId, "active", nowMs),
    enableAgain: () => {
      for (const [client, state] of clientStates) client.state = state;
      clientStates.clear();
    },
  };
}
