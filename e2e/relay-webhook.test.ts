/**
 * A webhook that is down, busy, broken, silent, gone or refuses: its state says so with a code, nothing is
 * lost, and the file beside it does not notice. An hour is here some hundred attempts: pauses are short.
 */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RunningMock } from "@trunkline/mock";
import {
  endAll,
  expectExit,
  mockHere,
  onEnd,
  trunkline,
} from "../packages/cli/src/testing/processes.ts";
import {
  eventually,
  folder,
  linesOf,
  Receiver,
  startRelay,
  take,
  writeConfig,
  type RelayProcess,
} from "./relay-rig.ts";

let mock: RunningMock;
let relay: RelayProcess;
let receiver: Receiver;
let topics: readonly string[];
let archive: string;
/** Numbers the events of all tests. */
let n = 0;

beforeAll(async () => {
  mock = await mockHere();
  const { queues } = mock.cloud.world;
  topics = queues.slice(0, 4).map(({ id }) => `v2.routing.queues.${id}.conversations`);
  receiver = await new Receiver().open();
  const dir = folder();
  archive = join(dir, "events.ndjson");
  const config = writeConfig({
    dir,
    mock,
    topics,
    sinks: [
      { name: "archive", type: "file", path: archive, from: "start" },
      {
        name: "hook",
        type: "webhook",
        url: receiver.url,
        allow: ["127.0.0.1"],
        from: "start",
        timeout: "300ms",
        retry: { first: "10ms", max: "20ms" },
      },
    ],
  });
  relay = startRelay(config, mock.clientSecret);
  await relay.url;
});
afterEach(() => {
  receiver.behave = take;
});
afterAll(endAll);

/** Emits events in a row on all topics; returns their numbers. */
function emit(count: number): readonly number[] {
  return Array.from({ length: count }, () => {
    mock.cloud.emit(topics[n % topics.length] ?? "", { n: ++n }, mock.nowMs());
    return n;
  });
}

function numbersInFile(): readonly number[] {
  return linesOf(archive).flatMap((line) =>
    numberIn((JSON.parse(line) as { readonly data?: unknown }).data),
  );
}

function numbersAtHook(): readonly number[] {
  return receiver.taken.flatMap(({ data }) => numberIn(data));
}

function numberIn(data: unknown): readonly number[] {
  const number = (data as { readonly n?: unknown } | null)?.n;
  return typeof number === "number" ? [number] : [];
}

/** Everything up to now came to the webhook, each queue's events in their order. */
async function expectWhole(): Promise<void> {
  await eventually("all at the webhook", () => new Set(numbersAtHook()).size === n);
  const first = [...new Set(numbersAtHook())];
  for (const [index] of topics.entries()) {
    const ofOne = first.filter((number) => (number - 1) % topics.length === index);
    expect(ofOne).toEqual(ofOne.toSorted((a, b) => a - b));
  }
}

/** The file has got everything, though the webhook takes nothing. */
async function expectFileUnmoved(): Promise<void> {
  await eventually("all in the file", () => numbersInFile().length === n);
  // Its place moves after its write.
  await eventually("its place", async () => (await relay.sink("archive")).behind === 0);
  expect(await relay.sink("archive")).toMatchObject({ state: "live", deadLetters: 0 });
}

interface Case {
  readonly name: string;
  readonly code: string;
  readonly message: RegExp;
  /** Attempts that it takes. */
  readonly attempts: number;
  readonly break: () => unknown;
  readonly mend: () => unknown;
}

const answering =
  (status: number, headers = {}): (() => void) =>
  () => {
    receiver.behave = (response) => {
      response.writeHead(status, headers).end("no");
      return "not taken";
    };
  };
const mend = (): void => {
  receiver.behave = take;
};

