/** What happened on the wire, a line each: time, line, what, and the rest. The client has taken the secrets out. */
import type { TraceEvent, TraceRecord } from "@trunkline/client";
import { palette, type Palette } from "./colours.ts";
import { clockTime, printable } from "./text.ts";

/** A longer frame is cut here, and its length is noted. */
export const traceFrameCharactersMax = 500;

const kindWidth = "heartbeat".length;

export function traceLine({ atMs, line, record }: TraceEvent, hasColours: boolean): string {
  const { dim } = palette(hasColours);
  const { kind, text, colour } = describe(record);
  const paint = palette(hasColours)[colour];
  const head = `${clockTime(atMs)}  ${line === undefined ? "  " : `#${line}`}`;
  return `${dim(head)}  ${paint(kind.padEnd(kindWidth))}  ${printable(text)}`.trimEnd() + "\n";
}

interface Described {
  readonly kind: string;
  readonly text: string;
  readonly colour: keyof Palette;
}

function describe(record: TraceRecord): Described {
  switch (record.kind) {
    case "request": {
      const { method, url, outcome, tookMs, correlationId } = record;
      const id = correlationId === undefined ? "" : `  ${correlationId}`;
      const failed = typeof outcome === "string" || outcome >= 400;
      return {
        kind: "request",
        text: `${method.padEnd(4)} ${url}  ${outcome}  ${tookMs.toFixed(0)} ms${id}`,
        colour: failed ? "bad" : "subject",
      };
    }
    case "dial":
      return { kind: "upgrade", text: record.url, colour: "subject" };
    case "open":
      return { kind: "open", text: `101  ${record.tookMs.toFixed(0)} ms`, colour: "good" };
    case "refused": {
      const { status, via, server } = record;
      const text = `${status}  Via: ${via ?? "none"}  Server: ${server ?? "none"}`;
      return { kind: "refused", text, colour: "bad" };
    }
    case "sent":
      return { kind: frameKind(record.text) ?? "sent", text: cut(record.text), colour: "dim" };
    case "received": {
      const kind = frameKind(record.text);
      const colour = kind === undefined ? "bold" : "dim";
      return { kind: kind ?? "received", text: cut(record.text), colour };
    }
    case "close": {
      const code = record.code === undefined ? "no close frame" : String(record.code);
      return { kind: "close", text: `${code}  ${record.reason}`, colour: "bad" };
    }
    default:
      return record satisfies never;
  }
}

/** Control frames are short and always the same, which no notification is. */
const controlCharactersMax = 200;

function frameKind(text: string): string | undefined {
  if (text.length > controlCharactersMax) return undefined;
  if (text === '{"message":"ping"}') return "ping";
  if (!text.includes('"channel.metadata"')) return undefined;
  return text.includes('"pong"') ? "pong" : "heartbeat";
}

function cut(text: string): string {
  if (text.length <= traceFrameCharactersMax) return text;
  return `${text.slice(0, traceFrameCharactersMax)}… (${text.length} characters)`;
}
