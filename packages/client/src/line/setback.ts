/** Says in words why a line is without a session for now. */
import { TrunklineError } from "../errors.ts";
import type { DisconnectedEvent } from "../events.ts";
import type { SocketLoss } from "../ports.ts";
import type { Effect, Refusal, Setback } from "../session/state.ts";
import { unreachable } from "../unreachable.ts";

export function setbackEvent(
  line: number,
  { setback, retryInMs }: Extract<Effect, { type: "setback" }>,
  attempt: number,
  sessions: number,
): DisconnectedEvent {
  const loss = setback.kind === "loss" ? setback.loss : undefined;
  const error = errorOf(setback);
  return {
    type: "disconnected",
    line,
    code: loss?.kind === "closed" ? loss.code : undefined,
    reason: error?.message ?? (loss === undefined ? setback.kind : reasonOf(loss)),
    retryInMs: Math.round(retryInMs),
    attempt,
    sessions,
    error,
  };
}

/** Whether all channels that there may be are taken. */
export function isStarving(setback: Setback): boolean {
  return setback.kind === "error" && setback.error.code === "CHANNELS_TAKEN";
}

/** Whether the way to the service is at fault: nothing answers there, or something on it lets no socket pass. */
export function isBarred(setback: Setback): boolean {
  return (
    (setback.kind === "loss" && setback.loss.kind === "unreachable") ||
    (setback.kind === "refused" && setback.channel === "alive")
  );
}

function errorOf(setback: Setback): TrunklineError | undefined {
  switch (setback.kind) {
    case "loss":
      return lossError(setback.loss);
    case "error":
      return setback.error;
    case "silence":
      return new TrunklineError(
        "SOCKET_SILENT",
        "The peer no longer answered, and the connection was cut.",
      );
    case "timeout":
      return new TrunklineError("REQUEST_TIMED_OUT", `Time ran out during: ${setback.during}.`);
    case "refused":
      return refusedError(setback.refusal, setback.channel);
    case "condemned":
      return new TrunklineError("CHANNEL_GONE", "The channel no longer exists (404).");
    default:
      return unreachable(setback);
  }
}

function lossError(loss: SocketLoss): TrunklineError | undefined {
  switch (loss.kind) {
    case "protocol":
      return loss.oversized
        ? new TrunklineError("FRAME_TOO_LARGE", `A frame was too large (${loss.detail}).`)
        : new TrunklineError(
            "FRAME_MALFORMED",
            `The peer broke the WebSocket protocol (${loss.detail}).`,
          );
    case "unreachable":
      return new TrunklineError(
        loss.isUntrusted === true ? "TLS_UNTRUSTED" : "UNREACHABLE",
        `No connection for the socket: ${loss.detail}.`,
      );
    case "closed":
    case "cut":
    case "refused":
      return undefined;
    default:
      return unreachable(loss);
  }
}

function refusedError(refusal: Refusal, channel: "alive" | "gone" | "unknown"): TrunklineError {
  const { status } = refusal;
  const said = `The upgrade was answered ${status}`;
  switch (channel) {
    case "gone":
      return new TrunklineError("CHANNEL_GONE", `${said}, and the channel no longer exists.`, {
        status,
      });
    case "alive": {
      const via = `Via: ${refusal.via ?? "none"}, Server: ${refusal.server ?? "none"}`;
      return new TrunklineError(
        "UPGRADE_REFUSED_BY_PATH",
        `${said}, though the channel is alive (${via}).`,
        { status },
      );
    }
    case "unknown":
      return new TrunklineError("UPGRADE_REFUSED", `${said}.`, { status });
    default:
      return unreachable(channel);
  }
}

function reasonOf(loss: SocketLoss): string {
  switch (loss.kind) {
    case "closed":
      return loss.reason === "" ? `closed by the service (${loss.code})` : loss.reason;
    case "cut":
    case "unreachable":
    case "protocol":
      return loss.detail;
    case "refused":
      return `refused (${loss.status})`;
    default:
      return unreachable(loss);
  }
}
