/** Fakes that depend on the original and a key alone: the same is the same everywhere in a run, and cannot be computed back. */
import { createHmac } from "node:crypto";
import { firstNames, lastNames } from "../centre/names.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const base36 = digits + lower;

export interface Disguise {
  /** As long as the original, letters for letters and digits for digits, and another character at each place. */
  text(original: string): string;
  /** The digits of a number change; how they are grouped does not, and the same number in another grouping is the same. */
  number(original: string): string;
  uuid(original: string): string;
  /** Of the form `streaming-0-` and 26 characters (GENESYS.md 3.1). */
  channelId(original: string): string;
  name(original: string): string;
  email(original: string): string;
}

export function createDisguise(key: string): Disguise {
  /** As many bytes as are asked for, the same for the same original of a kind. */
  function* bytes(kind: string, original: string): Bytes {
    for (let block = 0; ; block += 1) {
      yield* createHmac("sha256", key).update(`${kind}\0${block}\0${original}`).digest();
    }
  }

  return {
    text(original) {
      const stream = bytes("text", original);
      let fake = "";
      for (const character of original) fake += disguised(character, next(stream));
      return fake;
    },
    number(original) {
      const stream = bytes("number", original.replaceAll(/\D/gu, ""));
      return original.replaceAll(/\d/gu, (digit) => other(digits, digit, next(stream)));
    },
    uuid(original) {
      const stream = bytes("uuid", original.toLowerCase());
      const hex = Array.from({ length: 16 }, () => next(stream).toString(16).padStart(2, "0")).join(
        "",
      );
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    channelId(original) {
      const stream = bytes("channel", original.toLowerCase());
      const [, head = "", tail = ""] = /^(.*-)([^-]*)$/u.exec(original) ?? [];
      return head + tail.replaceAll(/./gu, (character) => other(base36, character, next(stream)));
    },
    name(original) {
      const stream = bytes("name", original);
      return `${pick(firstNames, stream)} ${pick(lastNames, stream)} ${three(stream)}`;
    },
    email(original) {
      const stream = bytes("email", original.toLowerCase());
      const [first, last] = [pick(firstNames, stream), pick(lastNames, stream)];
      return `${first}.${last}.${three(stream)}@example.com`.toLowerCase();
    },
  };
}

type Bytes = Generator<number, never>;

function next(stream: Bytes): number {
  return stream.next().value;
}

/** Any of an alphabet but this one. */
function other(alphabet: string, character: string, byte: number): string {
  const rest = alphabet.replace(character, "");
  return rest.charAt(byte % rest.length);
}

function pick(items: readonly string[], stream: Bytes): string {
  return items[(next(stream) * 256 + next(stream)) % items.length] ?? "";
}

function three(stream: Bytes): string {
  return String(100 + ((next(stream) * 256 + next(stream)) % 900));
}

function disguised(character: string, byte: number): string {
  if (/[a-z]/u.test(character)) return other(lower, character, byte);
  if (/[A-Z]/u.test(character)) return other(upper, character, byte);
  if (/\d/u.test(character)) return other(digits, character, byte);
  // Letters of other alphabets, and what goes with them.
  if (/[\p{L}\p{M}\p{N}]/u.test(character)) return other(lower, "", byte);
  return /[\s\p{P}+=<>|^~$`]/u.test(character) ? character : "*";
}
