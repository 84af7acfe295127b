/** Standing subscriptions and durable consumers over HTTP. */
import {
  plan,
  readSubscription,
  type LineSetup,
  type Notice,
  type Organisation,
  type Plan,
  type Subscription,
} from "@trunkline/events";
import type { EventApiAnswer, EventApiCall, EventApiRoute } from "../../http/event-api.ts";
import { formatCursor } from "../../journal/cursor.ts";
import type { Journal } from "../../journal/journal.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Access, Grant } from "../grant.ts";
import { jsonPaths } from "../json-paths.ts";
import { namedTopicsMax } from "../limits.ts";
import { positionOf } from "../position.ts";
import { mustBeServed, mustRead } from "../rights.ts";
import { bearerOf, grantFor } from "../upgrade.ts";
import type { Consumers } from "./consumers.ts";
import type { Standing, StandingSubscriptions } from "./subscriptions.ts";

/** What is known of a trunk, to plan by. */
export interface PlannedTrunk {
  readonly name: string;
  readonly organisation: Organisation;
  /** Whether all is known that the plan of a subscription is made of. */
  readonly isListed: (subscription: Subscription) => boolean;
  readonly setup: LineSetup;
}

export interface StandingRoutesPorts {
  readonly access: Access;
  readonly journal: Pick<Journal, "id" | "head">;
  readonly standing: StandingSubscriptions;
  readonly consumers: Consumers;
  readonly trunks: () => readonly PlannedTrunk[];
  readonly openStream: (call: EventApiCall) => Promise<EventApiAnswer>;
}

/** What a subscription asks of Genesys Cloud by one trunk. */
export interface PlanReply extends Omit<Plan, "groups"> {
  readonly trunk: string;
  /** False while parts of the organisation have not been listed: costs are too low then. */
  readonly isComplete: boolean;
  /** `topics`: at most a hundred of `topicCount`. */
  readonly groups: readonly (Plan["groups"][number] & { readonly topicCount: number })[];
}

/** A standing subscription, as its client is told. */
export interface StandingReply {
  readonly id: string;
  /** For a WebSocket. It names where to begin: after a break say `since` anew, by the last cursor that came. */
  readonly connectUri: string;
  /** For Server-Sent Events. */
  readonly streamUri: string;
  /** ISO 8601; null while somebody reads it. */
  readonly expires: string | null;
  /** Canonical names. */
  readonly eventTypes: readonly string[];
  readonly plan: readonly PlanReply[];
}

const path = "/api/v2/analytics/events";

export function standingRoutes(ports: StandingRoutesPorts): readonly EventApiRoute[] {
  const { access, journal, standing, consumers } = ports;
  const grantOf = async ({ authorization, query }: EventApiCall): Promise<Grant> => {
    const grant = await grantFor(bearerOf(authorization) ?? one(query["access_token"]), access);
    if (grant !== undefined) return grant;
    throw new GatewayError("TOKEN_MISSING", "The request carries no token.");
  };
  const plansOf = (
    subscription: Subscription,
    { trunks }: Pick<Grant, "trunks">,
  ): readonly PlanReply[] =>
    ports
      .trunks()
      .filter(({ name }) => trunks === undefined || trunks.includes(name))
      .map((trunk) => planReply(subscription, trunk));
  const replyOf = (one: Standing, call: EventApiCall): StandingReply => {
    const since = one.since === null ? "" : `?since=${encodeURIComponent(one.since)}`;
    const { host, isSecure } = call;
    return {
      id: one.id,
      connectUri: `${isSecure ? "wss" : "ws"}://${host}${path}/${one.id}${since}`,
      streamUri: `${isSecure ? "https" : "http"}://${host}${path}/${one.id}/stream${since}`,
      expires: one.expiresMs === null ? null : new Date(one.expiresMs).toISOString(),
      eventTypes: one.subscription.eventTypes,
      plan: plansOf(one.subscription, { trunks: one.trunks ?? undefined }),
    };
  };
  const subscribe = async (call: EventApiCall): Promise<EventApiAnswer> => {
    const grant = await grantOf(call);
    const isDry = isDryRun(call.query["dryRun"]);
    const { subscription, since, notices } = read(call.body);
    mustBeServed(subscription);
    mustRead(subscription, grant);
    const cursor = formatCursor(journal.id, positionOf(since, journal));
    if (isDry)
      return { value: { valid: true, subscription, notices, plan: plansOf(subscription, grant) } };
    const written = subscription.eventTypes;
    const made = await standing.add({ subscription, written }, cursor, grant);
    return { status: 201, value: { ...replyOf(made, call), cursor, notices } };
  };
  return [
    { method: "POST", path, answer: subscribe },
    {
      method: "GET",
      path: `${path}/:id`,
      answer: async (call) => {
        const { clientId } = await grantOf(call);
        return { value: replyOf(standing.get(call.names["id"] ?? "", clientId), call) };
      },
    },
    {
      method: "DELETE",
      path: `${path}/:id`,
      answer: async (call) => {
        const { clientId } = await grantOf(call);
        const id = call.names["id"] ?? "";
        await standing.remove(id, clientId);
        return { value: { removed: id } };
      },
    },
    { method: "GET", path: `${path}/:id/stream`, isStream: true, answer: ports.openStream },
    {
      method: "GET",
      path: `${path}/consumers`,
      answer: async (call) => {
        const { clientId } = await grantOf(call);
        const { id, head } = journal;
        const known = await consumers.list(clientId);
        return {
          value: {
            consumers: known.map(({ name, position, isTaken }) => ({
              name,
              cursor: formatCursor(id, position),
              behind: Math.max(0, head - position),
              connected: isTaken,
            })),
          },
        };
      },
    },
    {
      method: "DELETE",
      path: `${path}/consumers/:name`,
      answer: async (call) => {
        const { clientId } = await grantOf(call);
        const name = call.names["name"] ?? "";
        await consumers.remove(clientId, name);
        return { value: { removed: name } };
      },
    },
  ];
}

/** @throws GatewayError with everything that is wrong */
function read(body: string): {
  readonly subscription: Subscription;
  readonly since: string | undefined;
  readonly notices: readonly Notice[];
} {
  const reading = readSubscription(body, { jsonPaths });
  if (reading.subscription !== undefined) return reading;
  const [first] = reading.complaints;
  throw new GatewayError(
    first?.code ?? "JSON_INVALID",
    first?.message ?? "The body is no subscription.",
    {
      details: reading.complaints,
    },
  );
}

function planReply(subscription: Subscription, trunk: PlannedTrunk): PlanReply {
  const { groups, ...costs } = plan(subscription, trunk.organisation, trunk.setup);
  return {
    trunk: trunk.name,
    isComplete: trunk.isListed(subscription),
    ...costs,
    groups: groups.map((group) => ({
      ...group,
      topicCount: group.topics.length,
      topics: group.topics.slice(0, namedTopicsMax),
    })),
  };
}

/** @throws GatewayError FIELD_INVALID */
function isDryRun(written: string | readonly string[] | undefined): boolean {
  if (written === undefined || written === "false") return false;
  if (written === "true" || written === "") return true;
  throw new GatewayError("FIELD_INVALID", "dryRun can be true or false.");
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
