import { expect, test } from "vitest";
import { nearMiss } from "./near-miss.ts";

test.each([
  ["datadir", ["dataDir"], "dataDir"],
  ["client_secret", ["clientId", "clientSecret"], "clientSecret"],
  ["maxByts", ["maxAge", "maxBytes"], "maxBytes"],
  ["retries", ["topics", "retry"], undefined],
  ["hots", ["host", "hosts"], "hosts"],
  ["prot", ["port", "host"], "port"],
  ["x", ["tls", "url"], undefined],
  ["path", ["type", "batch"], undefined],
  ["", ["tls"], undefined],
  ["enabled", [], undefined],
])("%s among %j means %s", (written, known, expected) => {
  expect(nearMiss(written, known)).toBe(expected);
});
