/** Seeded dice: the same seed throws the same numbers, on every machine. */
export interface Dice {
  /** A number in [0, 1). */
  random(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** A number between `min` and `max`. */
  between(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Dice of their own, so that one part's throws do not disturb another's. */
  fork(name: string): Dice;
}

/** sfc32, seeded by splitmix32 of the seed and a name. */
export function createDice(seed: number, name = ""): Dice {
  let mix = seed >>> 0;
  for (const character of name) mix = (Math.imul(mix, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, counter] = [splitmix(), splitmix(), splitmix(), 1];
  const random = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i++) random();
  const dice: Dice = {
    random,
    int: (min, max) => min + Math.floor(random() * (max - min + 1)),
    between: (min, max) => min + random() * (max - min),
    chance: (probability) => random() < probability,
    pick: (from) => {
      const picked = from[Math.floor(random() * from.length)];
      if (picked === undefined) throw new RangeError("nothing to pick from");
      return picked;
    },
    fork: (child) => createDice(seed, `${name}/${child}`),
  };
  return dice;
}
