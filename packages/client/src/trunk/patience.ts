/** Repeats a step of the start until it succeeds or fails for good. */
import type { TrunklineError } from "../errors.ts";
import type { Clock, Random } from "../ports.ts";
import type { Policy } from "../session/policy.ts";
import type { Failure } from "../session/state.ts";

export interface PatiencePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: Pick<Policy, "backoffFirstMs" | "backoffMaxMs">;
  readonly signal: AbortSignal;
  readonly appraise: (error: unknown) => Failure;
  readonly setback: (error: TrunklineError, retryInMs: number, attempt: number) => void;
}

export async function patiently(
  work: () => Promise<void>,
  { clock, random, policy, signal, appraise, setback }: PatiencePorts,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const failure = appraise(error);
      if (failure.final || signal.aborted) throw error;
      const ceilingMs =
        attempt === 1
          ? 0
          : Math.min(policy.backoffMaxMs, policy.backoffFirstMs * 2 ** (attempt - 2));
      const retryInMs = Math.round(Math.max(failure.error.retryAfterMs ?? 0, random() * ceilingMs));
      setback(failure.error, retryInMs, attempt);
      await clock.sleep(retryInMs, signal);
      signal.throwIfAborted();
    }
  }
}
