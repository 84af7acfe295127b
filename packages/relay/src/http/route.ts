/** What a route is: where it is asked, what it takes, and what it answers. The server does the rest. */
import type { z } from "zod";
import { nearMiss } from "../config/near-miss.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { ErrorDetail } from "./api.ts";

export type Answer =
  | {
      readonly kind: "text";
      readonly status: number;
      readonly type: string;
      readonly text: string;
    }
  /** Lines without end, or up to one; `lines` ends when its signal aborts. */
  | {
      readonly kind: "stream";
      readonly headers: Readonly<Record<string, string>>;
      /** Whether it ends by itself, and is not whole before. */
      readonly isFinite: boolean;
      readonly lines: (signal: AbortSignal) => AsyncGenerator<string, void>;
    };

/** A request that has passed the guards, as a route sees it. */
export interface Call<Query, Body> {
  readonly query: Query;
  readonly body: Body;
  /** The parts of the path that stand for something, as `:name`. */
  readonly names: Readonly<Record<string, string>>;
  /** The header `Host`, which the guards have let in, and whether it was asked by TLS. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Whether the token came along, or none is needed. */
  readonly isTrusted: boolean;
}

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Segments that begin with a colon stand for something. */
  readonly path: string;
  /** Whether it is answered without the token. */
  readonly isOpen: boolean;
  readonly timeoutMs: number | undefined;
  /** What it takes, for the documents. */
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  /** @throws RelayError, or what the service throws */
  answer(call: Call<unknown, unknown>): Promise<Answer | Refusal>;
}

interface RouteShape<Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: Route["method"];
  readonly path: string;
  readonly isOpen?: boolean;
  readonly timeoutMs?: number;
  readonly query: Query;
  readonly body: Body;
  readonly answer: (
    call: Call<z.output<Query>, z.output<Body>>,
  ) => Answer | Refusal | Promise<Answer | Refusal>;
}

/** A route whose query and body are checked before it is asked. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(
  shape: RouteShape<Query, Body>,
): Route {
  return {
    method: shape.method,
    path: shape.path,
    isOpen: shape.isOpen ?? false,
    timeoutMs: shape.timeoutMs,
    query: shape.query,
    body: shape.body,
    answer: async (call) => {
      const query = shape.query.safeParse(call.query);
      const body = shape.body.safeParse(call.body);
      if (query.success && body.success)
        return shape.answer({ ...call, query: query.data, body: body.data });
      const details = [
        ...(query.error === undefined ? [] : complaints(query.error, shape.query, "?")),
        ...(body.error === undefined ? [] : complaints(body.error, shape.body, "")),
      ];
      const [first] = details;
      const more = details.length > 1 ? `, and ${details.length - 1} more` : "";
      return refuse(
        "REQUEST_INVALID",
        `${first?.path ?? ""}: ${first?.message ?? "invalid"}${more}.`,
        { details: details.slice(0, detailsMax) },
      );
    },
  };
}

const detailsMax = 50;

/** All that is wrong, each with its place; unknown names with what may have been meant. */
function complaints(error: z.ZodError, schema: z.ZodType, prefix: string): readonly ErrorDetail[] {
  const known = "shape" in schema ? Object.keys(schema.shape as object) : [];
  return error.issues.flatMap((issue): readonly ErrorDetail[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: `${prefix}${key.slice(0, nameMax)}`,
        message: unknownMessage(key, known),
      }));
    return [{ path: `${prefix}${placeOf(issue.path)}`, message: issue.message }];
  });
}

const nameMax = 100;

function unknownMessage(key: string, known: readonly string[]): string {
  const near = nearMiss(key, known);
  if (near !== undefined) return `there is no such name; did you mean ${near}?`;
  return known.length === 0
    ? "nothing is expected here"
    : `there is no such name, but ${known.join(", ")}`;
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  return place === "" ? "body" : place.replace(/^\./u, "");
}

export function json(value: unknown, status = 200): Answer {
  return jsonText(JSON.stringify(value), status);
}

/** For what is written as JSON already. */
export function jsonText(text: string, status = 200): Answer {
  return { kind: "text", status, type: "application/json; charset=utf-8", text: `${text}\n` };
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
