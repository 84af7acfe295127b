/**
 * The control API: what the mock did and is to do, as JSON over HTTP, under `/_control`.
 * It can do harm, so it answers only to this machine: a foreign Origin or a Host that is no loopback name is refused.
 */
import type { Cloud, CloudRequest, CloudResponse } from "../cloud/contract.ts";
import type { LedgerQuery } from "../cloud/ledger.ts";
import { splitPath } from "../cloud/router.ts";
import { readFault } from "./fault-schema.ts";
import { isLoopbackHost } from "./host.ts";

export const controlPath = "/_control";

const ledgerLimitDefault = 100;
const ledgerLimitMax = 10_000;
const topicsLimitDefault = 20;

const codes = {
  HOST_FORBIDDEN: 403,
  ORIGIN_FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  FIELD_INVALID: 400,
  JSON_INVALID: 400,
  TOO_MANY_FAULTS: 409,
} as const;

type ControlErrorCode = keyof typeof codes;

function answer(status: number, json: unknown): CloudResponse {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: `${JSON.stringify(json)}\n`,
  };
}

function refuse(code: ControlErrorCode, message: string, path?: string): CloudResponse {
  return answer(codes[code], {
    error: { code, message, ...(path === undefined ? {} : { path }) },
  });
}

/** Answers one request below `/_control`. `hosts` are Host headers allowed besides loopback names. */
export function control(
  cloud: Cloud,
  request: CloudRequest,
  options: { readonly nowMs: number; readonly hosts: readonly string[] },
): CloudResponse {
  const { nowMs, hosts } = options;
  const host = request.headers["host"] ?? "";
  if (!isLoopbackHost(host) && !hosts.includes(host))
    return refuse("HOST_FORBIDDEN", "The control API answers only to loopback host names.");
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return refuse("ORIGIN_FORBIDDEN", "The control API does not answer to other web pages.");

  cloud.wake(nowMs);
  const { path, query } = splitPath(request.path.slice(controlPath.length) || "/");
  const resource = resources.find(({ pattern }) => pattern.test(path));
  if (resource === undefined)
    return refuse(
      "NOT_FOUND",
      "There is /state, /ledger, /history, /channels, /sockets, /topics, /faults and /events.",
    );
  const run = resource.methods[request.method.toUpperCase()];
  if (run === undefined)
    return refuse("METHOD_NOT_ALLOWED", `Allowed: ${Object.keys(resource.methods).join(", ")}.`);
  let json: unknown;
  try {
    json = request.body === "" ? undefined : JSON.parse(request.body);
  } catch {
    return refuse("JSON_INVALID", "The body is not valid JSON.");
  }
  return run({ cloud, path, query, json, nowMs });
}

interface ControlCall {
  readonly cloud: Cloud;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly json: unknown;
  readonly nowMs: number;
}

interface Resource {
  readonly pattern: RegExp;
  readonly methods: Readonly<Record<string, (call: ControlCall) => CloudResponse>>;
}

const resources: readonly Resource[] = [
  {
    pattern: /^\/state$/u,
    methods: {
      GET: ({ cloud }) =>
        answer(200, {
          ...cloud.state(),
          faults: cloud.faults.list(),
          queues: cloud.world.queues,
          agents: cloud.world.agents,
        }),
    },
  },
  { pattern: /^\/ledger$/u, methods: { GET: getLedger } },
  { pattern: /^\/history$/u, methods: { GET: getHistory } },
  {
    pattern: /^\/channels$/u,
    methods: { GET: ({ cloud }) => answer(200, { channels: cloud.state().channels }) },
  },
  {
    pattern: /^\/sockets$/u,
    methods: { GET: ({ cloud }) => answer(200, { sockets: cloud.state().sockets }) },
  },
  { pattern: /^\/topics$/u, methods: { GET: getTopics } },
  {
    pattern: /^\/faults$/u,
    methods: {
      GET: ({ cloud }) => answer(200, { faults: cloud.faults.list() }),
      POST: ({ cloud, json, nowMs }) => injectFault(cloud, json, nowMs),
      DELETE: ({ cloud }) => {
        cloud.faults.clear();
        return answer(200, { faults: [] });
      },
    },
  },
  {
    pattern: /^\/faults\/\d{1,15}$/u,
    methods: {
      DELETE: ({ cloud, path }) =>
        cloud.faults.remove(Number(path.split("/")[2]))
          ? answer(200, { faults: cloud.faults.list() })
          : refuse("NOT_FOUND", "There is no standing fault of this id."),
    },
  },
  { pattern: /^\/events$/u, methods: { POST: postEvent } },
];

function injectFault(cloud: Cloud, json: unknown, nowMs: number): CloudResponse {
  const read = readFault(json);
  if (read.kind === "invalid") return refuse("FIELD_INVALID", read.message, read.path);
  if (cloud.faults.list().length >= cloud.settings.faultsMax)
    return refuse("TOO_MANY_FAULTS", "Clear some standing faults first.");
  return answer(200, cloud.faults.inject(read.value, nowMs));
}

/** Publishes `{topic, body}` and answers with its place in the ledger. */
function postEvent({ cloud, json, nowMs }: ControlCall): CloudResponse {
  const wrapped = typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
  const read = readFault({ ...wrapped, fault: "publish" });
  if (read.kind === "invalid") return refuse("FIELD_INVALID", read.message, read.path);
  if (read.value.fault !== "publish") return refuse("FIELD_INVALID", "expected an event", "");
  return answer(200, cloud.emit(read.value.topic, read.value.body, nowMs));
}

function getLedger({ cloud, query }: ControlCall): CloudResponse {
  const numbers = readNumbers(query, ["since", "fromMs", "untilMs", "limit"], ["topic"]);
  if ("status" in numbers) return numbers;
  const { limit = ledgerLimitDefault } = numbers;
  if (limit < 1 || limit > ledgerLimitMax)
    return refuse("FIELD_INVALID", `expected a whole number from 1 to ${ledgerLimitMax}`, "?limit");
  const topic = query.get("topic");
  const wanted: LedgerQuery = { ...numbers, limit, ...(topic === null ? {} : { topic }) };
  return answer(200, cloud.ledger.query(wanted));
}

function getHistory({ cloud, query }: ControlCall): CloudResponse {
  const numbers = readNumbers(query, ["since"], []);
  if ("status" in numbers) return numbers;
  return answer(200, { history: cloud.ledger.history(numbers.since) });
}

function getTopics({ cloud, query }: ControlCall): CloudResponse {
  const numbers = readNumbers(query, ["limit"], []);
  if ("status" in numbers) return numbers;
  return answer(200, { topics: cloud.sampleTopics(numbers.limit ?? topicsLimitDefault) });
}

function readNumbers<Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
  others: readonly string[],
): Partial<Record<Name, number>> | CloudResponse {
  const numbers: Partial<Record<Name, number>> = {};
  for (const [key, value] of query) {
    if (others.includes(key)) continue;
    const name = names.find((candidate) => candidate === key);
    if (name === undefined) return refuse("FIELD_INVALID", "no such parameter", `?${key}`);
    if (!/^\d{1,15}$/u.test(value))
      return refuse("FIELD_INVALID", "expected a whole number", `?${key}`);
    numbers[name] = Number(value);
  }
  return numbers;
}
