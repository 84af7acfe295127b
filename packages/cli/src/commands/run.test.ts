import {
  RelayError,
  type Relay,
  type RelayConfig,
  type RelayOptions,
  type TrunkStatus,
} from "@trunkline/relay";
import { describe, expect, test } from "vitest";
import { run } from "../run.ts";
import { ManualClock, turn } from "../testing/manual-clock.ts";
import { createStage, type Stage, type StageOptions } from "../testing/stage.ts";
import { runRelay, type RunFlags } from "./run.ts";

const topic = "v2.users.4b1d9f52-6c0f-4b3e-9a70-0d5e8f1c2a3b.presence";
const env = { GC_CLIENT_ID: "the-client", GC_CLIENT_SECRET: "s3cret-of-the-client" };
const line: RunFlags = { baseUrl: "http://h:9080", topic: [topic] };
const file = `
trunks:
  - name: main
    baseUrl: http://h:9080
    clientId: the-client
    clientSecret: { env: GC_CLIENT_SECRET }
    topics: [${topic}]
`;

interface Run {
  readonly stage: Stage;
  readonly clock: ManualClock;
  readonly done: Promise<unknown>;
  /** What the relay was made with; undefined while none was. */
  readonly options: () => RelayOptions | undefined;
  readonly ready: () => void;
  readonly fail: (error: Error) => void;
  readonly stops: () => number;
  status: TrunkStatus;
  reload: Relay["reload"];
}

const live: TrunkStatus = {
  name: "main",
  organizationId: undefined,
  state: "live",
  topics: [{ topic, state: "live", reason: undefined, missingPermissions: [] }],
  error: undefined,
  isListing: false,
  openGaps: 0,
  maybeDuplicates: 0,
  rotations: [],
  received: 0,
};
const starting: TrunkStatus = {
  ...live,
  state: "starting",
  topics: [{ topic, state: "pending", reason: undefined, missingPermissions: [] }],
};

/** Runs the command on a relay that does what the test says. */
function start(
  flags: RunFlags,
  more: StageOptions = {},
  letGo: Promise<void> = Promise.resolve(),
): Run {
  const clock = new ManualClock();
  const stage = createStage({ env, clock, ...more });
  const ready = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<Error>();
  let options: RelayOptions | undefined;
  let stops = 0;
  const stop = (): Promise<void> => {
    stops++;
    return letGo;
  };
  const create = (given: RelayOptions): Promise<Relay> => {
    options = given;
    const service = { trunks: () => [state.status] } as unknown as Relay["service"];
    return Promise.resolve({
      url: "http://127.0.0.1:8484",
      ready: ready.promise,
      failed: failed.promise,
      service,
      reload: () => state.reload(),
      stop,
      [Symbol.asyncDispose]: stop,
    });
  };
  const state: Run = {
    stage,
    clock,
    done: runRelay(flags, stage.system, create).then(
      () => "ended",
      (error: unknown) => error,
    ),
    options: () => options,
    ready: ready.resolve,
    fail: failed.resolve,
    stops: () => stops,
    status: starting,
    reload: () => Promise.resolve({ changes: [], needRestart: [] }),
  };
  return state;
}

function configOf(started: Run): RelayConfig {
  const config = started.options()?.config;
  if (config === undefined) throw new Error("no relay was made");
  return config;
}

describe("the configuration", () => {
  test("leaves nothing behind: what reading it took is collected before a relay is made", async () => {
    const order: string[] = [];
    const { system } = createStage({ env, clock: new ManualClock() });
    const collectGarbage = (): void => void order.push("collected");
    const create = (): Promise<Relay> => {
      order.push("made");
      return Promise.reject(new Error("enough"));
    };
    const flags = { ...line, dataDir: "d", port: 0 };
    await expect(runRelay(flags, { ...system, collectGarbage }, create)).rejects.toThrow("enough");
    expect(order).toEqual(["collected", "made"]);
  });

  test("comes from the options alone", async () => {
    const config = configOf(start({ ...line, dataDir: "d", port: 0 }));
    expect(config.trunks).toMatchObject([
      {
        place: { baseUrl: "http://h:9080" },
        topics: [topic],
        credentials: { clientId: "the-client" },
      },
    ]);
    expect(config.trunks[0]?.credentials.clientSecret.reveal()).toBe("s3cret-of-the-client");
    expect(config).toMatchObject({ dataDir: "/here/d", http: { port: 0 } });
  });

  test("comes from trunkline.yaml where nothing else is said, and can be read again", async () => {
    const started = start({}, { files: { "trunkline.yaml": file } });
    expect(configOf(started)).toMatchObject({
      http: { port: 8484 },
      trunks: [{ topics: [topic] }],
    });
    expect(started.options()?.readConfig?.()).toEqual(configOf(started));
  });

  test("of a file is overridden by --port and --data-dir, when it is read again too", async () => {
    const flags = { config: "/etc/t.yaml", port: 1, dataDir: "/data" };
    const started = start(flags, { files: { "/etc/t.yaml": file } });
    for (const config of [configOf(started), started.options()?.readConfig?.()])
      expect(config).toMatchObject({ dataDir: "/data", http: { port: 1 } });
  });

  test("of the options cannot be read again", () => {
    expect(start(line).options()?.readConfig).toBeUndefined();
  });

  test.each([
    [{}, "CONFIG_MISSING", /There is no trunkline\.yaml in this directory/u],
    [{ config: "other.yaml" }, "CONFIG_MISSING", /There is no file other\.yaml/u],
    [{ baseUrl: "http://h" }, "TOPIC_MISSING", /no topic/u],
    [{ topic: [topic] }, "REGION_MISSING", /region/u],
    [{ ...line, config: "trunkline.yaml" }, "USAGE", /--base-url and --config exclude/u],
    [{ ...line, topic: ["v2.users.{id}.presence"] }, "CONFIG_INVALID", /--topic/u],
    [{ dataDir: "" }, "OPTION_EMPTY", /--data-dir/u],
  ])("%j is refused: %s", async (flags, code, said) => {
    const started = start(flags);
    expect(await started.done).toMatchObject({ code, message: expect.stringMatching(said) });
    expect(started.options()).toBeUndefined();
  });
});

