/** Where the endpoints of OAuth are. */
import type { EventApiRoute } from "../../http/event-api.ts";
import type { Endpoints } from "./endpoints.ts";

/** For the HTTP face, which serves them without `http.token` and behind the guards of host and origin. */
export function accessRoutes(endpoints: Endpoints): readonly EventApiRoute[] {
  return [
    {
      method: "POST",
      path: "/oauth/token",
      isOAuth: true,
      answer: async (call) => ({ value: await endpoints.token(call) }),
    },
    {
      method: "POST",
      path: "/api/v2/oauth2/introspect",
      isOAuth: true,
      answer: async (call) => ({ value: await endpoints.introspect(call) }),
    },
    {
      method: "GET",
      path: "/.well-known/jwks.json",
      answer: async () => ({ value: endpoints.keys() }),
    },
  ];
}
