/**
 * A text that cannot print itself: string conversion, JSON and `util.inspect` show a fingerprint.
 * Tokens, client secrets and connectUris travel in this type and are revealed only where they go
 * on the wire.
 */
import { createHash } from "node:crypto";

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** A text that shows only its fingerprint unless `reveal()` is called. */
export class Secret {
  readonly #text: string;
  readonly #kind: string;

  /** @param kind what it is, shown in place of the text, e.g. "token" */
  constructor(kind: string, text: string) {
    this.#kind = kind;
    this.#text = text;
  }

  /** The text itself. Call it only where it is written to the wire. */
  reveal(): string {
    return this.#text;
  }

  /** Eight hexadecimal digits that tell two secrets apart and say nothing else about them. */
  get fingerprint(): string {
    return fingerprint(this.#text);
  }

  toString(): string {
    return `[${this.#kind} ${this.fingerprint}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect](): string {
    return this.toString();
  }
}

/** Eight hexadecimal digits of the SHA-256 of a text. */
export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
