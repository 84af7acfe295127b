/** The endpoints of OAuth: a token for a client (RFC 6749), what is true of a token (RFC 7662), the public keys (RFC 7517). */
import { GatewayError } from "../gateway-error.ts";
import type { AccessControl, Tokens } from "./access.ts";
import { readBearer, readCredentials } from "./credentials.ts";
import { readFields, type Fields } from "./fields.ts";
import { createLoginLimits, type LoginLimits } from "./login-limits.ts";
import { splitScopes } from "./scopes.ts";
import type { GatewayClient } from "../../config/config.ts";

/** A request as an endpoint sees it. */
export interface EndpointCall {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
  /** Of whoever asks. */
  readonly address: string;
}

/** Each answers with what becomes JSON. @throws GatewayError */
export interface Endpoints {
  token(call: EndpointCall): Promise<TokenReply>;
  introspect(call: EndpointCall): Promise<IntrospectionReply>;
  keys(): { readonly keys: Tokens["keys"] };
}

/** RFC 6749 section 5.1. */
export interface TokenReply {
  readonly access_token: string;
  readonly token_type: "bearer";
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
}

/** RFC 7662 section 2.2, and why a token is not active. Instants are seconds of Unix time. */
export type IntrospectionReply =
  | {
      readonly active: true;
      readonly client_id: string;
      readonly scope: string;
      readonly exp: number;
      readonly token_type: "bearer";
      /** Not of a token of Genesys Cloud. */
      readonly iss?: string;
      readonly aud?: string;
      readonly iat?: number;
      readonly nbf?: number;
      readonly jti?: string;
    }
  | {
      readonly active: false;
      readonly reason: { readonly code: string; readonly message: string; readonly help: string };
    };

/** @param nowMs a clock that is not set */
export function createEndpoints(access: AccessControl, nowMs: () => number): Endpoints {
  const limits = createLoginLimits(nowMs);
  return {
    token: async (call) => {
      const fields = readFields(call.body, call.contentType);
      checkGrant(fields);
      const client = logIn(call, fields, { access, limits });
      if (client === undefined)
        throw new GatewayError("CLIENT_UNKNOWN", "The request names no client and no secret.");
      const { scope } = fields;
      const issued = await access.issue(
        client,
        scope === undefined ? undefined : splitScopes(scope),
      );
      return {
        access_token: issued.token,
        token_type: "bearer",
        expires_in: Math.floor(issued.expiresInMs / 1_000),
        scope: issued.scopes.join(" "),
      };
    },
    introspect: async (call) => {
      const fields = readFields(call.body, call.contentType);
      await mustBeKnown(call, fields, { access, limits });
      if (fields["token"] === undefined)
        throw new GatewayError(
          "FIELD_MISSING",
          "The field token is missing: it is what is looked into.",
        );
      return introspect(access, fields["token"]);
    },
    keys: () => ({ keys: access.keys }),
  };
}

function checkGrant({ grant_type: grant }: Fields): void {
  if (grant === "client_credentials") return;
  if (grant === undefined)
    throw new GatewayError("FIELD_MISSING", "The field grant_type is missing.");
  throw new GatewayError(
    "GRANT_UNSUPPORTED",
    grant === "password"
      ? "The grant password is not there: it would hand a person's password to a program."
      : "The grant_type of the request is not there.",
  );
}

interface Doors {
  readonly access: AccessControl;
  readonly limits: LoginLimits;
}

/** Undefined where no credentials came. @throws GatewayError CLIENT_UNKNOWN, CLIENT_NOT_ENCODED, TOO_FAST */
function logIn(
  call: EndpointCall,
  fields: Fields,
  { access, limits }: Doors,
): GatewayClient | undefined {
  let clientId = "";
  limits.admit(call.address, clientId);
  try {
    const credentials = readCredentials(call.authorization, fields);
    if (credentials === undefined) return undefined;
    ({ clientId } = credentials);
    limits.admit(call.address, clientId);
    return access.authenticate(clientId, credentials.secret);
  } catch (error) {
    const isFailed = error instanceof GatewayError && failedLogins.has(error.code);
    if (isFailed) limits.failed(call.address, clientId);
    throw error;
  }
}

const failedLogins: ReadonlySet<string> = new Set(["CLIENT_UNKNOWN", "CLIENT_NOT_ENCODED"]);

/** Who asks about tokens must be a client, or have a token of one: else it could be asked for those that work. */
async function mustBeKnown(call: EndpointCall, fields: Fields, doors: Doors): Promise<void> {
  const bearer = readBearer(call.authorization);
  if (bearer !== undefined) return void (await doors.access.verify(bearer));
  if (logIn(call, fields, doors) !== undefined) return;
  throw new GatewayError(
    "TOKEN_MISSING",
    "Who asks about a token must say who it is: by Authorization: Basic of a client, or Bearer.",
  );
}

/** Refusals that say what a token is; others say that this could not be found out. */
const inactive: ReadonlySet<string> = new Set([
  "TOKEN_MISSING",
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_NOT_YET_VALID",
  "CLIENT_UNKNOWN",
]);

async function introspect(access: AccessControl, token: string): Promise<IntrospectionReply> {
  try {
    const { grant, claims } = await access.inspect(token);
    return {
      active: true,
      client_id: grant.clientId,
      scope: grant.scopes.join(" "),
      exp: Math.floor(grant.expiresAtMs / 1_000),
      token_type: "bearer",
      ...(claims === undefined
        ? {}
        : {
            iss: claims.issuer,
            aud: claims.audience,
            iat: claims.issuedAtMs / 1_000,
            nbf: claims.notBeforeMs / 1_000,
            jti: claims.id,
          }),
    };
  } catch (error) {
    if (!(error instanceof GatewayError) || !inactive.has(error.code)) throw error;
    const { code, message, help } = error;
    return { active: false, reason: { code, message, help } };
  }
}
