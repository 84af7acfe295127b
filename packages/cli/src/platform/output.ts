import type { Writable } from "node:stream";
import { CliError } from "../errors.ts";
import type { Output } from "../system.ts";

/** An output over a stream of the process. */
export interface StreamOutput extends Output {
  /** Whether the reader is behind, and how often it has caught up so far. */
  readonly isBlocked: boolean;
  readonly drains: number;
  /** Resolves when everything written has been handed to the operating system. */
  flush(): Promise<void>;
}

type State =
  | { readonly kind: "open" }
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly error: CliError };

/** Codes of a reader that has gone away, such as `head` after its last line. */
const goneCodes = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** @param onGone called once when nobody reads any more */
export function createOutput(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
  onGone: () => void,
): StreamOutput {
  let state: State = { kind: "open" };
  let drained: PromiseWithResolvers<void> | undefined;
  let drains = 0;
  const release = (): void => {
    drains++;
    drained?.resolve();
    drained = undefined;
  };
  stream.on("drain", release);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (state.kind !== "open") return;
    if (goneCodes.has(error.code ?? "")) {
      state = { kind: "gone" };
      onGone();
    } else {
      const message = `The output cannot be written (${error.code ?? error.message}).`;
      state = { kind: "failed", error: new CliError("OUTPUT_FAILED", message, { cause: error }) };
    }
    release();
  });

  const settledState = (): "taken" | "gone" => {
    if (state.kind === "failed") throw state.error;
    return state.kind === "gone" ? "gone" : "taken";
  };

  const { isTTY: isTerminal = false } = stream;
  const { NO_COLOR: noColour = "", TERM: terminal } = env;
  return {
    isTerminal,
    hasColours: isTerminal && noColour === "" && terminal !== "dumb",
    get columns() {
      // Some terminals say 0 when they mean that they do not know.
      return isTerminal && stream.columns !== 0 ? stream.columns : undefined;
    },
    get isBlocked() {
      return drained !== undefined;
    },
    get drains() {
      return drains;
    },
    write: (text) => {
      if (state.kind === "failed") throw state.error;
      if (state.kind === "gone" || stream.write(text)) return undefined;
      drained ??= Promise.withResolvers();
      return drained.promise;
    },
    hand: async (text) => {
      if (state.kind === "open") {
        await new Promise<void>((resolve) => {
          stream.write(text, () => resolve());
        });
      }
      return settledState();
    },
    flush: () =>
      state.kind === "open"
        ? new Promise((resolve) => {
            stream.write("", () => resolve());
          })
        : Promise.resolve(),
  };
}
