/** Values of options, read strictly. */
import { InvalidArgumentError } from "commander";

const portMax = 65_535;
const rateMax = 100_000;
const speedMax = 10_000;

export function wholeNumber(max: number, min = 0): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,15}$/u.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

export const port = wholeNumber(portMax);
export const anyWhole = wholeNumber(999_999_999_999_999);

export function rate(text: string): number {
  const number = Number(text);
  if (/^\d{1,6}(\.\d{1,6})?$/u.test(text) && number <= rateMax) return number;
  throw new InvalidArgumentError(`Give events per second, from 0 to ${rateMax}.`);
}

export function speed(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}(\.\d{1,6})?$/u.test(text) && number >= 1 && number <= speedMax) return number;
  throw new InvalidArgumentError(
    `Give seconds of the cloud in one of its clients', from 1 to ${speedMax}.`,
  );
}

/** Epoch milliseconds. */
export function instant(text: string): number {
  const atMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:\d{2})$/u.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new InvalidArgumentError("Give an instant with its zone: 2030-01-01T08:00:00Z.");
}

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** JSON where it is some, else the text itself. */
export function plainOrJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
