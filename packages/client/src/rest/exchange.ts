/** One HTTP exchange with a time limit and a trace record: the way every request takes. */
import type { Elapsed } from "../elapsed.ts";
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { Clock, Http, HttpRequest, HttpResponse } from "../ports.ts";
import type { Trace } from "../trace.ts";

/** How long one request may take. */
export const requestTimeoutMs = 30_000;

export interface ExchangePorts {
  readonly clock: Clock;
  readonly elapsed: Elapsed;
  readonly http: Http;
  readonly trace: Trace;
}

/**
 * Sends a request and resolves with the answer, whatever its status.
 * @param shownUrl the address without secrets, for messages and traces
 * @throws TrunklineError REQUEST_TIMED_OUT, UNREACHABLE, BODY_TOO_LARGE; the abort reason when aborted
 */
export async function exchange(
  ports: ExchangePorts,
  request: HttpRequest,
  shownUrl: string,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { clock, elapsed, http, trace } = ports;
  const startMs = elapsed.nowMs();
  const tell = (outcome: number | string, correlationId?: string): void =>
    trace?.(undefined, {
      kind: "request",
      method: request.method,
      url: shownUrl,
      outcome,
      tookMs: elapsed.nowMs() - startMs,
      correlationId,
    });
  const timer = new AbortController();
  const either = AbortSignal.any([signal, timer.signal]);
  let timedOut = false;
  void clock.sleep(requestTimeoutMs, either).then(() => {
    timedOut = !either.aborted;
    timer.abort();
  });
  try {
    const response = await http(request, either);
    tell(response.status, response.headers["inin-correlation-id"]);
    return response;
  } catch (cause) {
    const code = timedOut ? "REQUEST_TIMED_OUT" : "UNREACHABLE";
    const why = timedOut
      ? `had no answer within ${requestTimeoutMs / 1_000} s`
      : "failed in the HTTP port";
    // A port of the caller's own may fail in its own way: that is no bug of ours.
    const isOurs = isTrunklineError(cause) || (signal.aborted && !timedOut);
    const error = isOurs
      ? cause
      : new TrunklineError(code, `${request.method} ${shownUrl} ${why}.`, { cause });
    tell(isTrunklineError(error) ? error.code : "aborted");
    throw error;
  } finally {
    timer.abort();
  }
}
