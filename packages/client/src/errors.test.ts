import { describe, expect, test } from "vitest";
import type * as errors from "./errors.ts";
import { errorCodes, isTrunklineError, TrunklineError, type ErrorCode } from "./errors.ts";

const codes = Object.entries(errorCodes) as (readonly [
  ErrorCode,
  (typeof errorCodes)[ErrorCode],
])[];

describe("the table of codes", () => {
  test.each(codes)(
    "%s has a retry policy and a help that is a sentence",
    (code, { retry, help }) => {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(["never", "backoff", "after"]).toContain(retry);
      expect(help).toMatch(/^\S.{20,}\.$/);
      expect(new TrunklineError(code, "It failed.")).toMatchObject({ retry, help });
    },
  );
});

describe("a TrunklineError", () => {
  test("carries what is known, and nothing it was not given", () => {
    const cause = new Error("because");
    const error = new TrunklineError("RATE_LIMITED", "Slow down.", {
      cause,
      status: 429,
      retryAfterMs: 5_000,
      correlationId: "c",
      missingPermissions: ["p"],
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "TrunklineError",
      message: "Slow down.",
      cause,
      status: 429,
      retryAfterMs: 5_000,
      correlationId: "c",
      missingPermissions: ["p"],
    });
    const bare = new TrunklineError("INTERNAL", "x");
    expect("cause" in bare).toBe(false);
    expect(bare).toMatchObject({ status: undefined, missingPermissions: [] });
  });

  test("is recognised, by code where one is given", () => {
    const error: unknown = new TrunklineError("FORBIDDEN", "No.");
    expect(isTrunklineError(error)).toBe(true);
    expect(isTrunklineError(error, "FORBIDDEN")).toBe(true);
    expect(isTrunklineError(error, "NOT_FOUND")).toBe(false);
    for (const other of [undefined, null, "x", 7, new Error("x"), { code: "FORBIDDEN" }])
      expect(isTrunklineError(other)).toBe(false);
  });

  test("is recognised across two copies of this package", async () => {
    const another = "./errors.ts?copy";
    const copy = (await import(another)) as typeof errors;
    expect(copy.TrunklineError).not.toBe(TrunklineError);
    const foreign: unknown = new copy.TrunklineError("FORBIDDEN", "No.");
    expect(foreign).not.toBeInstanceOf(TrunklineError);
    expect(isTrunklineError(foreign, "FORBIDDEN")).toBe(true);
  });
});
