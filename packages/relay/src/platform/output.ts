/** An output of the process as sinks see it. */
import type { Writable } from "node:stream";
import { RelayError } from "../errors.ts";
import type { OutputDoor } from "../sinks/stdout.ts";

/** Codes of a reader that has gone away, such as `head` after its last line. */
const goneCodes = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** @param stream such as `process.stdout` */
export function createOutputDoor(stream: Writable): OutputDoor {
  // An error without a listener would end the process; each write tells of its own.
  stream.on("error", () => undefined);
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(outputError(error));
        });
      }),
  };
}

function outputError(error: NodeJS.ErrnoException): RelayError {
  return goneCodes.has(error.code ?? "")
    ? new RelayError("SINK_OUTPUT_GONE", "Nobody reads the standard output any more.", {
        cause: error,
      })
    : new RelayError(
        "SINK_OUTPUT_FAILED",
        `The standard output could not be written (${error.code ?? error.name}).`,
        { cause: error },
      );
}
