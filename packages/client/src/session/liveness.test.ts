import { describe, expect, test } from "vitest";
import { Rig } from "../testing/machine-rig.ts";
import { sampleChannel } from "../testing/samples.ts";
import { died } from "./liveness.ts";
import { defaultPolicy } from "./policy.ts";

const { pingEveryMs, pongTimeoutMs, silenceMs, pauseMaxMs, unansweredMax } = defaultPolicy;

function liveRig(): Rig {
  const rig = new Rig();
  rig.input({ type: "started" });
  rig.tell({ type: "made", channel: sampleChannel("one") });
  rig.tell({ type: "subscribed" });
  rig.pass(1_000);
  rig.tell({ type: "opened" });
  rig.hear();
  return rig;
}

function pong(rig: Rig): void {
  rig.hear();
  rig.tell({ type: "ponged" });
}

function beat(rig: Rig): void {
  rig.hear();
  rig.tell({ type: "beat" });
}

/** Wakes until the session watches for silence only; a frame comes after every ping. */
function letWatch(rig: Rig): void {
  for (let wakes = 0; rig.live.ping.kind !== "watching"; wakes++) {
    expect(wakes).toBeLessThan(10);
    rig.pass(1);
    rig.hear();
    rig.wake();
  }
}

function die(rig: Rig): void {
  for (let wakes = 0; rig.state.kind === "live"; wakes++) {
    expect(wakes).toBeLessThan(20);
    rig.wake();
  }
}

describe("pings", () => {
  test("go out on opening, and 10 s after the last answered one was sent", () => {
    const rig = liveRig();
    const openedAtMs = rig.nowMs;
    expect(rig.kinds).toContain("ping");
    rig.pass(400);
    pong(rig);
    rig.wake();
    expect(rig.nowMs - openedAtMs).toBe(pingEveryMs);
    expect(rig.kinds).toEqual(["ping"]);
  });

  test("an answer later than the next ping is due brings the next ping at once", () => {
    const rig = liveRig();
    for (let ping = 0; ping < 2; ping++) {
      rig.pass(1);
      rig.hear();
      rig.wake();
    }
    expect(rig.live.unanswered).toHaveLength(3);
    for (let answer = 0; answer < 3; answer++) pong(rig);
    const lastSentMs = rig.nowMs;
    expect(rig.deadlineMs).toBe(lastSentMs + pingEveryMs);
  });

  test("S10: pongs are matched oldest first, so a proof is never too new", () => {
    const rig = liveRig();
    const first = rig.nowMs;
    rig.pass(1);
    rig.hear();
    rig.wake();
    const second = rig.nowMs;
    expect(rig.live.unanswered).toEqual([first, second]);
    rig.pass(2_000);
    pong(rig);
    expect(rig.live).toMatchObject({ provenAtMs: first, unanswered: [second] });
    pong(rig);
    expect(rig.live).toMatchObject({ provenAtMs: second, unanswered: [] });
  });

  test("S10: a pong that nobody asked for proves nothing", () => {
    const rig = liveRig();
    pong(rig);
    rig.pass(5_000);
    const before = rig.live;
    pong(rig);
    expect(rig.state).toBe(before);
  });

  test("an answered ping leaves the other one its time to be answered", () => {
    const rig = liveRig();
    rig.pass(1);
    rig.hear();
    rig.wake();
    rig.pass(pongTimeoutMs - 1);
    pong(rig);
    expect(rig.deadlineMs).toBe(rig.nowMs + pongTimeoutMs);
  });
});

describe("somebody who waits for a proof", () => {
  test("has a ping sent at once, and hears of the proof when it is answered", () => {
    const rig = liveRig();
    pong(rig);
    rig.pass(3_000);
    expect(rig.tell({ type: "asked" }).map(({ type }) => type)).toEqual(["ping"]);
    const askedMs = rig.nowMs;
    rig.pass(50);
    pong(rig);
    expect(rig.effects).toMatchObject([{ type: "proven", untilMs: askedMs }]);
    expect(rig.deadlineMs).toBe(askedMs + pingEveryMs);
  });

  test("while a ping is unanswered: a second goes out, and both are matched in their order", () => {
    const rig = liveRig();
    const first = rig.nowMs;
    rig.pass(10);
    rig.tell({ type: "asked" });
    expect(rig.live.unanswered).toEqual([first, rig.nowMs]);
  });

  test("cannot have more pings than may be unanswered, nor one while nothing is read", () => {
    const rig = liveRig();
    for (let asks = 0; asks < 5; asks++) rig.tell({ type: "asked" });
    expect(rig.live.unanswered).toHaveLength(unansweredMax);
    rig.tell({ type: "paused" });
    pong(rig);
    expect(rig.tell({ type: "asked" })).toEqual([]);
    expect(rig.live.ping.kind).toBe("paused");
  });

  test("changes nothing where only silence decides", () => {
    const rig = liveRig();
    letWatch(rig);
    pong(rig);
    letWatch(rig);
    expect(rig.tell({ type: "asked" })).toEqual([]);
  });
});

