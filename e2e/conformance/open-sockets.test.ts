/** What nobody has established, continued: sockets. Each value of each setting, as in its siblings. */
import { expect } from "vitest";
import { dial, presence, raise } from "./client.ts";
import { rule } from "./rule.ts";

rule(
  "no. 6 open",
  "idleTimeoutMs: a socket on which the client is silent is closed with 1001",
  async () => {
    const caller = await raise({ settings: { idleTimeoutMs: 60_000 } });
    const { socket, channel } = await caller.line([]);
    caller.passes(50_000);
    await socket.settled();
    caller.passes(100_000);
    // What the client has said put the end off; what it hears does not.
    await socket.settled();
    caller.passes(170_000);
    expect(await socket.closed).toEqual({ code: 1001, reason: "idle timeout" });
    const next = await dial(channel.connectUri);
    await next.settled();
  },
);

rule("no. 6 open", "idleTimeoutMs: 0 closes none", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  caller.passes(23 * 3_600_000);
  await socket.settled();
});

for (const [order, alike] of [
  ["same", true],
  ["per-channel", false],
] as const)
  rule("no. 7 open", `fieldOrder: ${order}`, async () => {
    const caller = await raise({ settings: { fieldOrder: order } });
    const lines = [await caller.line(), await caller.line()];
    const body = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, index]));
    caller.emit(presence, body);
    const [one, other] = await Promise.all(lines.map(({ socket }) => socket.of(presence)));
    expect(one?.eventBody).toEqual(other?.eventBody);
    expect(JSON.stringify(one?.eventBody) === JSON.stringify(other?.eventBody)).toBe(alike);
  });

rule("no. 25 open", "pongIntervalMs: a ping that comes sooner is not answered", async () => {
  const caller = await raise({ settings: { pongIntervalMs: 60_000 } });
  const { socket } = await caller.line([presence]);
  for (let turn = 0; turn < 3; turn++) socket.say({ message: "ping" });
  await socket.metadata("pong");
  // Its answer shows that the pings before it were heard.
  await socket.answer({ message: "unsubscribe", topics: [] });
  expect(socket.frames).toEqual([]);
  caller.passes(61_000);
  socket.say({ message: "ping" });
  await socket.metadata("pong");
});

for (const [sampling, alike] of [
  ["per-topic", true],
  ["per-channel", false],
] as const)
  rule("no. 24 open", `observationSampling: ${sampling}`, async () => {
    const settings = { observationSampling: sampling };
    const caller = await raise({ rate: 100, queues: 1, settings });
    const id = caller.mock.cloud.world.queues[0]?.id ?? "";
    const topic = `v2.analytics.queues.${id}.observations`;
    // The clock stands still from here on, but for the steps below: both lines begin at one instant.
    caller.passes(60_000);
    const { nowMs } = caller.mock.cloud.state();
    const lines = [await caller.line([topic]), await caller.line([topic])];
    for (let ms = 0; ms < 60_000; ms += 50) caller.mock.cloud.wake(nowMs + ms);
    const [one = [], other = []] = await Promise.all(
      lines.map(async ({ socket }) =>
        (await socket.settled())
          .filter(({ topicName }) => topicName === topic)
          .map(({ eventBody }) => JSON.stringify(eventBody)),
      ),
    );
    expect(one.length).toBeGreaterThan(10);
    expect(JSON.stringify(one) === JSON.stringify(other)).toBe(alike);
  });
