/** Credentials of a client out of a request: Authorization: Basic, or fields of the body (RFC 6749 section 2.3.1). */
import { GatewayError } from "../gateway-error.ts";
import type { Fields } from "./fields.ts";

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
}

/** The longest id or secret that is looked at. */
const charactersMax = 1_024;

/**
 * @param authorization the header
 * @param fields the body
 * @returns undefined where there are none
 * @throws GatewayError CLIENT_NOT_ENCODED, FIELD_INVALID, FIELD_MISSING
 */
export function readCredentials(
  authorization: string | undefined,
  fields: Fields,
): ClientCredentials | undefined {
  const inHeader = fromBasic(authorization);
  const inBody = fromFields(fields);
  if (inHeader === undefined) return inBody;
  if (
    inBody !== undefined &&
    (inBody.clientId !== inHeader.clientId || inBody.secret !== inHeader.secret)
  )
    throw new GatewayError(
      "FIELD_INVALID",
      "The header Authorization and the body name different credentials; one of them is enough.",
    );
  return inHeader;
}

/** The token of `Authorization: Bearer`; undefined where there is none. */
export function readBearer(authorization: string | undefined): string | undefined {
  return /^Bearer +(?<token>\S+) *$/iu.exec(authorization ?? "")?.groups?.["token"];
}

function fromBasic(authorization: string | undefined): ClientCredentials | undefined {
  const text = /^Basic(?: +(?<text>.*))?$/isu.exec(authorization ?? "");
  if (text === null) return undefined;
  const encoded = (text.groups?.["text"] ?? "").trim();
  if (encoded === "") throw notEncoded("Authorization: Basic has nothing after it.");
  // A colon is no character of base64: this is what it was to be made from.
  if (encoded.includes(":"))
    throw notEncoded(
      "Authorization: Basic is followed by id and secret as they are; base64 of both, with the colon between, is meant.",
    );
  if (!/^[\w+/-]+={0,2}$/u.test(encoded))
    throw notEncoded("What follows Authorization: Basic is no base64.");
  const plain = Buffer.from(encoded, "base64").toString("utf8");
  const colon = plain.indexOf(":");
  if (colon === -1 || plain.includes("\uFFFD"))
    throw notEncoded(
      "What follows Authorization: Basic is no base64 of an id, a colon and a secret.",
    );
  return bounded({
    clientId: decoded(plain.slice(0, colon)),
    secret: decoded(plain.slice(colon + 1)),
  });
}

/** RFC 6749 has both form-encoded first, which most programs forget; ids and secrets of a relay look the same either way. */
function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fromFields({
  client_id: clientId,
  client_secret: secret,
}: Fields): ClientCredentials | undefined {
  if (clientId === undefined && secret === undefined) return undefined;
  if (clientId !== undefined && secret !== undefined) return bounded({ clientId, secret });
  // An id alone beside a header says who it is, and proves nothing.
  if (secret === undefined) return undefined;
  throw new GatewayError("FIELD_MISSING", "client_secret is there, and client_id is missing.");
}

function bounded(credentials: ClientCredentials): ClientCredentials {
  if (Object.values(credentials).every((text: string) => text.length <= charactersMax))
    return credentials;
  throw new GatewayError(
    "CLIENT_UNKNOWN",
    `No client has an id or secret of more than ${charactersMax} characters.`,
  );
}

function notEncoded(message: string): GatewayError {
  return new GatewayError("CLIENT_NOT_ENCODED", message);
}
