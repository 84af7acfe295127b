/** Everything that the control API does: what reads the requests is what its document is made of. */
import * as z from "zod";
import type { Cloud } from "../cloud/contract.ts";
import type { Fault } from "../cloud/faults.ts";
import type { LedgerEntry, LedgerQuery } from "../cloud/ledger.ts";
import type { ControlPorts } from "./control-ports.ts";
import { faultNames, faultSchemas, readFault } from "./fault-schema.ts";
import { Refusal } from "./refusal.ts";
import * as replies from "./replies.ts";

const ledgerLimitMax = 10_000;
const ledgerLimitDefault = 100;
const topicsLimitMax = 10_000;
const topicsLimitDefault = 20;
/** Events in one request. */
const eventsMax = 1_000;

interface Call<Query, Body> {
  readonly ports: ControlPorts;
  readonly cloud: Cloud;
  readonly nowMs: number;
  readonly query: Query;
  readonly body: Body;
  /** What stands at `{id}`. */
  readonly id: number;
}

export interface Operation {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/_control`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** Of the body. Absent: none is read. */
  readonly body?: z.ZodType;
  /** The body is no JSON, but text. */
  readonly readsText?: boolean;
  /** Reads the body where the schema's own complaints say too little. */
  readonly read?: (json: unknown) => unknown;
  readonly reply: z.ZodType;
  /** A request that works on a mock that has just started: a query or a body. */
  readonly example?: unknown;
  readonly answer: (call: Call<never, never>) => unknown;
}

function operation<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodType>(
  declared: Omit<Operation, "answer" | "query" | "body"> & {
    readonly query?: Query;
    readonly body?: Body;
    readonly answer: (call: Call<z.output<Query>, z.output<Body>>) => unknown;
  },
): Operation {
  return declared;
}

/** A whole number as it stands in a query. */
function number(minimum: number, maximum: number): z.ZodType<number, string> {
  const error = `expected a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,16}$/u, { error })
    .transform(Number)
    .pipe(z.number().int({ error }).min(minimum, { error }).max(maximum, { error }));
}
const sequence = number(0, Number.MAX_SAFE_INTEGER).describe("Only what came after this one.");
const instant = (which: string): z.ZodType<number, string> =>
  number(0, Number.MAX_SAFE_INTEGER).describe(`Epoch milliseconds, ${which}.`);

const event = z.strictObject(
  {
    topic: z.string({ error: "expected a string" }),
    body: z.record(z.string(), z.unknown(), { error: "expected an object" }),
  },
  {
    error: ({ code }) =>
      code === "invalid_type" ? "expected an object with topic and body" : undefined,
  },
);
const events = z.union([event, z.array(event).min(1).max(eventsMax)]);
const faultList = z.strictObject({ faults: z.array(replies.fault) });
const topicExample = "v2.users.0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10.presence";

