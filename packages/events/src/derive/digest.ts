/** Short digests of parsed JSON, to compare what two bodies say without keeping them. No cryptography: nobody gains by a collision. */

/** Objects and lists inside one another that are looked into. Bodies of Genesys have about ten. */
const depthMax = 32;

/**
 * 64 bits as text. Order does not count, neither of keys nor in lists; and what is empty (null, false,
 * an empty text, list or object) counts as if it were not there: services leave it out or write it.
 */
export function digestOf(value: unknown): string {
  return textOf(mixValue(value, 0, 0x9747b28c), mixValue(value, 0, 0x3c6ef372));
}

/** Of a name, in 32 bits. */
export function markOf(name: string): string {
  return (mixText(name, 0x9747b28c) >>> 0).toString(36);
}

function textOf(high: number, low: number): string {
  return `${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`;
}

/** 0 for what is empty. */
function mixValue(value: unknown, depth: number, seed: number): number {
  if (typeof value === "string") return value === "" ? 0 : mixText(value, seed);
  if (typeof value === "number") return mixText(String(value), seed ^ 0x10000);
  if (value === true) return scatter(seed ^ 0x20000);
  if (typeof value !== "object" || value === null) return 0;
  if (depth >= depthMax) return scatter(seed ^ 0x30000);
  return Array.isArray(value) ? mixList(value, depth, seed) : mixObject(value, depth, seed);
}

function mixList(list: readonly unknown[], depth: number, seed: number): number {
  let sum = 0;
  for (const item of list) {
    const mixed = mixValue(item, depth + 1, seed);
    if (mixed !== 0) sum = (sum + scatter(mixed ^ 5)) | 0;
  }
  return sum;
}

function mixObject(object: object, depth: number, seed: number): number {
  let sum = 0;
  for (const key in object) {
    const mixed = mixValue((object as Record<string, unknown>)[key], depth + 1, seed);
    if (mixed !== 0) sum = (sum + scatter(Math.imul(mixText(key, seed), 31) ^ mixed)) | 0;
  }
  return sum;
}

/** In the manner of FNV-1a, over code units. */
function mixText(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return scatter(hash ^ text.length);
}

/** Each bit of the one has a say in each bit of the other, so that sums of them do not meet. */
function scatter(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
