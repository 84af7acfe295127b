/** Permissions that Genesys Cloud asks for topics and listings. */

export interface PermissionNeed {
  /** One of these. Empty where none is asked for. */
  readonly anyOf: readonly string[];
  /** The topic's template, or the call, that asks for it. */
  readonly for: string;
  /** `official`: said by Genesys; `inferred`: that of the REST call with the same data; `unknown`: nobody says. */
  readonly certainty: "official" | "inferred" | "unknown";
}

const viewConversations = ["conversation:communication:view"];
const viewQueues = ["routing:queue:view"];
const viewMembers = [
  "routing:queue:view",
  "routing:queue:edit",
  "routing:queue:readonly",
  "routing:queueMember:manage",
];

/**
 * Sources: observations: Genesys staff in the developer forum, 2020; all others: the permission of the REST call that shows the same
 * (official JavaScript SDK documentation), hence inferred.
 */
const topics: Readonly<Record<string, Omit<PermissionNeed, "for">>> = {
  "v2.routing.queues.{id}.conversations": { anyOf: viewConversations, certainty: "inferred" },
  "v2.users.{id}.conversations": { anyOf: viewConversations, certainty: "inferred" },
  "v2.routing.queues.{id}.users": { anyOf: viewMembers, certainty: "inferred" },
  "v2.analytics.queues.{id}.observations": {
    anyOf: ["analytics:queueObservation:view", "analytics:conversationAggregate:view"],
    certainty: "official",
  },
  "v2.users.{id}.presence": { anyOf: [], certainty: "inferred" },
  "v2.users.{id}.routingStatus": { anyOf: [], certainty: "inferred" },
};

/** GENESYS.md 3.7. */
const calls = {
  queues: { anyOf: viewQueues, for: "GET /api/v2/routing/queues", certainty: "official" },
  users: { anyOf: [], for: "GET /api/v2/users", certainty: "official" },
  members: {
    anyOf: viewMembers,
    for: "GET /api/v2/routing/queues/{id}/members",
    certainty: "official",
  },
  conversations: {
    anyOf: viewConversations,
    for: "GET /api/v2/conversations/{id}",
    certainty: "official",
  },
} as const satisfies Readonly<Record<string, PermissionNeed>>;

export function permissionOfTopic(template: string): PermissionNeed {
  const known = Object.hasOwn(topics, template) ? topics[template] : undefined;
  return { ...(known ?? { anyOf: [], certainty: "unknown" }), for: template };
}

export function permissionOfCall(call: keyof typeof calls): PermissionNeed {
  return calls[call];
}
