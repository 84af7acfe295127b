/** `GET /api/v2/notifications/availabletopics` (GENESYS.md 3.5). */
import { refusals } from "./errors.ts";
import { done, refused, type Reply } from "./reply.ts";
import type { Settings } from "./settings.ts";
import { topicTemplates, type TopicTemplate } from "./topics.ts";

const expansions = new Set([
  "description",
  "enforced",
  "schema",
  "visibility",
  "transports",
  "publicApiTemplateUriPaths",
  "requiresPermissions",
  "permissionDetails",
  "topicParameters",
]);

export function availableTopics(query: URLSearchParams, settings: Settings): Reply {
  const expand = new Set(
    query
      .getAll("expand")
      .flatMap((value) => value.split(","))
      .filter((value) => value !== ""),
  );
  for (const name of expand) {
    if (!expansions.has(name)) return refused(refusals.notAmong(name, "expand", expansions));
  }
  const preview = query.get("includePreview") !== "false";
  return done(200, {
    entities: topicTemplates
      .filter((template) => preview || !isPreview(template))
      .map((template) => availableTopic(template, expand, settings)),
  });
}

function isPreview(template: TopicTemplate): boolean {
  return template.topic.split(".").includes("preview");
}

function availableTopic(
  template: TopicTemplate,
  expand: ReadonlySet<string>,
  settings: Settings,
): object {
  const { permissions } = template;
  const requiresCurrentUser = settings.requiresCurrentUserTopics.includes(template.topic);
  return {
    id: template.topic,
    ...(expand.has("description") && { description: template.description }),
    ...(expand.has("enforced") && { enforced: permissions.length > 0 || requiresCurrentUser }),
    ...(expand.has("visibility") && { visibility: isPreview(template) ? "Preview" : "Public" }),
    ...(expand.has("schema") && { schema: { title: template.model, type: "object" } }),
    ...(expand.has("transports") && {
      transports: template.transports.length > 0 ? template.transports : ["All"],
    }),
    ...(expand.has("topicParameters") && {
      topicParameters: Array.from({ length: template.parameters }, () => "id"),
    }),
    ...(expand.has("requiresPermissions") && {
      requiresPermissions: permissions,
      requiresAnyValidator: template.combine === "any",
      requiresDivisionPermissions: false,
      requiresCurrentUser,
      requiresCurrentUserOrPermission: false,
    }),
    ...(expand.has("permissionDetails") && {
      permissionDetails: [
        ...(permissions.length > 0
          ? [
              {
                type: "requiresPermissions",
                permissions,
                allowsCurrentUser: false,
                enforced: true,
              },
            ]
          : []),
        ...(requiresCurrentUser
          ? [
              {
                type: "requiresCurrentUser",
                permissions: [],
                allowsCurrentUser: true,
                enforced: true,
              },
            ]
          : []),
      ],
    }),
  };
}
