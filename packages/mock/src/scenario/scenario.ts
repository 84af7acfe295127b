/** What a scenario is once it is read: options of the mock, and what is to happen when. */
import type { CloudClient, CloudOptions } from "../cloud/contract.ts";
import type { Fault } from "../cloud/faults.ts";
import type { Settings } from "../cloud/settings.ts";

/** Options of the mock that a scenario may set. */
export interface ScenarioOptions extends Pick<
  CloudOptions,
  "seed" | "rate" | "rhythm" | "speed" | "queues" | "agents" | "region"
> {
  readonly clients?: readonly CloudClient[];
  readonly settings?: Partial<Settings>;
}

/** Which of those that are there when it is time: the one made last, or first. */
export type Choice = "newest" | "oldest";

/** What a scenario does at an instant. */
export type Act =
  | {
      readonly kind: "fault";
      /** Without the ids that `socket` and `channel` stand for. */
      readonly fault: Fault;
      readonly socket?: Choice;
      readonly channel?: Choice;
      /** Ends the fault again after so long. */
      readonly forMs?: number;
    }
  | { readonly kind: "publish"; readonly topic: string; readonly body: object }
  | { readonly kind: "clear" };

/** An act and its instants: milliseconds of the cloud's time after the first client. */
export interface TimelineItem {
  readonly atMs: number;
  readonly everyMs?: number;
  /** How often in all; without it, and with `everyMs`, for ever. */
  readonly times?: number;
  readonly act: Act;
}

/** A scenario as `loadScenario` and `readScenario` give it. */
export interface Scenario {
  readonly name: string;
  readonly options: Partial<ScenarioOptions>;
  readonly timeline: readonly TimelineItem[];
}

/** How far a scenario is. */
export interface ScenarioStatus {
  /** `waiting` for the first client. */
  readonly state: "none" | "waiting" | "running" | "done";
  readonly name?: string;
  /** When the first client came, epoch ms of the cloud. */
  readonly startedAtMs?: number;
  /** When something happens next, epoch ms of the cloud. */
  readonly nextAtMs?: number;
  /** Things that were done. */
  readonly done: number;
  /** Things that found no socket or channel to be done to. */
  readonly missed: number;
}
