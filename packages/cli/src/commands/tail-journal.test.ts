import { expect, test } from "vitest";
import { run } from "../run.ts";
import { FakeRelay } from "../testing/fake-relay.ts";
import { turn } from "../testing/manual-clock.ts";
import { createStage } from "../testing/stage.ts";

const presence = "v2.users.4b1d9f52-6c0f-4b3e-9a70-0d5e8f1c2a3b.presence";

function stored(): FakeRelay {
  const relay = new FakeRelay();
  relay.event(presence, { presenceDefinition: { systemPresence: "BUSY" } });
  const [from, to] = ["2026-11-21T12:00:00.000Z", "2026-11-21T12:00:02.000Z"];
  relay.gap(presence, { from, to, cause: "stopped", state: "closed" });
  relay.event("v2.b", { text: "\u001B[31mred" });
  return relay;
}

async function tailed(
  line: string,
  relay = stored(),
  isTerminal = false,
): Promise<{ code: number; out: string; err: string }> {
  const { system, out, err } = createStage({ http: relay.door, isTerminal });
  const code = await run(line.split(" "), system);
  return { code, out: out(), err: err() };
}

test("json passes the relay's lines on as they are, from the start where nothing else is said", async () => {
  const { code, out, err } = await tailed("tail --no-follow");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.split("\n")).toEqual([
    `{"type":"event","cursor":"j1-1","id":"j1-1","topic":"${presence}","receivedAt":"2026-11-21T12:00:00.000Z","source":"live","data":{"presenceDefinition":{"systemPresence":"BUSY"}},"trunk":"main"}`,
    expect.stringMatching(/^\{"type":"gap","cursor":"j1-2","id":"g1","topics":/u),
    expect.stringMatching(/^\{"type":"event","cursor":"j1-3"/u),
    "",
  ]);
});

test("--since is the place to begin", async () => {
  const { out } = await tailed("tail --no-follow --since j1-2");
  expect(out).toMatch(/^\{"type":"event","cursor":"j1-3".*\n$/u);
});

test("--topic is a matter of the relay", async () => {
  const { out } = await tailed("tail --no-follow --topic v2.b");
  expect(out).toMatch(/^\{"type":"event","cursor":"j1-3".*\n$/u);
});

test("genesys is the frames untouched; gaps go to stderr", async () => {
  const { out, err } = await tailed("tail --no-follow --format genesys");
  expect(out.split("\n")).toEqual([
    `{"topicName":"${presence}", "eventBody":{"presenceDefinition":{"systemPresence":"BUSY"}}}`,
    String.raw`{"topicName":"v2.b", "eventBody":{"text":"\u001b[31mred"}}`,
    "",
  ]);
  expect(err).toMatch(/gap closed: .*the relay was stopped, and started again \(stopped\)\n$/u);
});

test("a terminal gets words, harmless ones, and gaps where they stand", async () => {
  const { out } = await tailed("tail --no-follow", stored(), true);
  expect(out).toMatch(
    /^\S+ {2}user 4b1d9f52 presence {2}BUSY\n\S+ {2}gap closed: .*\n\S+ {2}b .*red/u,
  );
  expect(out).not.toContain("\u001B[31mred");
});

test("another day is said before its first line", async () => {
  const relay = new FakeRelay();
  const from = new Date(2026, 10, 19, 8).toISOString();
  const to = new Date(2026, 10, 20, 8).toISOString();
  relay.gap(presence, { from, to, cause: "retention", state: "closed" });
  relay.gap(presence, { from, to, cause: "retention", state: "closed" });
  const { out } = await tailed("tail --no-follow --format pretty", relay);
  expect(out.match(/2026-11-20/gu)).toHaveLength(1);
  expect(out).toMatch(/^2026-11-20\n08:00:00\.000 {2}gap closed/u);
});

test("a loss is told on stderr, and what follows comes on stdout", async () => {
  const relay = stored();
  const { system, out, err, stop } = createStage({
    http: relay.door,
    clock: { monotonicMs: () => 0, wallMs: () => 0, sleep: onlyShort },
  });
  const done = run(["tail", "--since", "j1-3"], system);
  await turn();
  relay.cut();
  await turn();
  relay.event("v2.b", {});
  await turn();
  stop("asked");
  expect(await done).toBe(0);
  expect(err()).toMatch(
    /disconnected {2}the relay at http:\/\/127\.0\.0\.1:8484 has gone away: the connection was cut \(ECONNRESET\); trying again\n.*connected {5}the relay at \S+ is back; going on after j1-3\n$/u,
  );
  expect(out()).toMatch(/^\{"type":"event","cursor":"j1-4".*\n$/u);
});

/** Pauses are over at once; the guard over the silence sleeps on. */
function onlyShort(ms: number, signal: AbortSignal): Promise<void> {
  return ms < 10_000
    ? Promise.resolve()
    : new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
}
