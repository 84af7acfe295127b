/** Where an engine stands. */
import type { RelayError } from "../errors.ts";
import type { Parcel } from "./gatherer.ts";

export type Phase =
  | { readonly kind: "open" }
  /** What was taken is stored still; a failure is the end. */
  | { readonly kind: "closing" }
  /** Nothing is taken any more; `error` says why. */
  | { readonly kind: "ended"; readonly error: RelayError };

/** What is being done with the oldest parcel. */
export type Work =
  | { readonly kind: "none" }
  | { readonly kind: "deferred" }
  | { readonly kind: "committing"; readonly parcel: Parcel }
  | { readonly kind: "pausing"; readonly parcel: Parcel; readonly pause: AbortController };
