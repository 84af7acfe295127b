/** Where the documents are: open, like what they describe to whoever has no token yet. */
import { z } from "zod";
import type { EventApiRoute } from "../event-api.ts";
import { json, route, type Route } from "../route.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { openApiDocument } from "./openapi.ts";

/**
 * @param others what is served besides
 * @param eventApi routes of the Event API; undefined where it is not served
 */
export function documentRoutes(
  version: string,
  others: readonly Route[],
  eventApi: readonly EventApiRoute[] | undefined,
): readonly Route[] {
  // Those who ask may add what they like against caches.
  const asked = { method: "GET", isOpen: true, query: z.object({}), body: z.undefined() } as const;
  const openApi: Route = route({
    ...asked,
    path: "/openapi.json",
    answer: () => json(openApiDocument({ version, routes: [...others, ...routes], eventApi })),
  });
  const asyncApi = route({
    ...asked,
    path: "/asyncapi.json",
    answer: ({ host, isSecure }) => json(asyncApiDocument({ version, host, isSecure })),
  });
  const routes = eventApi === undefined ? [openApi] : [openApi, asyncApi];
  return routes;
}
