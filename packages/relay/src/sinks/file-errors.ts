/** What the disk says, in our words. */
import { dirname } from "node:path";
import { isRelayError, RelayError, type RelayErrorCode } from "../errors.ts";

const codes: Readonly<Record<string, RelayErrorCode>> = {
  ENOSPC: "SINK_FILE_FULL",
  EDQUOT: "SINK_FILE_FULL",
  EFBIG: "SINK_FILE_FULL",
  ENOENT: "SINK_FILE_DIRECTORY_MISSING",
  EACCES: "SINK_FILE_UNWRITABLE",
  EPERM: "SINK_FILE_UNWRITABLE",
  EROFS: "SINK_FILE_UNWRITABLE",
  EISDIR: "SINK_FILE_UNWRITABLE",
  ENOTDIR: "SINK_FILE_UNWRITABLE",
  ELOOP: "SINK_FILE_UNWRITABLE",
};

export function fileError(error: unknown, path: string, signal: AbortSignal): RelayError {
  if (isRelayError(error)) return error;
  if (signal.aborted)
    return new RelayError("SINK_TIMED_OUT", `The disk did not answer in time for ${path}.`);
  const said = (error as { readonly code?: unknown } | undefined)?.code;
  const name = typeof said === "string" ? said : "unknown";
  const code = codes[name] ?? "SINK_FILE_FAILED";
  return new RelayError(code, messageOf(code, name, path), { cause: error });
}

function messageOf(code: RelayErrorCode, said: string, path: string): string {
  if (code === "SINK_FILE_FULL") return `There is no room left for ${path} (${said}).`;
  if (code === "SINK_FILE_DIRECTORY_MISSING") return `The directory ${dirname(path)} is missing.`;
  if (code === "SINK_FILE_UNWRITABLE") return `${path} may not be written (${said}).`;
  return `${path} could not be written (${said}).`;
}