test.each<Case>([
  {
    name: "answers 500",
    code: "WEBHOOK_FAILED",
    message: /answered 500/u,
    attempts: 100,
    break: answering(500),
    mend,
  },
  {
    name: "answers 429 with Retry-After",
    code: "WEBHOOK_BUSY",
    message: /answered 429/u,
    attempts: 2,
    break: answering(429, { "retry-after": "1" }),
    mend,
  },
  {
    name: "never answers",
    code: "WEBHOOK_TIMEOUT",
    message: /127\.0\.0\.1/u,
    attempts: 3,
    break: () => {
      receiver.behave = () => "not taken";
    },
    mend,
  },
  {
    name: "answers 401",
    code: "WEBHOOK_UNAUTHORIZED",
    message: /answered 401/u,
    attempts: 100,
    break: answering(401),
    mend,
  },
])("a webhook that $name: $code, nothing lost, the file unmoved", async (broken) => {
  const { code, message, attempts } = broken;
  broken.break();
  const before = receiver.attempts;
  emit(40);
  await expectFileUnmoved();
  const hook = await eventually(`the state ${code}`, async () => {
    const sink = await relay.sink("hook");
    return receiver.attempts - before >= attempts && sink.error?.code === code ? sink : undefined;
  });
  expect(hook).toMatchObject({
    state: "retrying",
    error: { message: expect.stringMatching(message), help: expect.stringMatching(/./u) },
  });
  expect(hook.behind).toBeGreaterThanOrEqual(40);
  emit(5);
  await expectFileUnmoved();
  broken.mend();
  await expectWhole();
  expect(await relay.sink("hook")).toMatchObject({ deadLetters: 0 });
  // Told when it began, and not with each attempt.
  expect(relay.logged(code).length).toBeLessThanOrEqual(3);
});

test("a webhook that is down: WEBHOOK_UNREACHABLE, and all of it when it listens again", async () => {
  await receiver.close();
  emit(40);
  await expectFileUnmoved();
  await eventually(
    "the state",
    async () => (await relay.sink("hook")).error?.code === "WEBHOOK_UNREACHABLE",
  );
  expect(await relay.sink("hook")).toMatchObject({ state: "retrying" });
  emit(5);
  await expectFileUnmoved();
  await receiver.open();
  onEnd(() => receiver.close());
  await expectWhole();
  expect(await relay.sink("hook")).toMatchObject({ deadLetters: 0 });
});

test("a pause that the webhook asks for is kept", async () => {
  const asked: number[] = [];
  receiver.behave = (response) => {
    asked.push(performance.now());
    response.writeHead(429, { "retry-after": "1" }).end();
    return "not taken";
  };
  emit(1);
  await eventually("two attempts", () => asked.length >= 2);
  // Not sooner, on no machine; how much later is the machine's business.
  expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(990);
  receiver.behave = take;
  await expectWhole();
});

test("410 halts it until somebody resumes it", async () => {
  answering(410)();
  emit(10);
  await eventually("the halt", async () => (await relay.sink("hook")).state === "halted");
  expect(await relay.sink("hook")).toMatchObject({
    error: { code: "WEBHOOK_GONE", message: expect.stringMatching(/410/u) },
  });
  const { attempts } = receiver;
  emit(10);
  await expectFileUnmoved();
  expect(receiver.attempts).toBe(attempts);
  receiver.behave = take;
  const url = await relay.url;
  await expectExit(trunkline(`sinks resume hook --url ${url}`), 0);
  await expectWhole();
  expect(await relay.sink("hook")).toMatchObject({ deadLetters: 0 });
});

test("what it refuses for good goes to the dead letters, and a replay brings it", async () => {
  const refused: number[] = [];
  receiver.behave = (response, hit) => {
    const [number = 0] = numberIn(hit.data);
    if (number % 3 !== 0) return take(response, hit);
    refused.push(number);
    response.writeHead(400).end("not to my taste");
    return "not taken";
  };
  const sent = emit(30);
  const expected = sent.filter((number) => number % 3 === 0);
  await eventually(
    "the dead letters",
    async () => (await relay.sink("hook")).deadLetters === expected.length,
  );
  await eventually("all others", () => new Set(numbersAtHook()).size === n - expected.length);
  expect(refused.toSorted((a, b) => a - b)).toEqual(expected);
  const url = await relay.url;
  const listed = trunkline(`sinks dead-letters hook --url ${url}`);
  await expectExit(listed, 0);
  expect(listed.out).toMatch(/answered 400: not to my taste/u);

  // While it still refuses, they stay.
  const again = trunkline(`sinks replay hook --url ${url} --json`);
  await again.exit;
  expect(await relay.sink("hook")).toMatchObject({ deadLetters: expected.length });

  receiver.behave = take;
  await expectExit(trunkline(`sinks replay hook --url ${url}`), 0);
  expect(await relay.sink("hook")).toMatchObject({ deadLetters: 0 });
  await eventually("all at the webhook", () => new Set(numbersAtHook()).size === n);
});
