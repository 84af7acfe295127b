/** The log of the service: JSON lines, one for each change of state, made by pino. */
import pino from "pino";
import type { LogLevel } from "../config/config.ts";
import type { Log, LogFields } from "../ports.ts";

/** A log whose level a reload may change. */
export interface ServiceLog extends Log {
  setLevel(level: LogLevel): void;
}

/** Longer texts are cut, so that no line is without bound. */
const textLengthMax = 2_000;
/** Causes of an error that are told. */
const causesMax = 5;

/**
 * Writes `{"level":"warn","time":"2026-11-21T10:00:00.000Z","name":"trunkline",…fields,"msg":"…"}`.
 * An `error` among the fields is told as `code`, `help` and its messages, with the stack only where
 * it is a bug. A secret shows its fingerprint, since it cannot print itself.
 * @param write takes a whole line with its end, such as `process.stderr.write`
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void,
  wallMs: () => number = Date.now,
): ServiceLog {
  const logger = pino(
    {
      level,
      base: { name: "trunkline" },
      timestamp: () => `,"time":"${new Date(wallMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  const told =
    (method: "debug" | "info" | "warn" | "error"): Log["debug"] =>
    (fields, message) => {
      if (logger.isLevelEnabled(method)) logger[method](readable(fields), cut(message));
    };
  return {
    debug: told("debug"),
    info: told("info"),
    warn: told("warn"),
    error: told("error"),
    setLevel: (next) => {
      logger.level = next;
    },
  };
}

/** Names that pino writes itself; a field of that name would be there twice. */
const taken: ReadonlySet<string> = new Set(["level", "time", "name", "msg"]);

function readable(fields: LogFields): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Error) {
      const told = describe(value);
      // The advice of whoever logs is nearer to the matter than that of the error's table.
      if (key === "error") Object.assign(shown, { ...told, ...shown });
      else shown[key] = told;
    } else {
      shown[taken.has(key) ? `${key}_` : key] = typeof value === "string" ? cut(value) : value;
    }
  }
  return shown;
}

interface Told {
  readonly code: string | undefined;
  readonly help: string | undefined;
  readonly error: string;
  readonly causes: readonly string[] | undefined;
  readonly stack: string | undefined;
}

/** An error by its code and words. Whatever else hangs on it, such as a request, is left out. */
function describe(error: Error): Told {
  const { code, help } = error as { readonly code?: unknown; readonly help?: unknown };
  const causes: string[] = [];
  for (
    let { cause } = error;
    cause instanceof Error && causes.length < causesMax;
    cause = cause.cause
  ) {
    causes.push(cut(cause.message));
  }
  const isBug = help === undefined || code === "INTERNAL";
  return {
    code: typeof code === "string" ? code : undefined,
    help: typeof help === "string" ? help : undefined,
    error: cut(error.message),
    causes: causes.length === 0 ? undefined : causes,
    stack: isBug && error.stack !== undefined ? cut(error.stack) : undefined,
  };
}

function cut(text: string): string {
  return text.length <= textLengthMax ? text : `${text.slice(0, textLengthMax)}…`;
}
