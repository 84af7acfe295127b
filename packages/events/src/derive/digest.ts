/** Short digests of parsed JSON, to compare what two bodies say without keeping them. No cryptography: nobody gains by a collision. */

/** Objects and lists inside one another that are looked into. Bodies of Genesys have about ten. */
const depthMax = 32;
const highSeed = 0x9747b28c;
const lowSeed = 0x3c6ef372;

/**
 * The low half of what was mixed last; the high half is what is returned. Both are made in one walk, and a pair for each
 * value would cost more than the walk.
 */
let low = 0;

/**
 * 64 bits as text. Order does not count, neither of keys nor in lists; and what is empty (null, false,
 * an empty text, list or object) counts as if it were not there: services leave it out or write it.
 */
export function digestOf(value: unknown): string {
  const high = mixValue(value, 0);
  return `${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`;
}

/** Of a name, in 32 bits. */
export function markOf(name: string): string {
  return (mixText(name, highSeed, lowSeed) >>> 0).toString(36);
}

/** Both halves are 0 for what is empty. */
function mixValue(value: unknown, depth: number): number {
  if (typeof value === "string")
    return value === "" ? halves(0, 0) : mixText(value, highSeed, lowSeed);
  if (typeof value === "number")
    return mixText(String(value), highSeed ^ 0x10000, lowSeed ^ 0x10000);
  if (value === true) return halves(scatter(highSeed ^ 0x20000), scatter(lowSeed ^ 0x20000));
  if (typeof value !== "object" || value === null) return halves(0, 0);
  if (depth >= depthMax) return halves(scatter(highSeed ^ 0x30000), scatter(lowSeed ^ 0x30000));
  return Array.isArray(value) ? mixList(value, depth) : mixObject(value, depth);
}

function mixList(list: readonly unknown[], depth: number): number {
  let sumOfHigh = 0;
  let sumOfLow = 0;
  for (const item of list) {
    const high = mixValue(item, depth + 1);
    if (high !== 0) sumOfHigh = (sumOfHigh + scatter(high ^ 5)) | 0;
    if (low !== 0) sumOfLow = (sumOfLow + scatter(low ^ 5)) | 0;
  }
  return halves(sumOfHigh, sumOfLow);
}

function mixObject(object: object, depth: number): number {
  let sumOfHigh = 0;
  let sumOfLow = 0;
  for (const key in object) {
    const high = mixValue((object as Record<string, unknown>)[key], depth + 1);
    const lowOfValue = low;
    if (high === 0 && lowOfValue === 0) continue;
    const name = mixText(key, highSeed, lowSeed);
    if (high !== 0) sumOfHigh = (sumOfHigh + scatter(Math.imul(name, 31) ^ high)) | 0;
    if (lowOfValue !== 0) sumOfLow = (sumOfLow + scatter(Math.imul(low, 31) ^ lowOfValue)) | 0;
  }
  return halves(sumOfHigh, sumOfLow);
}

/** In the manner of FNV-1a, over code units. */
function mixText(text: string, seedOfHigh: number, seedOfLow: number): number {
  const { length } = text;
  let high = seedOfHigh;
  let other = seedOfLow;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x01000193);
  }
  return halves(scatter(high ^ length), scatter(other ^ length));
}

function halves(high: number, other: number): number {
  low = other;
  return high;
}

/** Each bit of the one has a say in each bit of the other, so that sums of them do not meet. */
function scatter(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
