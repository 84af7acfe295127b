/**
 * A cloud to which planned things happen: the timeline of a scenario, and the events of a capture. It is pure as the
 * cloud is: instants are deadlines, and whoever drives the cloud drives them along.
 */
import type { Cloud } from "../cloud/contract.ts";
import { Deadlines, type Deadline } from "../cloud/deadlines.ts";
import type { Fault } from "../cloud/faults.ts";
import type { Capture } from "../replay/capture.ts";
import { createReplay } from "../replay/replay.ts";
import type { Act, Choice, Scenario, ScenarioStatus, TimelineItem } from "./scenario.ts";

/** Planned things in one wake; the rest follows in the next, at once. */
const actsPerWakeMax = 1_000;

export interface Director {
  /** The cloud, with the plan carried out as its time passes. */
  readonly cloud: Cloud;
  /** Plays from the first client on; at once where one has been there. Ends what was played before. */
  play(scenario: Scenario, nowMs: number): void;
  /** Ends the scenario, and the faults of it that still stand. */
  stop(): void;
  status(): ScenarioStatus;
}

interface Playing {
  readonly scenario: Scenario;
  readonly deadlines: Set<Deadline>;
  readonly faultIds: Set<number>;
  startedAtMs: number | undefined;
  done: number;
  missed: number;
}

/** @param onEarlier told when the next deadline has become an earlier one */
export function createDirector(
  cloud: Cloud,
  {
    capture,
    onEarlier,
  }: { readonly capture?: Capture | undefined; readonly onEarlier: () => void },
): Director {
  const deadlines = new Deadlines(onEarlier);
  const replay = capture === undefined ? undefined : createReplay(capture, cloud, deadlines);
  let playing: Playing | undefined;
  let hadClient = false;
  let advancing = false;

  function advance(nowMs: number): void {
    // What happens may call back, through the transport; then it is already being seen to.
    if (advancing) return;
    advancing = true;
    try {
      for (let acts = 0; acts < actsPerWakeMax; acts += 1) {
        const next = deadlines.nextMs();
        if (next === undefined || next > nowMs) break;
        cloud.wake(next);
        deadlines.runNext(next);
      }
    } finally {
      advancing = false;
    }
  }

  /** A request of the API or an upgrade: the clock of the timeline begins with the first. */
  function arrived(nowMs: number): void {
    if (!hadClient) {
      hadClient = true;
      if (playing !== undefined) begin(playing, nowMs);
    }
    advance(nowMs);
  }

  function begin(play: Playing, nowMs: number): void {
    play.startedAtMs = nowMs;
    for (const item of play.scenario.timeline) plan(play, item, nowMs + item.atMs, 1);
  }

  function plan(play: Playing, item: TimelineItem, atMs: number, time: number): void {
    const deadline = deadlines.set(atMs, (dueMs) => {
      play.deadlines.delete(deadline);
      if (carryOut(play, item.act, dueMs)) play.done += 1;
      else play.missed += 1;
      const { everyMs, times = Number.POSITIVE_INFINITY } = item;
      if (everyMs !== undefined && time < times) plan(play, item, dueMs + everyMs, time + 1);
    });
    play.deadlines.add(deadline);
  }

  /** False when there is nothing to do it to. */
  function carryOut(play: Playing, act: Act, atMs: number): boolean {
    if (act.kind === "clear") {
      cloud.faults.clear();
      return true;
    }
    if (act.kind === "publish") {
      cloud.emit(act.topic, act.body, atMs);
      return true;
    }
    const fault = aimed(act, cloud);
    if (fault === undefined) return false;
    const { id, affected } = cloud.faults.inject(fault, atMs);
    if (id === undefined) return affected > 0;
    play.faultIds.add(id);
    if (act.forMs !== undefined) {
      const end = deadlines.set(atMs + act.forMs, () => {
        play.deadlines.delete(end);
        play.faultIds.delete(id);
        cloud.faults.remove(id);
      });
      play.deadlines.add(end);
    }
    return true;
  }

  function stop(): void {
    for (const deadline of playing?.deadlines ?? []) deadlines.cancel(deadline);
    for (const id of playing?.faultIds ?? []) cloud.faults.remove(id);
    playing = undefined;
  }

  const directed: Cloud = {
    ...cloud,
    request(request, nowMs) {
      arrived(nowMs);
      const answer = cloud.request(request, nowMs);
      replay?.look(nowMs);
      return answer;
    },
    upgrade(path, nowMs, host, authorization) {
      arrived(nowMs);
      const upgrade = cloud.upgrade(path, nowMs, host, authorization);
      replay?.look(nowMs);
      return upgrade;
    },
    received(socketId, text, nowMs) {
      advance(nowMs);
      cloud.received(socketId, text, nowMs);
      replay?.look(nowMs);
    },
    closed(socketId, nowMs, cause) {
      advance(nowMs);
      cloud.closed(socketId, nowMs, cause);
    },
    wake(nowMs) {
      advance(nowMs);
      cloud.wake(nowMs);
    },
    nextDeadlineMs() {
      const own = deadlines.nextMs() ?? Number.POSITIVE_INFINITY;
      const next = Math.min(own, cloud.nextDeadlineMs() ?? Number.POSITIVE_INFINITY);
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
    sampleTopics: (count) => (replay?.topics ?? cloud.sampleTopics(count)).slice(0, count),
  };

  return {
    cloud: directed,
    play(scenario, nowMs) {
      stop();
      playing = {
        scenario,
        deadlines: new Set(),
        faultIds: new Set(),
        startedAtMs: undefined,
        done: 0,
        missed: 0,
      };
      if (hadClient) begin(playing, nowMs);
      advance(nowMs);
    },
    stop,
    status: () => statusOf(playing),
  };
}

function statusOf(playing: Playing | undefined): ScenarioStatus {
  if (playing === undefined) return { state: "none", done: 0, missed: 0 };
  const { scenario, startedAtMs, deadlines, done, missed } = playing;
  const told = { name: scenario.name, done, missed };
  if (startedAtMs === undefined) return { state: "waiting", ...told };
  const next = Math.min(...[...deadlines].map(({ atMs }) => atMs));
  if (next === Number.POSITIVE_INFINITY) return { state: "done", startedAtMs, ...told };
  return { state: "running", startedAtMs, nextAtMs: next, ...told };
}

/** The fault with the ids of what is there now; undefined when there is no such socket or channel. */
function aimed(act: Extract<Act, { kind: "fault" }>, cloud: Cloud): Fault | undefined {
  const { fault, socket, channel } = act;
  if (socket === undefined && channel === undefined) return fault;
  const state = cloud.state();
  const socketId = socket && chosen(state.sockets, socket)?.socketId;
  const channelId = channel && chosen(state.channels, channel)?.channelId;
  if ((socketId ?? channelId) === undefined) return undefined;
  return {
    ...fault,
    ...(socketId === undefined ? {} : { socketId }),
    ...(channelId === undefined ? {} : { channelId }),
  };
}

/** The lists of the state are in the order in which things were made. */
function chosen<Item>(items: readonly Item[], choice: Choice): Item | undefined {
  return choice === "newest" ? items.at(-1) : items[0];
}
