/** The Event API as the threads met it: how each of them looks from a socket, and at which path. */
import { filterFault, bodyFault, isObject } from "./body.ts";

/** The threads by their numbers in docs/threads. */
const legacyThreads = ["000", "001", "002", "003", "004"] as const;
type LegacyThread = (typeof legacyThreads)[number];

/** What is played: at each path the thread that is about it, or one thread at all of them. */
export const legacyFaces = ["by-path", ...legacyThreads] as const;
export type LegacyFace = (typeof legacyFaces)[number];

/** What becomes of a message. */
export interface Heard {
  readonly answer?: object;
  /** Why the socket ends after it, for the history of the mock: the client is not told. */
  readonly fault?: string;
}

/** How one thread's socket behaves. */
export interface Face {
  /** Where a token is taken. `unasked` lets in whoever comes. */
  readonly token: "header" | "query" | "header or message" | "unasked";
  /** A token without it is let in, and what is said then ends the socket. */
  readonly scope?: string;
  /** The first text frame. */
  readonly greeting?: object;
  /** Whether the socket is closed when it has lived for the setting `legacyLifeMs`. */
  readonly mortal?: boolean;
  /** Whether a fault ends it with the setting `legacyUnauthorizedSocket`, and not by a cut. */
  readonly says401?: boolean;
  /** @param message undefined when it is no JSON; @param strict as `JWT_VALIDATION_MODE=strict` */
  readonly hear: (message: unknown, strict: boolean) => Heard;
}

/** "The initial heartbeat" is the first text frame; its body is ours. */
const heartbeat = { type: "heartbeat" };

const faces: Readonly<Record<LegacyThread, Face>> = {
  /** A body that the server does not like ends in 1006; one that it likes is not answered by anything that is told. */
  "000": {
    token: "header",
    scope: "analytics:events:read",
    greeting: heartbeat,
    hear: (message) => faulty(bodyFault(message)),
  },
  "001": {
    token: "header or message",
    scope: "notification:websocket:read",
    hear: subscribe,
  },
  /** Opens; the first message is answered with 401, whatever it says. */
  "002": {
    token: "header",
    says401: true,
    hear: () => ({ fault: "a message came, and the token is not believed" }),
  },
  /** Every keepalive is acknowledged, and none prolongs the life. */
  "003": {
    token: "unasked",
    scope: "analytics:events:read",
    mortal: true,
    hear: (message) =>
      isObject(message) && message["type"] === "keepalive"
        ? { answer: { type: "keepalive-ack" } }
        : { fault: "the message is no keepalive" },
  },
  /** Only the token counts: the socket ends with it, and is not opened with a stale one. */
  "004": { token: "header", hear: () => ({}) },
};

/** "Works instantly. No 401": what thread 002 was answered. */
const queryFace: Face = { token: "query", hear: () => ({}) };

/** Which thread speaks of which path. Thread 004 is about the path of 000, and nothing in it contradicts that face. */
const facesByPath: Readonly<Record<string, Face>> = {
  "/api/v2/analytics/events": faces["000"],
  "/websocket": faces["001"],
  "/v2/notifications/ws": faces["001"],
  "/v2/analytics/conversations/details/query/ws": faces["002"],
  "/api/v2/analytics/conversations/events": queryFace,
  "/v2/analytics/events": faces["003"],
};

/** Where the legacy face has sockets. */
export const legacyPaths: readonly string[] = Object.keys(facesByPath);

/** The face of a path; undefined where none of the threads has been. */
export function faceOf(path: string, legacy: LegacyFace): Face | undefined {
  if (!Object.hasOwn(facesByPath, path)) return undefined;
  return legacy === "by-path" ? facesByPath[path] : faces[legacy];
}

function faulty(fault: string | undefined): Heard {
  return fault === undefined ? {} : { fault };
}

/** The shape with `event_type` is acknowledged first, and ends all the same: it has no `filter`. */
function subscribe(message: unknown, strict: boolean): Heard {
  if (!isObject(message)) return { fault: "the message is no JSON object" };
  const { id, filter } = message;
  if (typeof id !== "string" || id === "") return { fault: "id is missing" };
  const answer =
    message["event_type"] === undefined
      ? { type: "confirmation", id, filter }
      : { type: "subscribe-success", id };
  const fault = filterFault(filter);
  if (fault === undefined) return { answer };
  if (filter === undefined && !strict) return { answer };
  return { ...("event_type" in message && { answer }), fault };
}
