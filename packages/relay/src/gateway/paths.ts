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
  /** Id of the standing subscription that is to be read. */
  readonly standing: string | undefined;
}

/** Undefined where no socket opens. @param path without query */
export function socketPath(path: string): SocketPath | undefined {
  const bare = path.length > 1 ? path.replace(/\/$/u, "") : path;
  if (plain.has(bare)) return { implied: undefined, standing: undefined };
  if (implying.has(bare)) return { implied: everyConversation(), standing: undefined };
  const standing = /^(?:\/api)?\/v2\/analytics\/events\/(?<id>[^/]{1,100})$/u.exec(bare)?.groups?.[
    "id"
  ];
  return standing === undefined ? undefined : { implied: undefined, standing };
}

/** All of them, for whoever asks where they are. */
export const socketPaths: readonly string[] = [
  ...plain,
  ...implying,
  "/api/v2/analytics/events/{id}",
  "/v2/analytics/events/{id}",
];

function everyConversation(): SubscribeMessage {
  const { message } = readClientMessage({
    eventTypes: ["conversation:all"],
    filters: { divisions: ["self"] },
  });
  if (message?.kind !== "subscribe") throw new Error("the implied subscription is a valid one");
  return message;
}
