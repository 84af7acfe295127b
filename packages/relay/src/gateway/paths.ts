/** Where sockets open, and what the path itself says. */
import { readClientMessage, type SubscribeMessage } from "@trunkline/events";

const plain = new Set([
  "/api/v2/analytics/events",
  "/v2/analytics/events",
  "/websocket",
  "/v2/notifications/ws",
]);
const implying = new Set([
  "/api/v2/analytics/conversations/events",
  "/v2/analytics/conversations/details/query/ws",
]);

export interface SocketPath {
  /** What is subscribed to where nobody says otherwise in time. */
  readonly implied: SubscribeMessage | undefined;
}

/** Undefined where no socket opens. @param path without query */
export function socketPath(path: string): SocketPath | undefined {
  const bare = path.length > 1 ? path.replace(/\/$/u, "") : path;
  if (plain.has(bare)) return { implied: undefined };
  if (implying.has(bare)) return { implied: everyConversation() };
  return undefined;
}

/** All of them, for whoever asks where they are. */
export const socketPaths: readonly string[] = [...plain, ...implying];

function everyConversation(): SubscribeMessage {
  const { message } = readClientMessage({
    eventTypes: ["conversation:all"],
    filters: { divisions: ["self"] },
  });
  if (message?.kind !== "subscribe") throw new Error("the implied subscription is a valid one");
  return message;
}
