/** What a state of the delivery machine means to whoever looks at it. Pure. */
import type { DeliveryStatus } from "./delivery.ts";
import type { State } from "./state.ts";
import { doneTo } from "./window.ts";

/** @param wallOffsetMs the wall clock minus the machine's */
export function statusOf(state: State, head: number, wallOffsetMs: number): DeliveryStatus {
  const { window, written, deadLetters } = state.memory;
  const position = doneTo(window);
  return {
    ...phaseOf(state, wallOffsetMs),
    position,
    behind: Math.max(0, head - position),
    written,
    deadLetters,
  };
}

function phaseOf(
  state: State,
  wallOffsetMs: number,
): Pick<DeliveryStatus, "state" | "error" | "retryAtMs"> {
  const { attempt, trouble } = state.memory;
  switch (state.kind) {
    case "entering":
    case "opening":
    case "live":
      // After a failure nothing is live before a write has shown it.
      if (attempt > 0) return { state: "retrying", error: trouble?.error, retryAtMs: undefined };
      return {
        state: state.kind === "live" ? "live" : "opening",
        error: undefined,
        retryAtMs: undefined,
      };
    case "waiting":
      return {
        state: "retrying",
        error: state.error,
        retryAtMs: Math.round(state.untilMs + wallOffsetMs),
      };
    case "halted":
      return { state: "halted", error: state.error, retryAtMs: undefined };
    case "rewinding":
      return { state: "opening", error: undefined, retryAtMs: undefined };
    case "draining":
      return {
        state: state.aim.do === "stop" ? "stopped" : "opening",
        error: undefined,
        retryAtMs: undefined,
      };
    case "idle":
    case "closing":
    case "stopped":
      return { state: "stopped", error: undefined, retryAtMs: undefined };
    default:
      return state satisfies never;
  }
}
