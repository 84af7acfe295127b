/** What `--trace` shows: each request, upgrade, frame and close. Without secrets. */

/** One thing that happened on the wire. */
export type TraceRecord =
  | {
      readonly kind: "request";
      readonly method: string;
      readonly url: string;
      /** HTTP status, or the error code where there was no answer. */
      readonly outcome: number | string;
      readonly tookMs: number;
      readonly correlationId: string | undefined;
    }
  | { readonly kind: "dial"; readonly url: string }
  | { readonly kind: "open"; readonly tookMs: number }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly via: string | undefined;
      readonly server: string | undefined;
    }
  | { readonly kind: "sent"; readonly text: string }
  | { readonly kind: "received"; readonly text: string }
  | { readonly kind: "close"; readonly code: number | undefined; readonly reason: string };

/** Takes a record; `undefined` where nobody asked for a trace. */
export type Trace = ((line: number | undefined, record: TraceRecord) => void) | undefined;