describe("--json", () => {
  test("says that it is ready once it is, and nothing else", async () => {
    const started = start({ ...line, json: true });
    await turn();
    expect(started.stage.out()).toBe("");
    started.ready();
    await turn();
    expect(started.stage.out()).toBe('{"ready":true,"url":"http://127.0.0.1:8484"}\n');
    started.stage.stop("asked");
    expect(await started.done).toBe("ended");
    expect(started.stage.out()).toBe('{"ready":true,"url":"http://127.0.0.1:8484"}\n');
    expect(started.stage.err()).toBe("");
  });

  test("comes first, also where a sink writes to stdout", async () => {
    const started = start({ ...line, json: true });
    await turn();
    const written = started.options()?.ports?.output?.write("entry\n");
    await turn();
    expect(started.stage.out()).toBe("");
    started.ready();
    await written;
    expect(started.stage.out()).toMatch(/^\{"ready":true.*\nentry\n$/u);
  });
});

describe("for people", () => {
  test("it says where it is, what it carries and how to look", async () => {
    const started = start({}, { files: { "trunkline.yaml": file } });
    await turn();
    expect(started.stage.out()).toMatch(
      /configuration {2}trunkline\.yaml\n {2}listens on {5}http:\/\/127\.0\.0\.1:8484\n {2}data .*\/trunkline-data\n {2}trunk {10}main \(http:\/\/h:9080\): 1 topic\n/u,
    );
    expect(started.stage.out()).not.toContain("Live");
    started.status = live;
    started.ready();
    await turn();
    expect(started.stage.out()).toMatch(/\nLive: 1 topic\.\n[^]*\n {2}trunkline tail\n\nCtrl-C/u);
  });

  test("a refused topic is told with what is missing", async () => {
    const started = start(line);
    const refused = { topic: "v2.x", state: "rejected", reason: "no" } as const;
    started.status = {
      ...live,
      topics: [...live.topics, { ...refused, missingPermissions: ["a:b:view"] }],
    };
    started.ready();
    await turn();
    expect(started.stage.out()).toContain("Not carried: 1 topic.\n  v2.x: missing a:b:view\n");
  });

  test("words stay out of the way of entries on stdout", async () => {
    const withSink = `${file}\nsinks:\n  - { name: out, type: stdout }\n`;
    const started = start({}, { files: { "trunkline.yaml": withSink } });
    started.ready();
    await turn();
    expect(started.stage.out()).toBe("");
    expect(started.stage.err()).toContain("sink           out (stdout)");
  });
});

test.each([false, true])(
  "what it waits for is said, once, and anew when it changes (json: %s)",
  async (json) => {
    const started = start({ ...line, json });
    await started.clock.pass(2_999);
    expect(started.stage.err()).toBe("");
    const error = { code: "CREDENTIALS_REFUSED", message: "No", help: "Check the secret." };
    started.status = { ...starting, error };
    await started.clock.pass(10_000);
    expect(started.stage.err()).toBe(
      "not live yet: trunk main: CREDENTIALS_REFUSED: No.\n  → Check the secret.\n",
    );
    started.status = starting;
    await started.clock.pass(2_000);
    expect(started.stage.err()).toMatch(
      /\nnot live yet: trunk main: 1 topic not confirmed yet\.\n$/u,
    );
    started.ready();
    await turn();
    await started.clock.pass(10_000);
    expect(started.stage.err().match(/not live yet/gu)).toHaveLength(2);
  },
);

const readyLine = '{"ready":true,"url":"http://127.0.0.1:8484"}\n';

describe("the end", () => {
  test.each(["before", "after"])(
    "when all have given up %s it was live, it is an error",
    async (when) => {
      const started = start({ ...line, json: true });
      if (when === "after") started.ready();
      await turn();
      const error = new RelayError("CONFIG_INVALID", "stands for any");
      started.fail(error);
      expect(await started.done).toBe(error);
      expect(started.stage.out()).toBe(when === "after" ? readyLine : "");
      expect(started.stops()).toBe(1);
    },
  );

  test("is asked for, and then everything is let go of", async () => {
    const started = start(line);
    await turn();
    started.stage.stop("asked");
    expect(await started.done).toBe("ended");
    expect(started.stops()).toBe(1);
    expect(started.stage.err()).toBe("Stopped.\n");
  });

  test.each([
    [line, "Storing what has come, and letting go. Ctrl-C again ends at once.\nStopped.\n"],
    [{ ...line, json: true }, ""],
  ])("that takes its time is told to people alone: %j", async (flags, said) => {
    const letGo = Promise.withResolvers<void>();
    const started = start(flags, {}, letGo.promise);
    await turn();
    started.stage.stop("asked");
    await started.clock.pass(1_000);
    letGo.resolve();
    expect(await started.done).toBe("ended");
    expect(started.stage.err()).toBe(said);
  });

  test("does not come when nobody reads stdout any more", async () => {
    const started = start({ ...line, json: true });
    started.ready();
    await turn();
    started.stage.stop("reader-gone");
    await turn();
    expect(started.stops()).toBe(0);
    started.stage.stop("asked");
    expect(await started.done).toBe("ended");
  });
});

describe("SIGHUP", () => {
  test("reads the configuration again", async () => {
    const started = start({}, { files: { "trunkline.yaml": file } });
    started.reload = () =>
      Promise.resolve({ changes: ["trunk main: 2 topics more"], needRestart: [] });
    await turn();
    started.stage.reload();
    await turn();
    expect(started.stage.err()).toContain("Changed:\n  trunk main: 2 topics more\n");
  });

  test("with a bad file tells what is wrong, and goes on", async () => {
    const started = start({}, { files: { "trunkline.yaml": file } });
    started.reload = () =>
      Promise.reject(new RelayError("CONFIG_INVALID", "t.yaml:3:1: no\nt.yaml:4:1: no"));
    await turn();
    started.stage.reload();
    await turn();
    expect(started.stage.err()).toMatch(
      /^error CONFIG_INVALID: t\.yaml:3:1: no\nt\.yaml:4:1: no\n {2}→ .*\nThe configuration is as it was\.\n$/u,
    );
    expect(started.stops()).toBe(0);
  });
});

async function init(args: readonly string[], files = {}): Promise<Stage & { code: number }> {
  const stage = createStage({ files });
  return { ...stage, code: await run(["init", ...args], stage.system) };
}

describe("init", () => {
  test("writes a configuration that is right as it stands, but for what only you know", async () => {
    const { code, written, out } = await init([]);
    expect(code).toBe(0);
    expect([...written.keys()]).toEqual(["trunkline.yaml"]);
    expect(out()).toMatch(/trunkline\.yaml is written[^]*trunkline run\n[^]*trunkline tail\n/u);
    const text = written.get("trunkline.yaml") ?? "";
    const genesys = {
      GENESYSCLOUD_OAUTHCLIENT_ID: "id-of-it",
      GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret-of-the-client",
      GENESYSCLOUD_REGION: "eu-central-1",
    };
    const started = start({}, { env: genesys, files: { "trunkline.yaml": text } });
    await turn();
    expect(configOf(started).warnings).toEqual([expect.stringContaining("no topics")]);
    expect(configOf(started).trunks).toHaveLength(1);
  });

  test("leaves a file that is there, unless told otherwise", async () => {
    const files = { "mine.yaml": "mine" };
    const refused = await init(["mine.yaml"], files);
    expect(refused.code).toBe(1);
    expect(refused.err()).toMatch(/FILE_EXISTS: mine\.yaml .*\n {2}→ .*--force/u);
    expect(refused.written.size).toBe(0);
    const forced = await init(["mine.yaml", "--force"], files);
    expect(forced.code).toBe(0);
    expect(forced.out()).toContain("trunkline run -c mine.yaml");
  });

  test("a place that cannot be written is told", async () => {
    const { code, err } = await init(["/nowhere/t.yaml"]);
    expect(code).toBe(1);
    expect(err()).toMatch(/FILE_UNWRITABLE: \/nowhere\/t\.yaml .*\(ENOENT\)/u);
  });
});
