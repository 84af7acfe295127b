/** `GET /api/v2/notifications/availabletopics` (GENESYS.md 3.5). */
import { topicPaths } from "../data/topic-paths.ts";
import { bodySchema } from "./body-schema.ts";
import { refusals } from "./errors.ts";
import { done, refused, type Reply } from "./reply.ts";
import type { Settings } from "./settings.ts";
import { topicTemplates, type TopicTemplate } from "./topics.ts";

/** What each value of `expand` adds to a topic. */
const expansions: Readonly<
  Record<string, (template: TopicTemplate, needsUser: boolean) => Readonly<Record<string, unknown>>>
> = {
  description: ({ description }) => ({ description }),
  enforced: ({ permissions }, needsUser) => ({ enforced: permissions.length > 0 || needsUser }),
  schema: ({ model }) => ({ schema: bodySchema(model) }),
  visibility: (template) => ({ visibility: isPreview(template) ? "Preview" : "Public" }),
  transports: ({ transports }) => ({ transports: transports.length > 0 ? transports : ["All"] }),
  publicApiTemplateUriPaths: ({ topic }) => {
    const path = topicPaths.get(topic);
    return { publicApiTemplateUriPaths: path === undefined ? [] : [path] };
  },
  requiresPermissions: (template, requiresCurrentUser) => ({
    requiresPermissions: template.permissions,
    requiresAnyValidator: template.combine === "any",
    requiresDivisionPermissions: isDivided(template),
    requiresCurrentUser,
    requiresCurrentUserOrPermission: allowsUser(template),
  }),
  permissionDetails: (template, needsUser) => ({
    permissionDetails: permissionDetails(template, needsUser),
  }),
  topicParameters: ({ parameters }) => ({
    topicParameters: Array.from({ length: parameters }, () => "id"),
  }),
};

export function availableTopics(query: URLSearchParams, settings: Settings): Reply {
  const expand = new Set(
    query
      .getAll("expand")
      .flatMap((value) => value.split(","))
      .filter((value) => value !== ""),
  );
  for (const name of expand) {
    if (!Object.hasOwn(expansions, name))
      return refused(refusals.notAmong(name, "expand", Object.keys(expansions)));
  }
  const preview = query.get("includePreview")?.toLowerCase() !== "false";
  return done(200, {
    entities: topicTemplates
      .filter((template) => preview || !isPreview(template))
      .map((template) => {
        const needsUser = settings.requiresCurrentUserTopics.includes(template.topic);
        const parts = [...expand].map((name) => expansions[name]?.(template, needsUser));
        return Object.assign({ id: template.topic }, ...parts) as object;
      }),
  });
}

function isPreview({ topic }: TopicTemplate): boolean {
  return topic.split(".").includes("preview");
}

/** Inferred: queues have divisions, and permissions on them are given by division. */
function isDivided({ topic, permissions }: TopicTemplate): boolean {
  return permissions.length > 0 && /^v2\.(?:routing|analytics)\.queues\.\{id\}/u.test(topic);
}

/** Inferred: nobody needs a permission to hear of himself. */
function allowsUser({ topic, permissions }: TopicTemplate): boolean {
  return permissions.length > 0 && topic.startsWith("v2.users.{id}.");
}

function permissionDetails(template: TopicTemplate, needsUser: boolean): object[] {
  const { permissions, combine } = template;
  const divided =
    combine === "any" ? "requiresAnyDivisionPermissions" : "requiresDivisionPermissions";
  const details: object[] = [];
  if (permissions.length > 0)
    details.push({
      type: isDivided(template) ? divided : "requiresPermissions",
      permissions,
      allowsCurrentUser: allowsUser(template),
      enforced: true,
    });
  if (needsUser)
    details.push({
      type: "requiresCurrentUser",
      permissions: [],
      allowsCurrentUser: true,
      enforced: true,
    });
  return details;
}
