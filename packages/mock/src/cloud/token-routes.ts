/** `/api/v2/tokens/me` (GENESYS.md 1.2). */
import type { World } from "../centre/world.ts";
import { done } from "./reply.ts";
import type { Route } from "./router.ts";
import type { Tokens } from "./tokens.ts";

export function tokenRoutes(world: World, tokens: Tokens): Route[] {
  const path = "/api/v2/tokens/me";
  return [
    {
      method: "GET",
      path,
      answer: ({ token }) => {
        const { client } = token;
        return done(200, {
          organization: world.organization,
          homeOrganization: world.organization,
          authorizedScope: [],
          OAuthClient: {
            id: client.clientId,
            name: client.name,
            authorizedGrantType: "CLIENT_CREDENTIALS",
            scope: [],
            state: client.state,
            organization: world.organization,
          },
        });
      },
    },
    { method: "HEAD", path, answer: () => done(200) },
    {
      method: "DELETE",
      path,
      answer: ({ token, nowMs }) => {
        tokens.revoke(token, nowMs);
        return done(200);
      },
    },
  ];
}
