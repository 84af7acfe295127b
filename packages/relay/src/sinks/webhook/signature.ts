/** Signatures by Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, `v1`. */
import { createHash, createHmac } from "node:crypto";
import { RelayError } from "../../errors.ts";
import type { Entry } from "../../journal/entry.ts";

/** Lengths of a key that the specification allows. */
const keyBytesMin = 24;
const keyBytesMax = 64;

/** Secrets that sign at a time: during a rotation the new one and the old one. */
const secretsMax = 4;

export type Sign = (id: string, atMs: number, body: string) => Readonly<Record<string, string>>;

/**
 * @param secrets `whsec_<base64>`, several separated by spaces: each signs, so that receivers may
 * change from one to the next at their leisure
 * @throws RelayError WEBHOOK_INVALID, which does not show the secret
 */
export function createSign(secrets: string): Sign {
  const words = secrets.split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0 || words.length > secretsMax)
    throw new RelayError(
      "WEBHOOK_INVALID",
      `webhook.secret holds ${words.length} secrets; it takes 1 to ${secretsMax}, with spaces between.`,
    );
  const keys = words.map(parseKey);
  return (id, atMs, body) => {
    const seconds = Math.floor(atMs / 1_000);
    const signed = `${id}.${seconds}.${body}`;
    return {
      "webhook-timestamp": String(seconds),
      "webhook-signature": keys
        .map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`)
        .join(" "),
    };
  };
}

function parseKey(word: string): Buffer {
  const text = /^whsec_(?<base64>[A-Za-z0-9+/]+={0,2})$/u.exec(word)?.groups?.["base64"];
  const key = Buffer.from(text ?? "", "base64");
  // Buffer drops what it does not understand: only what it gives back was understood.
  const isWhole = key.toString("base64").replace(/=+$/u, "") === text?.replace(/=+$/u, "");
  if (!isWhole || key.length < keyBytesMin || key.length > keyBytesMax)
    throw new RelayError(
      "WEBHOOK_INVALID",
      `webhook.secret is not "whsec_" and ${keyBytesMin} to ${keyBytesMax} random bytes in base64.`,
      {
        help: "Make one: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\", and give it to the receiver too.",
      },
    );
  return key;
}

/** The id of a message: an entry's own, or for a batch one that says which entries it is made of. */
export function messageId(entries: readonly Entry[]): string {
  const [first, ...more] = entries;
  if (first !== undefined && more.length === 0) return first.cursor;
  const hash = createHash("sha256");
  for (const { cursor } of entries) hash.update(cursor).update("\n");
  return `batch-${hash.digest("hex").slice(0, 32)}`;
}
