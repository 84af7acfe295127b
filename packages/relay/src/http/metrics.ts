/**
 * `/metrics` for Prometheus. What the relay knows is read when somebody asks, so that an event costs
 * nothing here; only requests over HTTP are counted as they come.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { z } from "zod";
import type { EventApiErrorCode } from "@trunkline/events";
import type { JournalStatus } from "../journal/journal.ts";
import type { Service, SinkStatus, TrunkStatus } from "../service.ts";
import { gatewayMetrics } from "./gateway-metrics.ts";
import { countTopics } from "./health.ts";
import { route, type Route } from "./route.ts";

export interface Metrics {
  readonly contentType: string;
  /** Everything as text, as it is now. */
  render(): Promise<string>;
  /** A request that was answered; `route` is the path of the route, never what was asked for. */
  countRequest(method: string, route: string, status: number): void;
  /** A request to the Event API that was refused, whose code is one of its table. */
  readonly countRefusal: (code: EventApiErrorCode) => void;
  streamsOpen(count: number): void;
}

/** @param process whether to tell of the process too: its memory, processor time, event loop */
export function createMetrics(service: Service, version: string, process: boolean): Metrics {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: "trunkline_http_requests_total",
    help: "Requests answered over HTTP",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const refusals = new Counter({
    name: "trunkline_gateway_requests_refused_total",
    help: "Requests to the Event API over HTTP that were refused since the start",
    labelNames: ["code"],
    registers,
  });
  const streams = new Gauge({
    name: "trunkline_http_streams",
    help: "Streams of entries that are open",
    registers,
  });
  new Gauge({
    name: "trunkline_build_info",
    help: "Always 1; the version is in the label",
    labelNames: ["version"],
    registers,
  }).set({ version }, 1);
  const readers = [
    journalMetrics(registry),
    trunkMetrics(registry),
    sinkMetrics(registry),
    gatewayMetrics(registry),
  ] satisfies readonly Reader[];
  return {
    contentType: registry.contentType,
    render: () => {
      for (const read of readers) read(service);
      return registry.metrics();
    },
    countRequest: (method, route, status) => requests.inc({ method, route, status }),
    countRefusal: (code) => refusals.inc({ code }),
    streamsOpen: (count) => streams.set(count),
  };
}

export function metricsRoute(metrics: Metrics): Route {
  return route({
    method: "GET",
    path: "/metrics",
    query: z.object({}),
    body: z.undefined(),
    answer: async () => ({
      kind: "text",
      status: 200,
      type: metrics.contentType,
      text: await metrics.render(),
    }),
  });
}

/** Takes what is so now into its metrics. */
type Reader = (service: Service) => void;

function journalMetrics(registry: Registry): Reader {
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `trunkline_journal_${name}`, help, registers });
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `trunkline_journal_${name}`, help, registers });
  const counters: readonly [Counter, (status: JournalStatus) => number][] = [
    [counter("entries_stored_total", "Entries stored since the start"), ({ stored }) => stored],
    [counter("commits_total", "Commits since the start"), ({ commits }) => commits],
  ];
  const gauges: readonly [Gauge, (status: JournalStatus) => number][] = [
    [gauge("head_position", "Position of the newest entry"), ({ head }) => head],
    [gauge("oldest_position", "Position of the oldest entry that is kept"), ({ oldest }) => oldest],
    [gauge("size_bytes", "What the journal takes on disk"), ({ bytes }) => bytes],
    [gauge("waiting_drafts", "Drafts that wait for a commit"), ({ waiting }) => waiting],
    [
      gauge("failing", "1 while nothing can be stored, else 0"),
      ({ failure }) => (failure === undefined ? 0 : 1),
    ],
  ];
  return ({ journal }) => {
    const status = journal.status();
    for (const [metric, read] of counters) {
      metric.reset();
      metric.inc(read(status));
    }
    for (const [metric, read] of gauges) metric.set(read(status));
  };
}

const trunkStates = [
  "starting",
  "live",
  "restoring",
  "failed",
] as const satisfies readonly TrunkStatus["state"][];

function trunkMetrics(registry: Registry): Reader {
  const registers = [registry];
  const topics = new Gauge({
    name: "trunkline_trunk_topics",
    help: "Wanted topics by their state",
    labelNames: ["trunk", "state"],
    registers,
  });
  const states = new Gauge({
    name: "trunkline_trunk_state",
    help: "1 for the state that the trunk is in, else 0",
    labelNames: ["trunk", "state"],
    registers,
  });
  const gaps = new Gauge({
    name: "trunkline_trunk_open_gaps",
    help: "Gaps that are not closed yet",
    labelNames: ["trunk"],
    registers,
  });
  const received = new Counter({
    name: "trunkline_trunk_events_received_total",
    help: "Events received since the start",
    labelNames: ["trunk"],
    registers,
  });
  const maybeDuplicates = new Counter({
    name: "trunkline_maybe_duplicates_total",
    help: "Events received since the start that another session may have brought before",
    labelNames: ["trunk"],
    registers,
  });
  const rotations = new Counter({
    name: "trunkline_rotations_total",
    help: "Sessions replaced since the start: why, and whether by one on another channel",
    labelNames: ["trunk", "reason", "channel"],
    registers,
  });
  const metrics = [topics, states, gaps, received, maybeDuplicates, rotations];
  return (service) => {
    for (const metric of metrics) metric.reset();
    for (const status of service.trunks()) {
      const trunk = status.name;
      for (const [state, count] of Object.entries(countTopics(status)))
        topics.set({ trunk, state }, count);
      for (const state of trunkStates) states.set({ trunk, state }, status.state === state ? 1 : 0);
      gaps.set({ trunk }, status.openGaps);
      received.inc({ trunk }, status.received);
      maybeDuplicates.inc({ trunk }, status.maybeDuplicates);
      for (const { reason, channel, count } of status.rotations)
        rotations.inc({ trunk, reason, channel }, count);
    }
  };
}

const sinkStates = [
  "opening",
  "live",
  "retrying",
  "halted",
  "stopped",
] as const satisfies readonly SinkStatus["state"][];

function sinkMetrics(registry: Registry): Reader {
  const registers = [registry];
  const labelNames = ["sink"];
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `trunkline_sink_${name}`, help, labelNames, registers });
  const position = gauge("position", "Everything up to and including this position is done");
  const behind = gauge("behind_entries", "Entries of the journal that are still to come");
  const deadLetters = gauge("dead_letters", "Entries that the destination refused for good");
  const states = new Gauge({
    name: "trunkline_sink_state",
    help: "1 for the state that the sink is in, else 0",
    labelNames: ["sink", "state"],
    registers,
  });
  const written = new Counter({
    name: "trunkline_sink_entries_written_total",
    help: "Entries written since the start",
    labelNames,
    registers,
  });
  return (service) => {
    for (const metric of [position, behind, deadLetters, states, written]) metric.reset();
    for (const status of service.sinks()) {
      const sink = status.name;
      position.set({ sink }, status.position);
      behind.set({ sink }, status.behind);
      deadLetters.set({ sink }, status.deadLetters);
      written.inc({ sink }, status.written);
      for (const state of sinkStates) states.set({ sink, state }, status.state === state ? 1 : 0);
    }
  };
}
