/** What faults are carried out on. */
import type { Channels } from "./channels.ts";
import type { Dice } from "./dice.ts";
import type { FaultBook } from "./fault-book.ts";
import type { FaultReceipt, SocketTarget } from "./faults.ts";
import type { LedgerBook } from "./ledger.ts";
import type { Settings } from "./settings.ts";
import type { Socket, Sockets } from "./sockets.ts";
import type { Tokens } from "./tokens.ts";

export interface FaultPorts {
  readonly book: FaultBook;
  readonly channels: Channels;
  readonly sockets: Sockets;
  readonly tokens: Tokens;
  readonly ledger: LedgerBook;
  readonly settings: Settings;
  /** The faults' own, so that the world stays the same whatever is done to it. */
  readonly dice: Dice;
  readonly newCorrelationId: () => string;
  readonly emit: (topic: string, body: object, nowMs: number) => unknown;
  /** Brings the model to this time first, so that a fault strikes after what was due before it. */
  readonly advance: (nowMs: number) => number;
}

export function targets(sockets: Sockets, target: SocketTarget): Socket[] {
  return [...sockets.all()].filter(
    (socket) =>
      (target.socketId === undefined || socket.id === target.socketId) &&
      (target.channelId === undefined || socket.channel.id === target.channelId),
  );
}

/** Does something to each socket that is meant. */
export function strike(
  { sockets, ledger, advance }: FaultPorts,
  fault: string,
  target: SocketTarget,
  nowMs: number,
  act: (socket: Socket, atMs: number) => void,
): FaultReceipt {
  const atMs = advance(nowMs);
  const struck = targets(sockets, target);
  const { socketId, channelId } = target;
  ledger.note({ atMs, what: `fault-${fault}`, detail: JSON.stringify({ socketId, channelId }) });
  for (const socket of struck) act(socket, atMs);
  return { affected: struck.length };
}
