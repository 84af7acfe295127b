/** Metrics of the Event API: its subscribers as they are when somebody asks, and what was counted since the start. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { GatewayStatus } from "../gateway/status.ts";
import type { Service } from "../service.ts";

/** Takes what is so now into the metrics; where the Event API is not served, nobody is there and nothing counted. */
export function gatewayMetrics(registry: Registry): (service: Service) => void {
  const registers = [registry];
  const gauge = <Label extends string>(
    name: string,
    help: string,
    ...labelNames: Label[]
  ): Gauge<Label> => new Gauge({ name: `trunkline_gateway_${name}`, help, labelNames, registers });
  const counter = <Label extends string>(
    name: string,
    help: string,
    ...labelNames: Label[]
  ): Counter<Label> =>
    new Counter({ name: `trunkline_gateway_${name}`, help, labelNames, registers });
  const connections = gauge("connections", "Connections that are open", "kind");
  const subscriptions = gauge("subscriptions", "Subscriptions on open connections");
  const lagging = gauge(
    "lagging_subscriptions",
    "Subscriptions that read more slowly than entries come",
  );
  const behind = gauge(
    "behind_entries",
    "Entries between the newest and the subscription that is furthest behind",
  );
  const shapes = gauge("shapes", "Subscriptions that differ, each filtered and written once");
  const sent = counter("messages_sent_total", "Messages sent since the start");
  const received = counter("messages_received_total", "Messages received since the start");
  const refusals = counter(
    "refusals_total",
    "Refused since the start: where, why",
    "place",
    "code",
  );
  const closes = counter(
    "closes_total",
    "Connections that have ended since the start: why we closed it, or peer",
    "code",
  );
  const all = [connections, subscriptions, lagging, behind, shapes, sent, received];
  return (service) => {
    for (const metric of [...all, refusals, closes]) metric.reset();
    const status = service.gateway();
    if (status === undefined) return;
    const sum = (of: "subscriptions" | "lagging"): number =>
      status.connections.reduce((total, connection) => total + connection[of], 0);
    for (const kind of ["socket", "stream"] as const)
      connections.set({ kind }, status.connections.filter((each) => each.kind === kind).length);
    subscriptions.set(sum("subscriptions"));
    lagging.set(sum("lagging"));
    behind.set(furthestBehind(status, service.journal.head));
    shapes.set(status.shapes);
    sent.inc(status.sent);
    received.inc(status.received);
    for (const { place, code, count } of status.refusals) refusals.inc({ place, code }, count);
    for (const { code = "peer", count } of status.closes) closes.inc({ code }, count);
  };
}

function furthestBehind({ connections }: GatewayStatus, head: number): number {
  return connections.reduce(
    (most, { position = head }) => Math.max(most, behindOf(position, head)),
    0,
  );
}

/** A reader may be ahead of what a page of the journal has told. */
export function behindOf(position: number, head: number): number {
  return Math.max(0, head - position);
}
