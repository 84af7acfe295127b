/** Where the documents are: open, like what they describe to whoever has no token yet. */
import { z } from "zod";
import type { EventApiRoute } from "../event-api.ts";
import { json, jsonText, route, type Route } from "../route.ts";
import { asyncApiDocument, serversAt } from "./asyncapi.ts";
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
  // Strangers may ask, and as often as they like: each is made once.
  const openApiText = once(() =>
    JSON.stringify(openApiDocument({ version, routes: [...others, ...routes], eventApi })),
  );
  const asyncApi = once(() => asyncApiDocument({ version, host: "", isSecure: false }));
  const openApi: Route = route({
    ...asked,
    path: "/openapi.json",
    answer: () => jsonText(openApiText()),
  });
  const asyncApiRoute = route({
    ...asked,
    path: "/asyncapi.json",
    answer: ({ host, isSecure }) => json({ ...asyncApi(), servers: serversAt({ host, isSecure }) }),
  });
  const routes = eventApi === undefined ? [openApi] : [openApi, asyncApiRoute];
  return routes;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
