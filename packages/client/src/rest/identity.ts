/**
 * Whose access token it is.
 * Source: official JavaScript SDK documentation, TokensApi `getTokensMe`, model TokenInfo (official SDK).
 */
import type { IdentifiedEvent } from "../events.ts";
import type { Rest } from "./rest.ts";

const path = "/api/v2/tokens/me";

/** Asks the service. Nothing in its answer is sure to be there. */
export async function identify(
  rest: Pick<Rest, "call">,
  signal: AbortSignal,
): Promise<IdentifiedEvent> {
  const { json } = await rest.call({ method: "GET", path, route: path }, signal);
  const client = fieldOf(json, "OAuthClient");
  const organization =
    fieldOf(json, "organization") ??
    fieldOf(client, "organization") ??
    fieldOf(json, "homeOrganization");
  return {
    type: "identified",
    organizationId: textOf(organization, "id"),
    organizationName: textOf(organization, "name"),
    clientName: textOf(client, "name"),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? ((value as Readonly<Record<string, unknown>>)[name] ?? undefined)
    : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  return typeof text === "string" && text !== "" ? text : undefined;
}
