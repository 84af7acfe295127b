import { describe, expect, test } from "vitest";
import {
  auth,
  grantOf,
  keepalive,
  MachineSocket as Socket,
  ping,
  startWallMs,
  subscribe,
  unsubscribe,
  wrong,
} from "../../testing/machine-socket.ts";
import type { Refusal } from "./state.ts";

describe("without a token", () => {
  test("a heartbeat comes at once, and the end after 10 s", () => {
    const socket = new Socket(undefined);
    expect(socket.times("heartbeat")).toEqual([1_000]);
    socket.run(9_999);
    expect(socket.state.kind).toBe("stranger");
    socket.run(1);
    expect(socket.end).toEqual([11_000, 4401, "TOKEN_MISSING", "TOKEN_MISSING"]);
  });

  test("what came ahead of it is obeyed after it, in order; what needs none at once", () => {
    const socket = new Socket(undefined);
    socket.hear(subscribe("one"), keepalive, unsubscribe, ping, subscribe("two"), auth);
    expect(socket.sent).toMatchObject([
      { type: "keepalive-ack" },
      { topicName: "channel.metadata" },
    ]);
    expect(socket.of("subscribe")).toEqual([]);
    socket.hear(subscribe("three"));
    const before = socket.effects.length;
    socket.grant();
    expect(
      socket.effects
        .slice(before)
        .map(({ effect }) =>
          effect.type === "subscribe"
            ? effect.message.id
            : effect.type === "send" && "type" in effect.message
              ? effect.message.type
              : effect.type,
        ),
    ).toEqual(["auth-success", "one", "unsubscribe", "two", "three"]);
  });

  test("what is wrong is told at once", () => {
    const socket = new Socket(undefined);
    socket.hear(wrong);
    expect(socket.of("refuse")).toMatchObject([
      { refusal: { code: "FILTERS_MISSING", details: { length: 2 } } },
    ]);
    expect(socket.state.kind).toBe("stranger");
  });

  test("ten messages wait; the next one ends it", () => {
    const socket = new Socket(undefined);
    for (let n = 0; n < 10; n++) socket.hear(subscribe(`${n}`));
    expect(socket.state.kind).toBe("stranger");
    socket.hear(subscribe("more"));
    expect(socket.end).toMatchObject([1_000, 4429, "TOO_FAST", "TOO_FAST"]);
  });

  test("it stays while a token is looked at, and that takes 30 s at most, however many are sent", () => {
    const socket = new Socket(undefined);
    for (let n = 0; n < 100 && socket.state.kind === "stranger"; n++) {
      socket.hear(auth);
      socket.run(1_000);
    }
    expect(socket.end).toEqual([31_000, 4503, "UNAVAILABLE", "UNAVAILABLE"]);
  });

  test("an answer about an older token says nothing about the newest", () => {
    const socket = new Socket(undefined);
    socket.hear(auth);
    const older = socket.epoch;
    socket.hear(auth);
    socket.input({ type: "granted", epoch: older, grant: grantOf() });
    expect(socket.state.kind).toBe("stranger");
    const refusal: Refusal = { code: "TOKEN_INVALID", message: "It is." };
    socket.input({ type: "refused", epoch: older, refusal });
    expect(socket.state.kind).toBe("stranger");
    socket.input({ type: "refused", epoch: socket.epoch, refusal });
    expect(socket.end).toEqual([1_000, 4401, "TOKEN_INVALID", "TOKEN_INVALID"]);
  });

  test("a token that may not connect ends it", () => {
    const socket = new Socket(undefined);
    socket.hear(auth, subscribe("one"));
    socket.grant(grantOf({ mayConnect: false }));
    expect(socket.end).toEqual([1_000, 4403, "SCOPE_MISSING", "SCOPE_MISSING"]);
    expect(socket.of("subscribe")).toEqual([]);
  });
});

describe("silence", () => {
  test("heartbeats come every 15 s, and 45 s without anything end it", () => {
    const socket = new Socket(grantOf());
    socket.run(100_000);
    expect(socket.times("heartbeat")).toEqual([1_000, 16_000, 31_000]);
    expect(socket.end).toEqual([46_000, 4408, "SILENT", "SILENT"]);
  });

  test("a client that only answers pings is never dropped", () => {
    const socket = new Socket(grantOf({ expiresAtMs: startWallMs + 90_000_000 }));
    for (let n = 0; n < 24 * 60 * 2; n++) {
      socket.run(30_000);
      socket.input({ type: "heard" });
    }
    expect(socket.of("close")).toEqual([]);
  });

  test("nor is one that only sends a keepalive every 15 s, in a day; each is answered", () => {
    const socket = new Socket(grantOf({ expiresAtMs: startWallMs + 90_000_000 }));
    const count = 24 * 60 * 4;
    for (let n = 0; n < count; n++) {
      socket.run(15_000);
      socket.hear(keepalive);
    }
    expect(socket.of("close")).toEqual([]);
    expect(socket.sent.filter((message) => isA("keepalive-ack", message))).toHaveLength(count);
    expect(socket.of("heartbeat")).toHaveLength(count + 1);
  });
});

