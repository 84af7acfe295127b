/** The REST that goes with notifications: what a client fetches to begin with, and to fill a gap (GENESYS.md 3.7). */
import type { Records } from "../../centre/records.ts";
import type { World } from "../../centre/world.ts";
import type { Reply } from "../reply.ts";
import type { Exchange, Route } from "../router.ts";
import type { Settings } from "../settings.ts";
import { conversationsActivity, routingActivities } from "./activity.ts";
import { getConversation, listConversations } from "./conversations.ts";
import {
  detailsSchema,
  getDetails,
  listDetails,
  queryDetails,
  type DetailsSchema,
} from "./details.ts";
import { observeQueues, observeUsers } from "./observations.ts";
import type { Published } from "./published.ts";
import * as queues from "./queues.ts";
import { queryUserDetails, userDetailsSchema, type UserDetailsSchema } from "./user-details.ts";
import * as users from "./users.ts";

/** What the answers are made of: facts, never the texts of events, but for those published by hand. */
export interface RestPorts {
  readonly world: World;
  readonly records: Records;
  readonly published: Published;
  readonly settings: Settings;
}

type Answer = (exchange: Exchange, ports: RestPorts) => Reply;

const queueView = [
  "routing:queue:view",
  "routing:queue:edit",
  "routing:queue:readonly",
  "routing:queueMember:manage",
];
const detailView = ["analytics:conversationDetail:view", "analytics:agentConversationDetail:view"];
const observationView = ["analytics:queueObservation:view"];

export function restRoutes(ports: RestPorts): Route[] {
  // Made when first needed: a schema takes longer to make than the rest of a cloud.
  let details: DetailsSchema | undefined;
  let userDetails: UserDetailsSchema | undefined;
  const route =
    (method: "GET" | "POST") =>
    (path: string, answer: Answer, any: readonly string[] = []): Route => ({
      method,
      path: `/api/v2/${path}`,
      reads: method === "POST",
      ...(any.length > 0 && { permissions: { any } }),
      answer: (exchange) => answer(exchange, ports),
    });
  const get = route("GET");
  const post = route("POST");
  return [
    get("routing/queues", queues.listQueues, ["routing:queue:view"]),
    get("routing/queues/*", queues.getQueue, queueView),
    get("routing/queues/*/members", queues.listMembers, queueView),
    get("routing/wrapupcodes", queues.listWrapupCodes, ["routing:wrapupCode:view"]),
    get("authorization/divisions", queues.listDivisions),
    get("users", users.listUsers),
    get("users/query", users.queryUsers, ["directory:user:view"]),
    get("users/presences/purecloud/bulk", users.listPresences),
    get("users/*", users.getUser),
    get("users/*/presences/purecloud", users.getPresence),
    get("users/*/routingstatus", users.getRoutingStatus),
    get("users/*/station", users.getStation, ["telephony:otherStationAssociation:view"]),
    get("presence/definitions", users.listPresenceDefinitions),
    get("presencedefinitions", users.listOrganizationPresences),
    get("conversations", listConversations),
    get("conversations/*", getConversation, ["conversation:communication:view"]),
    get("analytics/conversations/details", listDetails, detailView),
    get("analytics/conversations/*/details", getDetails, detailView),
    post(
      "analytics/conversations/details/query",
      (exchange) => queryDetails((details ??= detailsSchema(ports.settings)), exchange, ports),
      detailView,
    ),
    post(
      "analytics/users/details/query",
      (exchange) =>
        queryUserDetails((userDetails ??= userDetailsSchema(ports.settings)), exchange, ports),
      ["analytics:userDetail:view"],
    ),
    post("analytics/queues/observations/query", observeQueues, observationView),
    post("analytics/users/observations/query", observeUsers, ["analytics:userObservation:view"]),
    post("analytics/conversations/activity/query", conversationsActivity, observationView),
    post("analytics/routing/activity/query", routingActivities, observationView),
  ];
}
