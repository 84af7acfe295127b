import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import { TrunklineError } from "../errors.ts";
import type { Http } from "../ports.ts";
import type { TraceRecord } from "../trace.ts";
import { exchange, requestTimeoutMs, type ExchangePorts } from "./exchange.ts";

const request = { method: "GET", url: "https://x/secret", headers: {} };
const shown = "https://x/{id}";

function stage(http: Http): { clock: SimClock; ports: ExchangePorts; traces: TraceRecord[] } {
  const clock = new SimClock();
  const traces: TraceRecord[] = [];
  const trace: ExchangePorts["trace"] = (_, record) => traces.push(record);
  return { clock, traces, ports: { clock, elapsed: new Elapsed(clock), http, trace } };
}

/** Never answers, and rejects when it is aborted, as the port promises. */
const mute: Http = (_, signal) => {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
  return promise;
};

describe("one exchange", () => {
  test("resolves whatever the status, and leaves a trace and no timer", async () => {
    const { clock, ports, traces } = stage(async () => {
      await clock.sleep(40, new AbortController().signal);
      return { status: 503, headers: { "inin-correlation-id": "c-1" }, body: "" };
    });
    const outcome = exchange(ports, request, shown, new AbortController().signal);
    await clock.runUntil(1_000);
    expect(await outcome).toMatchObject({ status: 503 });
    expect(traces).toEqual([
      {
        kind: "request",
        method: "GET",
        url: shown,
        outcome: 503,
        tookMs: 40,
        correlationId: "c-1",
      },
    ]);
    expect(clock.timers).toBe(0);
  });

  test("without an answer fails after 30 s", async () => {
    const { clock, ports, traces } = stage(mute);
    const outcome = exchange(ports, request, shown, new AbortController().signal).catch(
      (error: unknown) => error,
    );
    await clock.runUntil(requestTimeoutMs);
    expect(await outcome).toMatchObject({
      code: "REQUEST_TIMED_OUT",
      message: "GET https://x/{id} had no answer within 30 s.",
    });
    expect(traces).toMatchObject([{ outcome: "REQUEST_TIMED_OUT", tookMs: requestTimeoutMs }]);
  });

  test("that is aborted rejects at once, and not as timed out", async () => {
    const { clock, ports, traces } = stage(mute);
    const aborting = new AbortController();
    const outcome = exchange(ports, request, shown, aborting.signal).catch(
      (error: unknown) => error,
    );
    await clock.runUntil(5_000);
    aborting.abort();
    expect(await outcome).toMatchObject({ name: "AbortError" });
    expect(traces).toMatchObject([{ outcome: "aborted" }]);
    await clock.runUntil(60_000);
    expect(clock.timers).toBe(0);
  });

  test("that fails in a way of the port's own is UNREACHABLE, with the cause", async () => {
    const cause = new TypeError("fetch failed");
    const { ports } = stage(() => Promise.reject(cause));
    await expect(
      exchange(ports, request, shown, new AbortController().signal),
    ).rejects.toMatchObject({ code: "UNREACHABLE", cause });
  });

  test("that finds no way has the port's own error, and its code in the trace", async () => {
    const error = new TrunklineError("TLS_UNTRUSTED", "No.");
    const { ports, traces } = stage(() => Promise.reject(error));
    await expect(exchange(ports, request, shown, new AbortController().signal)).rejects.toBe(error);
    expect(traces).toMatchObject([{ outcome: "TLS_UNTRUSTED" }]);
  });
});
