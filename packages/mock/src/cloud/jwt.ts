/** Access tokens that say what they are: JWTs, signed with one key of the organisation (GENESYS.md 1.2: not stated). */
import jsonwebtoken from "jsonwebtoken";

const algorithm = "HS256";

/** What stands in a token. Times are whole seconds, as in every JWT. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly client_id: string;
  readonly org: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
}

/** What became of a token's text; `early` is before its `nbf`, by so much of the reader's clock. */
export type JwtReading =
  | { readonly kind: "valid"; readonly jti: string }
  | { readonly kind: "early"; readonly behindMs: number }
  | { readonly kind: "expired" }
  | { readonly kind: "wrong" };

export function signJwt(claims: Claims, key: string): string {
  return jsonwebtoken.sign(claims, key, { algorithm });
}

/** Signature first, then `nbf` and `exp`, each with the leeway, against the time that is told. */
export function readJwt(
  text: string,
  key: string,
  at: { readonly nowMs: number; readonly leewayMs: number },
): JwtReading {
  try {
    const claims = jsonwebtoken.verify(text, key, {
      algorithms: [algorithm],
      clockTimestamp: at.nowMs / 1000,
      clockTolerance: at.leewayMs / 1000,
    });
    const jti = typeof claims === "string" ? undefined : claims.jti;
    return jti === undefined ? { kind: "wrong" } : { kind: "valid", jti };
  } catch (error) {
    if (error instanceof jsonwebtoken.NotBeforeError)
      return { kind: "early", behindMs: error.date.getTime() - at.nowMs };
    return { kind: error instanceof jsonwebtoken.TokenExpiredError ? "expired" : "wrong" };
  }
}
