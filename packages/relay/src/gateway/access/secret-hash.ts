/**
 * Secrets of clients. They are 256 random bits, so a plain SHA-256 keeps them: what makes a hash slow
 * only helps where people choose the secret.
 */
import { createHash, timingSafeEqual } from "node:crypto";

const prefix = "sha256:";

/** `sha256:` and 64 hexadecimal digits, as `secretHash` of a client in the configuration. */
export function hashClientSecret(secret: string): string {
  return prefix + createHash("sha256").update(secret).digest("hex");
}

export function isSecretHash(text: string): boolean {
  return /^sha256:[\da-f]{64}$/iu.test(text);
}

/** Takes as long whatever is given. @param secretHash undefined where there is no such client */
export function isSecretOf(secretHash: string | undefined, secret: string): boolean {
  const expected = Buffer.from((secretHash ?? nobody).slice(prefix.length), "hex");
  const given = createHash("sha256").update(secret).digest();
  return timingSafeEqual(given, expected) && secretHash !== undefined;
}

const nobody = prefix + "0".repeat(64);