describe("a token's end", () => {
  const expiresAtMs = startWallMs + 301_000;
  test("is announced once, 60 s ahead, and closes the socket", () => {
    const socket = new Socket(grantOf({ expiresAtMs }));
    alive(socket, 400_000);
    const announced = socket.effects.filter(
      ({ effect }) => effect.type === "send" && isNotice("TOKEN_EXPIRES", effect.message),
    );
    expect(announced.map(({ atMs }) => atMs)).toEqual([241_000]);
    expect(socket.end).toEqual([301_000, 4401, "TOKEN_EXPIRED", "TOKEN_EXPIRED"]);
  });

  test("is put off by a new token, without a close and with a new announcement", () => {
    const socket = new Socket(grantOf({ expiresAtMs }));
    alive(socket, 250_000);
    socket.hear(auth);
    socket.grant(grantOf({ expiresAtMs: expiresAtMs + 300_000 }));
    alive(socket, 600_999);
    expect(socket.of("close")).toEqual([]);
    expect(socket.sent.filter((message) => isA("auth-success", message))).toHaveLength(2);
    expect(socket.sent.filter((message) => isNotice("TOKEN_EXPIRES", message))).toHaveLength(2);
    alive(socket, 700_000);
    expect(socket.end).toEqual([601_000, 4401, "TOKEN_EXPIRED", "TOKEN_EXPIRED"]);
  });

  test("is not the socket's while a new one is looked at", () => {
    const socket = new Socket(grantOf({ expiresAtMs }));
    alive(socket, 300_999);
    socket.hear(auth);
    alive(socket, 310_000);
    expect(socket.of("close")).toEqual([]);
    socket.grant(grantOf({ expiresAtMs: expiresAtMs + 300_000 }));
    alive(socket, 320_000);
    expect(socket.of("close")).toEqual([]);
  });

  test("a token of another client is refused", () => {
    const socket = new Socket(grantOf());
    socket.hear(auth);
    socket.grant(grantOf({ clientId: "another" }));
    expect(socket.end).toEqual([1_000, 4401, "TOKEN_INVALID", "TOKEN_INVALID"]);
  });
});

describe("too much", () => {
  test("200 messages within 10 s are heard, the next one ends it", () => {
    const socket = new Socket(grantOf());
    for (let n = 0; n < 200; n++) socket.hear(keepalive);
    expect(socket.state.kind).toBe("known");
    socket.hear(keepalive);
    expect(socket.end).toEqual([1_000, 4429, "TOO_FAST", "TOO_FAST"]);
  });

  test("the same over 10 s and more is not", () => {
    const socket = new Socket(grantOf());
    for (let n = 0; n < 2_000; n++) {
      socket.run(51);
      socket.hear(keepalive);
    }
    expect(socket.of("close")).toEqual([]);
  });

  test("of 20 wrong messages each is told what is wrong, and the last ends it", () => {
    const socket = new Socket(grantOf());
    for (let n = 0; n < 19; n++) {
      socket.run(1_000);
      socket.hear(wrong);
    }
    expect(socket.of("close")).toEqual([]);
    socket.hear(wrong);
    expect(socket.end).toMatchObject([20_000, 4429, "TOO_FAST", "TOO_FAST"]);
    expect(socket.of("refuse").map(({ refusal }) => refusal.code)).toEqual([
      ...Array.from({ length: 20 }, () => "FILTERS_MISSING"),
      "TOO_FAST",
    ]);
  });
});

describe("who does not subscribe", () => {
  test("is told so once, after 30 s", () => {
    const socket = new Socket(grantOf());
    for (let n = 0; n < 10; n++) {
      socket.run(10_000);
      socket.hear(keepalive);
    }
    expect(socket.times("imply")).toEqual([31_000]);
  });

  test("has a subscription made after 2 s where the path means one, also if the token comes late", () => {
    const early = new Socket(grantOf(), 2_000);
    early.run(5_000);
    expect(early.times("imply")).toEqual([3_000]);
    const late = new Socket(undefined, 2_000);
    late.run(5_000);
    expect(late.times("imply")).toEqual([]);
    late.hear(auth);
    late.grant();
    late.run(5_000);
    expect(late.times("imply")).toEqual([8_000]);
  });

  test("but one who did has none made", () => {
    const early = new Socket(grantOf(), 2_000);
    early.hear(subscribe("one"));
    early.run(40_000);
    const late = new Socket(undefined, 2_000);
    late.hear(subscribe("one"), auth);
    late.grant();
    late.run(40_000);
    expect([...early.times("imply"), ...late.times("imply")]).toEqual([]);
  });
});

test("what is lost is over, without a word", () => {
  const socket = new Socket(grantOf());
  expect(socket.input({ type: "lost" })).toEqual([]);
  expect(socket.state.kind).toBe("closed");
});

/** Lets time go on, with a sign of life every 10 s. */
function alive(socket: Socket, untilMs: number): void {
  while (socket.nowMs < untilMs && socket.state.kind !== "closed") {
    socket.runTo(Math.min(untilMs, socket.nowMs + 10_000));
    socket.input({ type: "heard" });
  }
}

function isA(type: string, message: unknown): boolean {
  return (message as { readonly type?: string }).type === type;
}

function isNotice(code: string, message: unknown): boolean {
  return isA("notice", message) && (message as { readonly code?: string }).code === code;
}
