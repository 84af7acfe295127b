import { Buffer } from "node:buffer";

/** A small seeded generator (sfc32). The model never asks the machine for randomness. */
export interface Dice {
  /** A whole number in [0, 2^32). */
  u32(): number;
  /** A number in [0, 1). */
  unit(): number;
  /** A whole number in [0, count). */
  below(count: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** An exponentially distributed wait with this mean. */
  exponential(mean: number): number;
  uuid(): string;
  /** Characters of [0-9a-z]. */
  base36(length: number): string;
  /** Characters of base64url. */
  opaque(length: number): string;
}

const base36Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The same seed and stream give the same dice; different streams of one seed do not disturb each other. */
export function createDice(seed: number, stream: string): Dice {
  let hash = 0x811c9dc5;
  for (const character of stream)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  let a = seed >>> 0;
  let b = Math.floor(seed / 4294967296) >>> 0;
  let c = hash >>> 0;
  let counter = 1;

  function u32(): number {
    const sum = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + sum) >>> 0;
    return sum;
  }
  // The first outputs of sfc32 still resemble the seed.
  for (let round = 0; round < 16; round += 1) u32();

  const unit = (): number => u32() / 4294967296;
  const below = (count: number): number => Math.floor(unit() * count);
  const characters = (digits: string, length: number): string => {
    let text = "";
    for (let index = 0; index < length; index += 1) text += digits.charAt(below(digits.length));
    return text;
  };

  return {
    u32,
    unit,
    below,
    chance: (probability) => unit() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("Nothing to pick from.");
      return item;
    },
    exponential: (mean) => -Math.log(1 - unit()) * mean,
    uuid: () => uuidOf(u32(), u32(), u32(), u32()),
    base36: (length) => characters(base36Digits, length),
    opaque: (length) => characters(base64Digits, length),
  };
}

const uuidText = Buffer.alloc(36, "-");
const hexDigits = Buffer.from("0123456789abcdef");

/**
 * A UUID with the version (4) and variant bits of a random one. Written as bytes, because a text pieced together
 * keeps all its pieces in memory, and the ledger keeps many.
 */
function uuidOf(one: number, two: number, three: number, four: number): string {
  let place = writeHex(one, 0, 8, 0);
  place = writeHex(two, 0, 4, place + 1);
  place = writeHex((two & 0xffff0fff) | 0x4000, 4, 8, place + 1);
  place = writeHex((three & 0x3fffffff) | 0x80000000, 0, 4, place + 1);
  place = writeHex(three, 4, 8, place + 1);
  writeHex(four, 0, 8, place);
  return uuidText.toString("latin1");
}

/** Writes some of the eight digits of a number; returns the place after them. */
function writeHex(number: number, from: number, to: number, at: number): number {
  let place = at;
  for (let digit = from; digit < to; digit += 1) {
    uuidText[place] = hexDigits[(number >>> (28 - digit * 4)) & 15] ?? 0;
    place += 1;
  }
  return place;
}