describe("S11: where pings are not answered", () => {
  test("at most three are sent, then only silence decides", () => {
    const rig = liveRig();
    let pings = 1;
    for (let wake = 0; wake < 20; wake++) {
      rig.pass(1);
      rig.hear();
      rig.wake();
      pings += rig.kinds.filter((kind) => kind === "ping").length;
    }
    expect(pings).toBe(unansweredMax);
    expect(rig.live.ping.kind).toBe("watching");
    const heardAtMs = rig.heardAtMs;
    die(rig);
    expect(rig.nowMs - heardAtMs).toBe(silenceMs);
  });

  test("a heartbeat proves what was sent before the heartbeat before it", () => {
    const rig = liveRig();
    const openedAtMs = rig.nowMs;
    letWatch(rig);
    beat(rig);
    expect(rig.live.provenAtMs).toBe(openedAtMs);
    const firstBeatMs = rig.nowMs;
    rig.pass(30_000);
    beat(rig);
    expect(rig.live.provenAtMs).toBe(firstBeatMs);
    rig.pass(30_000);
    beat(rig);
    expect(rig.live.provenAtMs).toBe(firstBeatMs + 30_000);
  });

  test("a heartbeat proves nothing while pings may still be answered", () => {
    const rig = liveRig();
    const openedAtMs = rig.nowMs;
    pong(rig);
    beat(rig);
    rig.pass(30_000);
    beat(rig);
    expect(rig.live.provenAtMs).toBe(openedAtMs);
  });

  test("heartbeats that were held up, and come together, prove nothing of one another", () => {
    const rig = liveRig();
    letWatch(rig);
    beat(rig);
    const beforeMs = rig.nowMs;
    // Suspended: what was sent meanwhile comes at once, the last of it behind the heartbeats.
    rig.pass(300_000);
    for (let heartbeat = 0; heartbeat < 10; heartbeat++) beat(rig);
    expect(rig.live.provenAtMs).toBe(beforeMs);
    const wokeAtMs = rig.nowMs;
    rig.pass(20_000);
    beat(rig);
    expect(rig.live.provenAtMs).toBe(wokeAtMs);
  });

  test("an event is a sign of life, but no proof", () => {
    const rig = liveRig();
    const openedAtMs = rig.nowMs;
    letWatch(rig);
    rig.pass(10_000);
    rig.hear();
    rig.wake();
    expect(rig.live.provenAtMs).toBe(openedAtMs);
  });

  test("a late pong brings pings back", () => {
    const rig = liveRig();
    letWatch(rig);
    pong(rig);
    expect(rig.live.ping.kind).toBe("sent");
    pong(rig);
    pong(rig);
    expect(rig.live.ping.kind).toBe("due");
  });
});

describe("a pause", () => {
  test("stops pings and death, for a socket that is not read hears nothing", () => {
    const rig = liveRig();
    rig.tell({ type: "paused" });
    expect(rig.deadlineMs).toBe(rig.nowMs + pauseMaxMs);
    rig.pass(pauseMaxMs - 1);
    rig.input({ type: "woke" });
    expect(rig.state.kind).toBe("live");
    expect(rig.kinds).toEqual([]);
  });

  test("ends in a ping, whose answer proves all that waited in between", () => {
    const rig = liveRig();
    pong(rig);
    rig.pass(1_000);
    rig.tell({ type: "paused" });
    rig.pass(15_000);
    rig.tell({ type: "resumed" });
    rig.wake();
    expect(rig.kinds).toEqual(["ping"]);
    const sentAtMs = rig.nowMs;
    rig.pass(50);
    pong(rig);
    expect(rig.live.provenAtMs).toBe(sentAtMs);
  });

  test("keeps a ping that was on its way, and stays a pause when its answer is read", () => {
    const rig = liveRig();
    const pingMs = rig.nowMs;
    rig.tell({ type: "paused" });
    rig.pass(1_000);
    pong(rig);
    expect(rig.live).toMatchObject({ provenAtMs: pingMs, ping: { kind: "paused" } });
  });

  test("that nobody ends is over when its time is", () => {
    const rig = liveRig();
    pong(rig);
    rig.tell({ type: "paused" });
    rig.wake();
    expect(rig.kinds).toEqual(["ping"]);
    expect(rig.live.ping.kind).toBe("sent");
  });

  test("after which the peer has gone is found out by the pong time-out", () => {
    const rig = liveRig();
    pong(rig);
    rig.tell({ type: "paused" });
    rig.pass(15_000);
    rig.tell({ type: "resumed" });
    const resumedAtMs = rig.nowMs;
    rig.wake();
    rig.wake();
    expect(rig.state.kind).toBe("waiting");
    expect(rig.nowMs - resumedAtMs).toBe(pongTimeoutMs);
  });

  test("after pause after pause no more than three pings wait for an answer", () => {
    const rig = liveRig();
    for (let round = 0; round < 10; round++) {
      rig.tell({ type: "paused" });
      rig.pass(1_000);
      rig.tell({ type: "resumed" });
      rig.hear();
      rig.wake();
    }
    expect(rig.live.unanswered).toHaveLength(unansweredMax);
  });

  test("resumed twice is resumed once", () => {
    const rig = liveRig();
    pong(rig);
    const before = rig.live;
    rig.tell({ type: "resumed" });
    expect(rig.state).toBe(before);
  });
});

test("each end of a session has its cause", () => {
  expect(died({ kind: "timeout", during: "opening" })).toBe("cut");
  expect(died({ kind: "silence" })).toBe("silence");
  expect(died({ kind: "condemned" })).toBe("channel-gone");
});
