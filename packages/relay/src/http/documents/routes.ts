/** Where the documents are: open, like what they describe to whoever has no token yet. */
import { z } from "zod";
import { json, route, type Route } from "../route.ts";
import { asyncApiDocument } from "./asyncapi.ts";

/** @param hasEventApi whether the Event API is served, which its documents are about */
export function documentRoutes(version: string, hasEventApi: boolean): readonly Route[] {
  // Those who ask may add what they like against caches.
  const asked = { method: "GET", isOpen: true, query: z.object({}), body: z.undefined() } as const;
  if (!hasEventApi) return [];
  return [
    route({
      ...asked,
      path: "/asyncapi.json",
      answer: ({ host, isSecure }) => json(asyncApiDocument({ version, host, isSecure })),
    }),
  ];
}