export const operations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/state",
    summary: "Everything there is: clients, channels, sockets, faults, scenario, queues, agents.",
    reply: replies.state,
    answer: ({ cloud, ports }) => ({
      ...cloud.state(),
      speed: ports.life().speed,
      faults: cloud.faults.list(),
      scenario: ports.life().director.status(),
      queues: cloud.world.queues,
      agents: cloud.world.agents,
    }),
  }),
  operation({
    method: "GET",
    path: "/channels",
    summary: "Channels, the oldest first.",
    reply: z.strictObject({ channels: z.array(replies.channel) }),
    answer: ({ cloud }) => ({ channels: cloud.state().channels }),
  }),
  operation({
    method: "GET",
    path: "/sockets",
    summary: "Open sockets, the oldest first.",
    reply: z.strictObject({ sockets: z.array(replies.socket) }),
    answer: ({ cloud }) => ({ sockets: cloud.state().sockets }),
  }),
  operation({
    method: "GET",
    path: "/topics",
    summary: "Topics on which events are to be expected, busiest kinds first.",
    query: z.strictObject({
      limit: number(1, topicsLimitMax).describe(`${topicsLimitDefault} unless given.`).optional(),
    }),
    reply: z.strictObject({ topics: z.array(z.string()) }),
    example: { limit: "3" },
    answer: ({ cloud, query }) => ({
      topics: cloud.sampleTopics(query.limit ?? topicsLimitDefault),
    }),
  }),
  operation({
    method: "GET",
    path: "/ledger",
    summary: "Events that were emitted, the oldest first, and what became of each on each channel.",
    query: z.strictObject({
      since: sequence.optional(),
      topic: z.string().optional(),
      fromMs: instant("inclusive").optional(),
      untilMs: instant("exclusive").optional(),
      limit: number(1, ledgerLimitMax).describe(`${ledgerLimitDefault} unless given.`).optional(),
    }),
    reply: replies.page,
    example: { since: "0", limit: "10" },
    answer: ({ cloud, ports, query }) => ({
      ...cloud.ledger.query({ ...given(query), limit: query.limit ?? ledgerLimitDefault }),
      resets: ports.life().resets,
    }),
  }),
  operation({
    method: "GET",
    path: "/history",
    summary: "What happened besides events: sockets, channels, tokens, faults.",
    query: z.strictObject({ since: sequence.optional() }),
    reply: z.strictObject({ history: z.array(replies.happening) }),
    example: { since: "0" },
    answer: ({ cloud, query }) => ({ history: cloud.ledger.history(query.since) }),
  }),
  operation({
    method: "POST",
    path: "/events",
    summary:
      "Publishes one event, or several in their order, to every channel that holds the topic.",
    body: events,
    read: readEvents,
    reply: z.union([replies.entry, z.strictObject({ entries: z.array(replies.entry) })]),
    example: { topic: topicExample, body: { source: "PURECLOUD", primary: true } },
    answer: ({ cloud, body, nowMs }) => {
      const emit = ({ topic, body: json }: z.output<typeof event>): LedgerEntry =>
        cloud.emit(topic, json, nowMs);
      return Array.isArray(body) ? { entries: body.map(emit) } : emit(body);
    },
  }),
  operation({
    method: "GET",
    path: "/faults",
    summary: "Standing faults, the oldest first.",
    reply: faultList,
    answer: ({ cloud }) => ({ faults: cloud.faults.list() }),
  }),
  operation({
    method: "POST",
    path: "/faults",
    summary: "Injects a fault: done at once, or standing until it is used up or cleared.",
    body: z.union(faultNames.map((name) => faultSchemas[name])),
    read: readFaultBody,
    reply: replies.receipt,
    example: { fault: "failRequests", status: 503, count: 1 },
    answer: ({ cloud, body, nowMs }) => {
      if (cloud.faults.list().length >= cloud.settings.faultsMax)
        throw new Refusal("TOO_MANY_FAULTS", "Clear some standing faults first.");
      return cloud.faults.inject(body as unknown as Fault, nowMs);
    },
  }),
  operation({
    method: "DELETE",
    path: "/faults",
    summary: "Ends all standing faults.",
    reply: faultList,
    answer: ({ cloud }) => {
      cloud.faults.clear();
      return { faults: cloud.faults.list() };
    },
  }),
  operation({
    method: "DELETE",
    path: "/faults/{id}",
    summary: "Ends one standing fault.",
    reply: faultList,
    answer: ({ cloud, id }) => {
      if (!cloud.faults.remove(id))
        throw new Refusal("NOT_FOUND", "There is no standing fault of this id.");
      return { faults: cloud.faults.list() };
    },
  }),
  operation({
    method: "GET",
    path: "/scenarios",
    summary: "Names of the scenarios that are built in.",
    reply: z.strictObject({ scenarios: z.array(z.string()) }),
    answer: ({ ports }) => ({ scenarios: ports.builtInScenarios() }),
  }),
  operation({
    method: "GET",
    path: "/scenario",
    summary: "How far the scenario is.",
    reply: replies.scenarioStatus,
    answer: ({ ports }) => ports.life().director.status(),
  }),
  operation({
    method: "POST",
    path: "/scenario",
    summary:
      "Plays a scenario, given as YAML or JSON or by the name of one that is built in, from the first client on; at once where one has been there. One that sets options begins with a reset.",
    query: z.strictObject({ name: z.string().describe("Of one that is built in.").optional() }),
    body: z.string(),
    readsText: true,
    reply: replies.scenarioStatus,
    example: "timeline:\n  - { at: 10s, fault: cutSockets }\n",
    answer: playScenario,
  }),
  operation({
    method: "DELETE",
    path: "/scenario",
    summary: "Ends the scenario, and the faults of it that still stand.",
    reply: replies.scenarioStatus,
    answer: ({ ports }) => {
      const { director } = ports.life();
      director.stop();
      return director.status();
    },
  }),
  operation({
    method: "POST",
    path: "/reset",
    summary: "Cuts every socket and makes the world anew, as it was at the start.",
    reply: z.strictObject({ nowMs: z.number() }),
    answer: ({ ports }) => {
      ports.reset();
      return { nowMs: ports.life().nowMs() };
    },
  }),
];

async function playScenario({
  ports,
  query,
  body,
}: Call<{ readonly name?: string | undefined }, string>): Promise<unknown> {
  const { name } = query;
  if (name === undefined) await ports.play(await ports.parseScenario(body));
  else if (ports.builtInScenarios().includes(name)) await ports.play(name);
  else {
    const names = ports.builtInScenarios().join(", ");
    throw new Refusal("FIELD_INVALID", `expected one of ${names}`, "?name");
  }
  return ports.life().director.status();
}

/** Without the fields that were left out. */
function given(query: {
  readonly [Name in keyof LedgerQuery]: LedgerQuery[Name] | undefined;
}): LedgerQuery {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

function readFaultBody(json: unknown): unknown {
  const read = readFault(json);
  if (read.kind === "invalid") throw new Refusal("FIELD_INVALID", read.message, read.path);
  return read.value;
}

/** A union would only say that nothing fits. */
function readEvents(json: unknown): unknown {
  const schema = Array.isArray(json) ? z.array(event).min(1).max(eventsMax) : event;
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const key = issue?.code === "unrecognized_keys" ? `/${issue.keys[0] ?? ""}` : "";
  const path = (issue?.path ?? []).map((step) => `/${String(step)}`).join("");
  const message = key === "" ? (issue?.message ?? "invalid") : "there is no such field";
  throw new Refusal("FIELD_INVALID", message, path + key);
}
