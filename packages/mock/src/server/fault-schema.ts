/**
 * What a fault looks like as JSON: one schema that reads faults from the control API and from scenarios, and of which
 * their documentation is made. Strict: an unknown field or a wrong type is refused with its place and what was expected.
 */
import * as z from "zod";
import type { Fault, FaultName } from "../cloud/faults.ts";

export type ReadResult<Value> =
  | { readonly kind: "read"; readonly value: Value }
  | {
      readonly kind: "invalid";
      /** JSON pointer of the offending field (RFC 6901). */
      readonly path: string;
      readonly message: string;
    };

/** 1004 to 1006 are reserved and never on the wire (RFC 6455, 7.4). */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (
    (code >= 1000 && code <= 1003) ||
    (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999)
  );
}

const whole = (minimum: number, maximum: number): z.ZodNumber => {
  const error = `expected a whole number from ${minimum} to ${maximum}`;
  return z.number({ error }).int({ error }).min(minimum, { error }).max(maximum, { error });
};
const text = z.string({ error: "expected a string" });
const object = z.record(z.string(), z.unknown(), { error: "expected an object" });
const headersError = { error: "expected an object of header values without line breaks" };
const headers = z.record(
  z.string().regex(/^[A-Za-z0-9-]+$/u, headersError),
  z.string(headersError).regex(/^[^\r\n\0]*$/u, headersError),
  headersError,
);
const closeCode = z.number({ error: "expected a close code" }).refine(isSendableCloseCode, {
  error: "expected a close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999",
});

const socketTarget = {
  socketId: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  channelId: text.optional(),
};
const requestTarget = { method: text.optional(), path: text.optional() };
const times = { count: whole(1, 1_000_000).optional() };

/** The fields of each fault besides its name. */
const shapes = {
  refuseUpgrades: {
    ...times,
    channelId: text.optional(),
    status: whole(300, 599).optional(),
    headers: headers.optional(),
    body: text.optional(),
  },
  cutUpgrades: { ...times, channelId: text.optional() },
  silence: socketTarget,
  stopHeartbeats: socketTarget,
  ignorePings: socketTarget,
  failRequests: {
    ...times,
    ...requestTarget,
    status: whole(200, 599),
    code: text.optional(),
    retryAfterSeconds: whole(0, 86_400).optional(),
    headers: headers.optional(),
    body: text.optional(),
  },
  cutRequests: {
    ...times,
    ...requestTarget,
    when: z.enum(["before", "after"], { error: 'expected "before" or "after"' }).optional(),
  },
  cutSockets: socketTarget,
  closeSockets: { ...socketTarget, code: closeCode, reason: text.optional() },
  announceClosing: socketTarget,
  dropChannel: { channelId: text },
  revokeToken: {
    tokenId: whole(1, Number.MAX_SAFE_INTEGER).optional(),
    channelId: text.optional(),
    clientId: text.optional(),
  },
  disableClient: { clientId: text },
  enableClient: { clientId: text },
  sendText: { ...socketTarget, text },
  publish: { topic: text, body: object },
} as const satisfies Record<FaultName, z.ZodRawShape>;

/** Names of all faults, in the order in which they are documented. */
export const faultNames = Object.keys(shapes) as readonly FaultName[];

/** The schema of each fault, its name included, by name. */
export const faultSchemas = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    z.strictObject({ fault: z.literal(name), ...shape }),
  ]),
) as unknown as Readonly<Record<FaultName, z.ZodObject>>;

export function readFault(json: unknown): ReadResult<Fault> {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return invalid("", "expected an object with a fault and its parameters");
  const name = "fault" in json ? json.fault : undefined;
  if (!isFaultName(name)) return invalid("/fault", `expected one of ${faultNames.join(", ")}`);
  const { success, data, error } = faultSchemas[name].safeParse(json);
  if (success) return { kind: "read", value: data as unknown as Fault };
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys")
    return invalid(pointer([...issue.path, issue.keys[0] ?? ""]), `${name} has no such field`);
  // A header is complained about as a whole.
  const path = issue?.path.slice(0, 1) ?? [];
  const missing = path[0] !== undefined && !Object.hasOwn(json, path[0]);
  return invalid(pointer(path), `${missing ? "missing; " : ""}${issue?.message ?? "invalid"}`);
}

function invalid(path: string, message: string): ReadResult<Fault> {
  return { kind: "invalid", path, message };
}

export function pointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

function isFaultName(name: unknown): name is FaultName {
  return typeof name === "string" && Object.hasOwn(shapes, name);
}
