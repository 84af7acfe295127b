/** Permissions that Genesys Cloud asks for topics and listings. */
import { permissionsOf, type TopicPermissions } from "../real-topics.ts";

export interface PermissionNeed extends TopicPermissions {
  /** The topic's template, or the call, that asks for it. */
  readonly for: string;
}

/** GENESYS.md 3.7. */
const calls = {
  queues: ["GET /api/v2/routing/queues", "routing:queue:view"],
  users: ["GET /api/v2/users"],
  members: [
    "GET /api/v2/routing/queues/{id}/members",
    "routing:queue:view",
    "routing:queue:edit",
    "routing:queue:readonly",
    "routing:queueMember:manage",
  ],
  conversations: ["GET /api/v2/conversations/{id}", "conversation:communication:view"],
} as const;

export function permissionOfTopic(template: string): PermissionNeed {
  return { ...permissionsOf(template), for: template };
}

export function permissionOfCall(call: keyof typeof calls): PermissionNeed {
  const [name, ...permissions] = calls[call];
  return { permissions, combine: "any", certainty: "official", for: name };
}
