/** The key that signs tokens: Ed25519, known to others by the fingerprint of its public half. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { calculateJwkThumbprint, exportJWK } from "jose";
import { RelayError } from "../../errors.ts";

export interface SigningKey {
  /** RFC 7638: the same key has the same one everywhere. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The public half as others read it (RFC 8037). */
  readonly jwk: PublicJwk;
}

export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}

/** A new key in PEM (PKCS #8). */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/**
 * @param pem a private key in PKCS #8
 * @param path where it was read, for the message
 * @throws RelayError SIGNING_KEY_INVALID
 */
export async function readSigningKey(pem: string, path: string): Promise<SigningKey> {
  const privateKey = parse(pem, path);
  if (privateKey.asymmetricKeyType !== "ed25519")
    throw new RelayError(
      "SIGNING_KEY_INVALID",
      `The signing key ${path} is of the type ${privateKey.asymmetricKeyType ?? "unknown"}, not Ed25519.`,
    );
  const publicKey = createPublicKey(privateKey);
  const { x = "" } = await exportJWK(publicKey);
  const bare = { kty: "OKP", crv: "Ed25519", x } as const;
  const kid = await calculateJwkThumbprint(bare);
  return { kid, privateKey, publicKey, jwk: { ...bare, kid, alg: "EdDSA", use: "sig" } };
}

function parse(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: "pem" });
  } catch {
    // What the library says may repeat parts of the text, so the cause is left out.
    const why = pem.trim() === "" ? "is empty" : "is no private key in PEM";
    throw new RelayError("SIGNING_KEY_INVALID", `The signing key ${path} ${why}.`);
  }
}
