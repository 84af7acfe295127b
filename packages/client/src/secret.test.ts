import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { fingerprint, Secret } from "./secret.ts";

const text = "very-secret-text";

test("a secret never prints, and its fingerprint does", () => {
  const secret = new Secret("token", text);
  const error = new Error("broken", { cause: secret });
  const holder = { secret, list: [secret], map: new Map([["a", secret]]), error };
  const told = [
    String(secret),
    JSON.stringify(holder),
    inspect(secret),
    inspect(holder, { depth: 10, showHidden: true }),
    format("%s %o %O %j", secret, secret, secret, secret),
    inspect(error, { depth: 10 }),
    Object.values(secret).join(""),
    JSON.stringify(Object.assign({}, secret)),
    inspect(structuredClone(Object.assign({}, secret))),
  ];
  for (const one of told) expect(one).not.toContain(text);
  expect(String(secret)).toBe(`[token ${fingerprint(text)}]`);
  expect(inspect(holder)).toContain(fingerprint(text));
});

test("it is revealed on request only", () => {
  expect(new Secret("token", text).reveal()).toBe(text);
});

test("fingerprints tell secrets apart, in eight hexadecimal digits", () => {
  expect(fingerprint(text)).toMatch(/^[0-9a-f]{8}$/);
  expect(fingerprint(text)).toBe(new Secret("other", text).fingerprint);
  expect(fingerprint(text)).not.toBe(fingerprint(`${text}.`));
});
