/** What is asked of the Event API and is not there: refused as everything else of it, not as an operator's request. */
import { socketPath } from "../gateway/paths.ts";
import { GatewayError } from "../gateway/gateway-error.ts";
import type { EventApiRoute } from "./event-api.ts";

const roots = ["/api", "/v2", "/oauth", "/websocket", "/.well-known"];

/** Whether whoever asks for it speaks the Event API. @param path without query */
export function isOfEventApi(path: string): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}

export interface Unknown {
  readonly error: GatewayError;
  /** Methods that there are; empty where there is nothing at the path. */
  readonly allowed: readonly string[];
}

/** @param at the routes whose path is the one asked for */
export function unknownOfEventApi(
  at: readonly Pick<EventApiRoute, "method">[],
  method: string,
  path: string,
): Unknown {
  const shown = path.slice(0, pathShownMax);
  const allowed = at.map((route) => route.method);
  if (allowed.length > 0) {
    const message = `${method} is not possible on ${shown}, but ${allowed.join(", ")}.`;
    return { error: new GatewayError("METHOD_NOT_ALLOWED", message), allowed };
  }
  const message =
    socketPath(path) === undefined
      ? `There is nothing at ${shown}.`
      : `A WebSocket opens on ${shown}, and the request asked for none.`;
  return { error: new GatewayError("PATH_UNKNOWN", message), allowed };
}

const pathShownMax = 100;
