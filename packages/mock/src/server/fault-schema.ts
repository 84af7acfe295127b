/**
 * What a fault looks like as JSON: one schema that reads faults from the control API and from scenarios, and of which
 * their documentation is made. Strict: an unknown field or a wrong type is refused with its place and what was expected.
 */
import * as z from "zod";
import { garbageKinds, type Fault, type FaultName } from "../cloud/faults.ts";
import { isSendableCloseCode } from "./close-code.ts";
import { faultTexts, fieldTexts } from "./fault-texts.ts";

export type ReadResult<Value> =
  | { readonly kind: "read"; readonly value: Value }
  | {
      readonly kind: "invalid";
      /** JSON pointer of the offending field (RFC 6901). */
      readonly path: string;
      readonly message: string;
    };

const dayMs = 86_400_000;
const yearMs = 366 * dayMs;
const hugeBytesMax = 64 * 1024 * 1024;

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
const shareError = { error: "expected a number above 0, up to 1" };
const share = z.number(shareError).gt(0, shareError).max(1, shareError);
const id = whole(1, Number.MAX_SAFE_INTEGER);
const shiftMs = whole(-yearMs, yearMs);
const oneOf = (values: readonly string[]): z.ZodType =>
  z.enum([...values], { error: `expected one of ${values.join(", ")}` });

const socketTarget = { socketId: id.optional(), channelId: text.optional() };
const requestTarget = { method: text.optional(), path: text.optional() };
const tokenTarget = {
  tokenId: id.optional(),
  channelId: text.optional(),
  clientId: text.optional(),
};
const times = { count: whole(1, 1_000_000).optional(), share: share.optional() };
const latency = { ms: whole(0, dayMs), jitterMs: whole(0, dayMs).optional() };
const eventTarget = { ...socketTarget, topic: text.optional(), ...times };

/** The fields of each fault besides its name. */
const shapes = {
  silence: socketTarget,
  halfOpen: socketTarget,
  stopHeartbeats: socketTarget,
  ignorePings: socketTarget,
  delayFrames: { ...socketTarget, ...latency, ...times },
  fragmentFrames: { ...socketTarget, fragments: whole(2, 1000), ...times },
  dropFrames: eventTarget,
  duplicateFrames: eventTarget,
  reorderFrames: eventTarget,
  truncateFrames: eventTarget,
  refuseUpgrades: {
    channelId: text.optional(),
    status: whole(300, 599).optional(),
    headers: headers.optional(),
    body: text.optional(),
    ...times,
  },
  cutUpgrades: { channelId: text.optional(), ...times },
  failRequests: {
    ...requestTarget,
    status: whole(200, 599),
    code: text.optional(),
    retryAfterSeconds: whole(0, 86_400).optional(),
    headers: headers.optional(),
    body: text.optional(),
    ...times,
  },
  cutRequests: { ...requestTarget, when: oneOf(["before", "after"]).optional(), ...times },
  delayRequests: { ...requestTarget, ...latency, ...times },
  shiftDate: { ms: shiftMs },
  shiftClaims: { nbfMs: shiftMs.optional(), expMs: shiftMs.optional() },

  cutSockets: socketTarget,
  closeSockets: { ...socketTarget, code: closeCode, reason: text.optional() },
  announceClosing: { ...socketTarget, graceMs: whole(0, dayMs).optional() },
  dropChannel: { channelId: text },
  evictChannel: { channelId: text },
  expireChannel: { channelId: text },
  revokeToken: tokenTarget,
  expireToken: tokenTarget,
  disableClient: { clientId: text },
  enableClient: { clientId: text },
  sendText: { ...socketTarget, text },
  sendGarbage: { ...socketTarget, kind: oneOf(garbageKinds).optional() },
  sendHuge: { ...socketTarget, bytes: whole(1, hugeBytesMax), topic: text.optional() },
  burst: { events: whole(1, 100_000), topic: text.optional() },
  publish: { topic: text, body: object },
} as const satisfies Record<FaultName, z.ZodRawShape>;

/** Names of all faults, in the order in which they are documented: those that stand, then those that are done at once. */
export const faultNames = Object.keys(shapes) as readonly FaultName[];

/** The schema of each fault, its name included, by name; each and every field has a description. */
export const faultSchemas = Object.fromEntries(
  faultNames.map((name) => {
    const fields = Object.entries(shapes[name] as z.ZodRawShape).map(([field, schema]) => [
      field,
      (schema as z.ZodType).describe(fieldText(name, field)),
    ]);
    const shape = { fault: z.literal(name), ...Object.fromEntries(fields) } as z.ZodRawShape;
    return [name, z.strictObject(shape).describe(faultTexts[name].text)];
  }),
) as unknown as Readonly<Record<FaultName, z.ZodObject>>;

/** A fault and its fields in words, for help, OpenAPI and documents. */
export interface FaultDescription {
  readonly text: string;
  /** Whether it holds until cleared, or is done at once. */
  readonly kind: "standing" | "immediate";
  readonly fields: Readonly<Record<string, { readonly text: string; readonly required: boolean }>>;
}

/** All faults in words, by name, in the order in which they are documented. */
export const faultDescriptions = Object.fromEntries(
  faultNames.map((name) => {
    const fields = Object.entries(shapes[name] as z.ZodRawShape).map(([field, schema]) => [
      field,
      { text: fieldText(name, field), required: !(schema as z.ZodType).isOptional() },
    ]);
    return [name, { ...faultTexts[name], fields: Object.fromEntries(fields) }];
  }),
) as Readonly<Record<FaultName, FaultDescription>>;

function fieldText(name: FaultName, field: string): string {
  return fieldTexts[`${name}.${field}`] ?? fieldTexts[field] ?? "";
}

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
