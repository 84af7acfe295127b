/** The program of docs/RECONNECT.md, as it stands there, against a relay to which everything happens that it is for. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { endAll, onEnd, type Env } from "../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { gatewayStage, type GatewayStage, type Message } from "./gateway-stage.ts";
import { blocksOf } from "./page-blocks.ts";
import { PageProgram } from "./page-program.ts";
import { startProxy } from "./proxy.ts";
import { eventually, Reader } from "./relay-rig.ts";

afterEach(endAll);

function programOf(name: string): string {
  const blocks = blocksOf("RECONNECT.md");
  return blocks.find((block) => block.role === "program" && block.name === name)?.text ?? "";
}

const program = programOf("ws");

/** Waits that a test can afford, in place of those of the page. */
const quick = { "40_000": "2_000", "30_000": "300" };
/** A relay takes its time to start on a busy machine. */
const patient = { ...quick, "60_000": "200", "attempt < 10;": "attempt < 1_000;" };

function sped(changes: Readonly<Record<string, string>>): string {
  let text = program;
  for (const [slow, fast] of Object.entries(changes)) {
    expect(text.split(slow)).toHaveLength(2);
    text = text.replace(slow, fast);
  }
  return text;
}

test("the program has forty lines at most, and none that is too wide to read", () => {
  const lines = program.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

type Changes = Readonly<Record<string, string>>;

function begin(url: string, secret = sampleSecret, changes: Changes = patient): PageProgram {
  return new PageProgram(sped(changes), envOf(url, secret));
}

function envOf(url: string, secret = sampleSecret): Env {
  const credentials = { TRUNKLINE_CLIENT_ID: "wallboard", TRUNKLINE_CLIENT_SECRET: secret };
  return { TRUNKLINE_URL: url, ...credentials };
}

/** What the program has dealt with. */
function messagesOf(of: PageProgram): readonly Message[] {
  return of.linesOf("events.ndjson").map((line) => JSON.parse(line) as Message);
}

function numbersOf(of: PageProgram): readonly number[] {
  return messagesOf(of)
    .filter(({ type }) => type === "event")
    .map(({ data }) => (data as { readonly n: number }).n);
}

function cursorsOf(messages: readonly Message[], kind: string): readonly string[] {
  return messages
    .filter((message) => (message["type"] ?? message["kind"]) === kind)
    .map(({ cursor }) => String(cursor));
}

test("it gets each event once and in order, over cuts, silence, ends of tokens and a restart of the relay", async () => {
  const life = { tokenLifeMs: 3_000 };
  let stage: GatewayStage = await gatewayStage(life);
  const { mock, dataDir } = stage;
  const proxy = await startProxy(stage.url, 2);
  onEnd(() => proxy.close());
  const topics = stage.topics.filter((topic) => topic.endsWith(".presence"));
  let n = 0;
  const beat = setInterval(() => stage.emit(topics[n % 2] ?? "", { n: ++n }), 10);
  onEnd(() => clearInterval(beat));
  const running = begin(proxy.url);
  /** Waits until what is emitted only now has arrived. */
  const flows = (): Promise<unknown> => {
    const from = n;
    return eventually("a new event", () => {
      if ((numbersOf(running).at(-1) ?? 0) > from) return true;
      throw new Error(running.complaints);
    });
  };

  await flows();
  for (let cut = 0; cut < 3; cut++) {
    proxy.cut();
    await flows();
  }
  // Open, and nothing comes: only the program's own watch ends it.
  proxy.forget();
  await flows();
  await eventually("the ends of two tokens", () => {
    return running.complaints.split("The token expired at").length > 2;
  });
  await flows();
  await stage.relay.stop();
  stage = await gatewayStage(life, { mock, dataDir, port: Number(new URL(stage.url).port) });
  await flows();
  clearInterval(beat);
  stage.emit(topics[0] ?? "", { n: ++n });
  await eventually("the last event", () => numbersOf(running).at(-1) === n);

  const reader = new Reader();
  void reader.follow(stage.url);
  await eventually("the journal", () => reader.lines.some((line) => line.includes(`"n":${n}}`)));
  const journal = reader.lines.map((line) => JSON.parse(line) as Message);
  const told = messagesOf(running);
  const first = String(cursorsOf(told, "event")[0]);
  const events = cursorsOf(journal, "event");
  expect(cursorsOf(told, "event")).toEqual(events.slice(events.indexOf(first)));
  expect(told.some(({ type, cause }) => type === "gap" && cause === "stopped")).toBe(true);
});

const kills = Number(process.env["KILLS"] ?? 3);

test.each([
  ["ws", (url: string) => begin(url), kills],
  // It acknowledges what it has dealt with from time to time.
  ["library", (url: string) => new PageProgram(programOf("library"), envOf(url)), Infinity],
] as const)(
  `the one with %s, killed itself ${kills} times, goes on where it was, and nothing is missing`,
  async (_, run, twiceMax) => {
    const stage = await gatewayStage();
    const topics = stage.topics.filter((topic) => topic.endsWith(".presence"));
    let n = 0;
    const beat = setInterval(() => stage.emit(topics[n % 2] ?? "", { n: ++n }), 5);
    onEnd(() => clearInterval(beat));
    const running = run(stage.url);
    for (let kill = 0; kill <= kills; kill++) {
      if (kill > 0) await running.killAndBegin();
      const before = numbersOf(running).at(-1) ?? 0;
      await eventually("events", () => (numbersOf(running).at(-1) ?? 0) > before + 50);
    }
    clearInterval(beat);
    const numbers = numbersOf(running);
    const once = [...new Set(numbers)];
    expect(once).toEqual(Array.from(once, (_unused, index) => (once[0] ?? 0) + index));
    expect(numbers.length - once.length).toBeLessThanOrEqual(twiceMax);
  },
  60_000 + kills * 10_000,
);

describe("what is refused for good ends it, with the reason", () => {
  test("a secret that is another", async () => {
    const stage = await gatewayStage();
    const program = begin(stage.url, "another", quick);
    expect(await program.exit).toBe(1);
    expect(program.complaints).toContain("CLIENT_UNKNOWN");
  });

  test("a subscription that is wrong, of which each socket is over before the next", async () => {
    const stage = await gatewayStage();
    const road = await countingRoad(stage.url);
    const program = begin(road.url, sampleSecret, { ...quick, '"self"': '"selv"' });
    expect(await program.exit).toBe(1);
    expect(program.complaints.split("ids are UUIDs")).toHaveLength(11);
    // By the number of others that were open when it was opened.
    expect(road.others).toEqual(Array.from({ length: 10 }, () => 0));
  });
});

/** A way to a relay on which each upgrade to a socket is noted, with how many others are open then. */
async function countingRoad(
  target: string,
): Promise<{ readonly url: string; readonly others: readonly number[] }> {
  const others: number[] = [];
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(target).port), "127.0.0.1");
    near.on("data", (chunk: Buffer) => {
      if (!/^upgrade: websocket/imu.test(chunk.toString())) return;
      others.push(open.size);
      open.add(near);
    });
    near.on("close", () => {
      open.delete(near);
      far.destroy();
    });
    far.on("close", () => near.destroy());
    for (const side of [near, far]) side.on("error", () => undefined);
    near.pipe(far).pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, others };
}
