/** The client's door to the rest of the API: under its token, behind its lines, within its budget. */
import { TrunklineError } from "../errors.ts";
import type { Rest } from "./rest.ts";

/** A request to the API of Genesys Cloud. */
export interface Asked {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** From `/api/` on, with its query: `/api/v2/routing/queues?pageSize=100`; 8,192 characters at most. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Ends the call, also while it waits for its turn. */
  readonly signal?: AbortSignal | undefined;
}

/** A 2xx answer. */
export interface Answered {
  readonly status: number;
  /** The answer's JSON; undefined where it has none. */
  readonly body: unknown;
}

export type Ask = (request: Asked) => Promise<Answered>;

const pathLengthMax = 8_192;
/** One absolute path below `/api/`, in characters that a URL may have, and no step upwards in it. */
const pathShape =
  /^\/api(?:\/(?!\.{1,2}(?:[/?]|$))[\w.~!$&'()*+,;=:@%-]+)+(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?$/;
const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** @param stopping aborts when the client is closed */
export function createAsk(rest: Pick<Rest, "call">, stopping: AbortSignal): Ask {
  return async ({ method, path, body, signal }) => {
    if (typeof path !== "string" || path.length > pathLengthMax || !pathShape.test(path)) {
      throw new TrunklineError(
        "OPTION_INVALID",
        `The path to ask for must be one of the API's, such as /api/v2/users?pageSize=100, in ${pathLengthMax} characters at most.`,
      );
    }
    const either = signal === undefined ? stopping : AbortSignal.any([signal, stopping]);
    try {
      either.throwIfAborted();
      const { status, json } = await rest.call(
        { method, path, route: routeOf(path), body, isBackground: true },
        either,
      );
      return { status, body: json };
    } catch (cause) {
      signal?.throwIfAborted();
      if (!stopping.aborted) throw cause;
      throw new TrunklineError("CLOSED", "The client was closed before the answer came.", {
        cause,
      });
    }
  };
}

/** The path as it may be shown: without ids and query, so that pages of one listing are one endpoint. */
function routeOf(path: string): string {
  return (path.split("?", 1)[0] ?? path).replace(ids, "{id}");
}
