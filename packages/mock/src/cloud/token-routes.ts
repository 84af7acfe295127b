/** Who is calling, and what may it do: tokens, the user that is none, the subject (GENESYS.md 1.2). */
import type { World } from "../centre/world.ts";
import { codeOfStatus, refusals } from "./errors.ts";
import { done, refused } from "./reply.ts";
import type { Route } from "./router.ts";
import type { Settings } from "./settings.ts";
import type { Client, Tokens } from "./tokens.ts";

export function tokenRoutes(ports: {
  readonly world: World;
  readonly tokens: Tokens;
  readonly settings: Settings;
}): Route[] {
  const { world, tokens, settings } = ports;
  const me = "/api/v2/tokens/me";
  return [
    { method: "GET", path: me, answer: ({ token }) => done(200, tokenInfo(token.client, world)) },
    { method: "HEAD", path: me, answer: () => done(200) },
    {
      method: "DELETE",
      path: me,
      answer: ({ token, nowMs }) => {
        tokens.revoke(token, nowMs);
        return done(200);
      },
    },
    // No idle time-out is set; then TokenInfo has no dateTokenIdles either.
    {
      method: "GET",
      path: "/api/v2/tokens/timeout",
      answer: () => done(200, { enableIdleTokenTimeout: false }),
    },
    {
      method: "DELETE",
      path: "/api/v2/tokens/*",
      permissions: { any: ["oauth:token:delete"] },
      // Users exist, but with client credentials none of them has a token.
      answer: ({ parameters: [userId] }) =>
        world.agents.some((agent) => agent.id === userId)
          ? done(200)
          : refused(refusals.notFound("The user", userId)),
    },
    {
      method: "GET",
      path: "/api/v2/users/me",
      answer: () =>
        refused({
          status: settings.usersMeStatus,
          code: codeOfStatus(settings.usersMeStatus),
          message: "This request needs a user; a token of client credentials has none.",
        }),
    },
    {
      method: "GET",
      path: "/api/v2/authorization/subjects/me",
      answer: ({ token }) => done(200, subject(token.client, world)),
    },
  ];
}

/** Model TokenInfo. */
function tokenInfo(client: Client, world: World): object {
  return {
    organization: world.organization,
    homeOrganization: world.organization,
    authorizedScope: [],
    OAuthClient: {
      id: client.clientId,
      name: client.name,
      authorizedGrantType: "CLIENT_CREDENTIALS",
      scope: [],
      roleDivisions: [{ roleId: client.roleId, divisionId: world.divisionId }],
      state: client.state,
      organization: world.organization,
    },
  };
}

/** Model AuthzSubject: one role in the home division, whose policies are the client's permissions. */
function subject(client: Client, world: World): object {
  return {
    id: client.clientId,
    name: client.name,
    grants: [
      {
        subjectId: client.clientId,
        division: {
          id: world.divisionId,
          name: "Home",
          description: "",
          homeDivision: true,
          selfUri: `/api/v2/authorization/divisions/${world.divisionId}`,
        },
        role: {
          id: client.roleId,
          name: `Role of ${client.name}`,
          policies: policies(client.permissions === "all" ? ["*:*:*"] : client.permissions),
          default: false,
          selfUri: `/api/v2/authorization/roles/${client.roleId}`,
        },
      },
    ],
    version: 1,
    selfUri: `/api/v2/authorization/subjects/${client.clientId}`,
  };
}

/** `domain:entity:action` by domain and entity, as model AuthzGrantPolicy has them. */
function policies(permissions: Iterable<string>): object[] {
  const actions = new Map<string, string[]>();
  for (const permission of permissions) {
    const mark = permission.lastIndexOf(":");
    const subjectOf = permission.slice(0, Math.max(0, mark));
    actions.set(subjectOf, [...(actions.get(subjectOf) ?? []), permission.slice(mark + 1)]);
  }
  return [...actions].map(([name, list]) => {
    const [domain, entityName] = name.split(":");
    return { domain, entityName, actions: list };
  });
}
