/**
 * Reads faults that came as JSON. Strict: an unknown field or a wrong type is refused with the place and what was expected.
 */
import type { Fault, FaultName } from "../cloud/faults.ts";

export type ReadResult<Value> =
  | { readonly kind: "read"; readonly value: Value }
  | {
      readonly kind: "invalid";
      /** JSON pointer of the offending field. */
      readonly path: string;
      readonly message: string;
    };

interface Check {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const whole = (minimum: number, maximum: number): Check => ({
  expected: `a whole number from ${minimum} to ${maximum}`,
  holds: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum,
});
const text: Check = { expected: "a string", holds: (value) => typeof value === "string" };
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const object: Check = { expected: "an object", holds: isObject };
const headers: Check = {
  expected: "an object of header values without line breaks",
  holds: (value) =>
    isObject(value) &&
    Object.entries(value).every(
      ([name, header]) =>
        /^[A-Za-z0-9-]+$/u.test(name) && typeof header === "string" && !/[\r\n\0]/u.test(header),
    ),
};
/** Codes that may be sent in a close frame (RFC 6455, 7.4). */
const closeCode: Check = {
  expected: "a close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999",
  holds: (value) => typeof value === "number" && isSendableCloseCode(value),
};
const when: Check = {
  expected: '"before" or "after"',
  holds: (value) => value === "before" || value === "after",
};

/** 1004 to 1006 are reserved and never on the wire. */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (
    (code >= 1000 && code <= 1003) ||
    (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999)
  );
}

const target = { socketId: whole(1, Number.MAX_SAFE_INTEGER), channelId: text };
const requests = { method: text, path: text };
const times = { count: whole(1, 1_000_000) };
const status = whole(200, 599);

interface Shape {
  readonly required?: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
}

const shapes = {
  refuseUpgrades: {
    optional: { ...times, channelId: text, status: whole(300, 599), headers, body: text },
  },
  cutUpgrades: { optional: { ...times, channelId: text } },
  silence: { optional: target },
  stopHeartbeats: { optional: target },
  ignorePings: { optional: target },
  failRequests: {
    required: { status },
    optional: {
      ...times,
      ...requests,
      code: text,
      retryAfterSeconds: whole(0, 86_400),
      headers,
      body: text,
    },
  },
  cutRequests: { optional: { ...times, ...requests, when } },
  cutSockets: { optional: target },
  closeSockets: { required: { code: closeCode }, optional: { ...target, reason: text } },
  announceClosing: { optional: target },
  dropChannel: { required: { channelId: text } },
  revokeToken: {
    optional: { tokenId: whole(1, Number.MAX_SAFE_INTEGER), channelId: text, clientId: text },
  },
  disableClient: { required: { clientId: text } },
  enableClient: { required: { clientId: text } },
  sendText: { required: { text }, optional: target },
  publish: { required: { topic: text, body: object } },
} as const satisfies Record<FaultName, Shape>;

function invalid(path: string, message: string): ReadResult<Fault> {
  return { kind: "invalid", path, message };
}

export function readFault(json: unknown): ReadResult<Fault> {
  if (!isObject(json)) return invalid("", "expected an object with a fault and its parameters");
  const name = "fault" in json ? json.fault : undefined;
  if (!isFaultName(name))
    return invalid("/fault", `expected one of ${Object.keys(shapes).join(", ")}`);
  const shape: Shape = shapes[name];
  const checks = new Map(Object.entries({ ...shape.required, ...shape.optional }));
  for (const [field, value] of Object.entries(json)) {
    if (field === "fault") continue;
    const check = checks.get(field);
    if (check === undefined) return invalid(pointer(field), `${name} has no such field`);
    if (!check.holds(value)) return invalid(pointer(field), `expected ${check.expected}`);
  }
  for (const [field, check] of Object.entries(shape.required ?? {})) {
    if (!(field in json)) return invalid(`/${field}`, `missing; expected ${check.expected}`);
  }
  return isFault(json)
    ? { kind: "read", value: json }
    : invalid("", "expected an object with a fault and its parameters");
}

/** A JSON pointer to a field of the root (RFC 6901). */
function pointer(field: string): string {
  return `/${field.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function isFaultName(name: unknown): name is FaultName {
  return typeof name === "string" && Object.hasOwn(shapes, name);
}

/** Every field has been checked against the shape of its fault. */
function isFault(json: object): json is Fault {
  return "fault" in json && isFaultName(json.fault);
}
