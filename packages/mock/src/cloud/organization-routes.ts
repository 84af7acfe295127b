/** The organisation and its limits (GENESYS.md 5). None of these calls needs a permission. */
import type { World } from "../centre/world.ts";
import { refusals } from "./errors.ts";
import { limitNamespaces, limitsIn } from "./limits.ts";
import { done, refused, type Reply } from "./reply.ts";
import type { Route } from "./router.ts";
import { defaultSettings, type Settings } from "./settings.ts";

export function organizationRoutes(world: World, settings: Settings): Route[] {
  const namespaces = "/api/v2/organizations/limits/namespaces";
  return [
    {
      method: "GET",
      path: "/api/v2/organizations/me",
      answer: () => done(200, organization(world)),
    },
    {
      method: "GET",
      path: namespaces,
      answer: () =>
        done(200, {
          entities: limitNamespaces,
          pageSize: limitNamespaces.length,
          pageNumber: 1,
          pageCount: 1,
          total: limitNamespaces.length,
        }),
    },
    {
      method: "GET",
      path: `${namespaces}/*`,
      answer: ({ parameters: [name] }) => limitsReply(name, settings),
    },
    {
      method: "GET",
      path: `${namespaces}/*/defaults`,
      answer: ({ parameters: [name] }) => limitsReply(name, defaultSettings),
    },
  ];
}

/** Model LimitsEntityListing. */
function limitsReply(namespace: string | undefined, settings: Settings): Reply {
  const entities = limitsIn(namespace ?? "", settings);
  return entities.length === 0
    ? refused(refusals.notFound("The namespace", namespace))
    : done(200, { entities });
}

/** Model Organization, with what the mock has of it. */
function organization(world: World): object {
  return {
    id: world.organization.id,
    name: world.organization.name,
    defaultLanguage: "en-us",
    defaultCountryCode: "US",
    domain: "mock-organisation",
    version: 1,
    state: "active",
    voicemailEnabled: false,
    productPlatform: "PureCloud",
    selfUri: `/api/v2/organizations/${world.organization.id}`,
  };
}
