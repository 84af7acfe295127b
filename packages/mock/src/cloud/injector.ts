/** Carries out faults on the model. Each fault is a method of its own name; `inject` dispatches. */
import type { Channels } from "./channels.ts";
import type {
  Fault,
  FaultBook,
  FaultMethods,
  FaultName,
  FaultReceipt,
  Faults,
  SocketTarget,
  StandingFaults,
} from "./faults.ts";
import type { LedgerBook } from "./ledger.ts";
import type { Settings } from "./settings.ts";
import type { Socket, Sockets } from "./sockets.ts";
import type { Client, Token, Tokens } from "./tokens.ts";

export interface InjectorPorts {
  readonly book: FaultBook;
  readonly channels: Channels;
  readonly sockets: Sockets;
  readonly tokens: Tokens;
  readonly ledger: LedgerBook;
  readonly settings: Settings;
  readonly emit: (topic: string, body: object, nowMs: number) => unknown;
  /** Brings the model to this time first, so that a fault strikes after what was due before it. */
  readonly advance: (nowMs: number) => number;
}

export function createFaults(ports: InjectorPorts): Faults {
  const { book, channels, sockets, tokens, ledger, settings, advance } = ports;
  const clientStates = new Map<Client, Client["state"]>();

  const stand = (fault: Fault<keyof StandingFaults>, nowMs: number): FaultReceipt => {
    const atMs = advance(nowMs);
    if (book.size >= settings.faultsMax) return { affected: 0 };
    const id = book.add(fault);
    sockets.refreshFaults();
    ledger.note({ atMs, what: `fault-${fault.fault}`, detail: JSON.stringify(fault) });
    const ofSockets =
      fault.fault === "silence" ||
      fault.fault === "stopHeartbeats" ||
      fault.fault === "ignorePings";
    return { id, affected: ofSockets ? targets(fault).length : 0 };
  };
  const targets = (target: SocketTarget): Socket[] =>
    [...sockets.all()].filter(
      (socket) =>
        (target.socketId === undefined || socket.id === target.socketId) &&
        (target.channelId === undefined || socket.channel.id === target.channelId),
    );
  const strike = (
    fault: string,
    target: SocketTarget,
    nowMs: number,
    act: (socket: Socket, atMs: number) => void,
  ): FaultReceipt => {
    const atMs = advance(nowMs);
    const struck = targets(target);
    ledger.note({ atMs, what: `fault-${fault}`, detail: JSON.stringify(target) });
    for (const socket of struck) act(socket, atMs);
    return { affected: struck.length };
  };
  const revoke = (victims: readonly Token[], nowMs: number): FaultReceipt => {
    for (const token of victims) tokens.revoke(token, nowMs);
    return { affected: victims.length };
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
    if (state === "disabled") revoke([...client.live], atMs);
    return { affected: 1 };
  };

  const methods: FaultMethods = {
    refuseUpgrades: (parameters, nowMs) => stand({ fault: "refuseUpgrades", ...parameters }, nowMs),
    cutUpgrades: (parameters, nowMs) => stand({ fault: "cutUpgrades", ...parameters }, nowMs),
    silence: (parameters, nowMs) => stand({ fault: "silence", ...parameters }, nowMs),
    stopHeartbeats: (parameters, nowMs) => stand({ fault: "stopHeartbeats", ...parameters }, nowMs),
    ignorePings: (parameters, nowMs) => stand({ fault: "ignorePings", ...parameters }, nowMs),
    failRequests: (parameters, nowMs) => stand({ fault: "failRequests", ...parameters }, nowMs),
    cutRequests: (parameters, nowMs) => stand({ fault: "cutRequests", ...parameters }, nowMs),
    cutSockets: (target, nowMs) =>
      strike("cutSockets", target, nowMs, (socket, atMs) =>
        sockets.end(socket, "cut", "fault", atMs),
      ),
    closeSockets: ({ code, reason, ...target }, nowMs) =>
      strike("closeSockets", target, nowMs, (socket, atMs) =>
        sockets.end(socket, { code, reason: reason ?? "" }, "fault", atMs),
      ),
    announceClosing: (target, nowMs) =>
      strike("announceClosing", target, nowMs, (socket, atMs) =>
        sockets.announceClosing(socket, atMs),
      ),
    sendText: ({ text, ...target }, nowMs) =>
      strike("sendText", target, nowMs, (socket) => sockets.send(socket, text)),
    dropChannel: ({ channelId }, nowMs) => {
      const atMs = advance(nowMs);
      const channel = channels.find(channelId);
      if (channel === undefined) return { affected: 0 };
      channels.remove(channel, "dropped", atMs);
      return { affected: 1 };
    },
    revokeToken: ({ tokenId, channelId, clientId }, nowMs) => {
      const atMs = advance(nowMs);
      const client = clientId === undefined ? undefined : tokens.clients.get(clientId);
      const victims = new Set<Token>(client?.live);
      const named = tokenId === undefined ? undefined : tokens.byId(tokenId);
      const maker = channelId === undefined ? undefined : channels.find(channelId)?.token;
      for (const token of [named, maker]) if (token?.state === "live") victims.add(token);
      return revoke([...victims], atMs);
    },
    disableClient: ({ clientId }, nowMs) => setClient(clientId, "disabled", nowMs),
    enableClient: ({ clientId }, nowMs) => setClient(clientId, "active", nowMs),
    publish: ({ topic, body }, nowMs) => {
      ports.emit(topic, body, nowMs);
      return { affected: channels.holding(topic.toLowerCase()).size };
    },
  };

  return {
    ...methods,
    inject: <Name extends FaultName>(fault: Fault<Name>, nowMs: number) =>
      methods[fault.fault](fault, nowMs),
    list: () => book.list(),
    remove: (id) => {
      const removed = book.remove(id);
      sockets.refreshFaults();
      return removed;
    },
    clear: () => {
      book.clear();
      sockets.refreshFaults();
      for (const [client, state] of clientStates) client.state = state;
      clientStates.clear();
    },
  };
}
