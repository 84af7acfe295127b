import { describe, expect, test } from "vitest";
import { run } from "./run.ts";
import { createStage, type StageOptions } from "./testing/stage.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function trunkline(line: string, options: StageOptions = {}): Promise<Outcome> {
  const { system, out, err } = createStage(options);
  const code = await run(line === "" ? [] : line.split(" "), system);
  return { code, out: out(), err: err() };
}

const topic = "v2.users.x.presence";
const pair = { GC_CLIENT_ID: "id", GC_CLIENT_SECRET: "s3cret-of-the-client" };

describe("help and version", () => {
  test.each([
    "--help",
    "-h",
    "help",
    "tail --help",
    "help tail",
    "mock -h",
    "demo --help",
    "run --help",
    "init --help",
    "gaps --help",
    "sinks --help",
    "reload --help",
    "scrub --help",
  ])("%s goes to stdout, with examples", async (line) => {
    const { code, out, err } = await trunkline(line);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: trunkline /u);
    expect(out).toContain("Examples:\n  trunkline ");
    expect(err).toBe("");
  });

  test("no line of help is longer than 100 characters", async () => {
    for (const verb of [
      "",
      "tail",
      "mock",
      "demo",
      "gaps",
      "sinks",
      "sinks replay",
      "reload",
      "run",
      "init",
      "mock ctl",
      "mock ctl ledger",
      "scrub",
    ]) {
      const { out } = await trunkline(`${verb} --help`.trim());
      for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    }
  });

  test.each(["--version", "-V", "tail --version"])("%s prints the version", async (line) => {
    expect(await trunkline(line)).toEqual({ code: 0, out: "0.0.0\n", err: "" });
  });

  test("without a verb the help is the answer to a mistake", async () => {
    const { code, out, err } = await trunkline("");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^Usage: trunkline/u);
  });

  test("the secret has no option in the help", async () => {
    expect((await trunkline("tail --help")).out).not.toMatch(/--client-secret /u);
  });
});

describe("a wrong command line ends with 2, a code and a remedy", () => {
  test.each([
    ["tial", /USAGE: unknown command 'tial'\.\n {2}→ Did you mean tail\?/u],
    [
      "tail --topik x",
      /unknown option '--topik'\.\n {2}→ Did you mean --topic\?.*trunkline tail --help/u,
    ],
    ["tail --format jsn", /argument 'jsn' is invalid.*json, pretty, genesys/u],
    ["tail surplus", /too many arguments/u],
    ["tail --region eu-central-1", /DIRECT_REQUIRED: --region is for .*\n {2}→ Add --direct/u],
    ["tail --trace", /DIRECT_REQUIRED: --trace is for .*\n {2}→ Add --direct/u],
    ["tail --direct --since 0", /USAGE: --since and --direct exclude each other\./u],
    ["tail --direct --no-follow", /USAGE: --no-follow and --direct exclude each other\./u],
    ["tail --direct --url http://h", /USAGE: --url and --direct exclude each other\./u],
    ["tail --token hush", /SECRET_ON_COMMAND_LINE: A token .*\n {2}→ .*TRUNKLINE_TOKEN/u],
    ["tail --since=", /OPTION_EMPTY: --since/u],
    ["gaps --token=hush", /SECRET_ON_COMMAND_LINE/u],
    ["gaps --limit 0", /'0' is invalid. Give a whole number from 1 to 1000/u],
    ["gaps --trace", /nothing to trace/u],
    ["gaps --opne", /unknown option '--opne'.*\n {2}→ Did you mean --open\?.*gaps --help/u],
    ["sinks chekc orders", /sinks has no verb 'chekc'\.\n {2}→ .*check, dead-letters, replay/u],
    ["sinks check", /missing required argument 'name'/u],
    ["sinks rewind orders", /required option '--to <cursor>'/u],
    ["sinks replay orders --id x", /Give the id of a dead letter/u],
    ["sinks check orders surplus", /too many arguments/u],
    ["reload --trace", /nothing to trace/u],
    ["run --trace", /nothing to trace/u],
    ["run --prot 1", /unknown option '--prot'.*\n {2}→ Did you mean --port\?.*run --help/u],
    ["run --client-secret hush", /SECRET_ON_COMMAND_LINE/u],
    ["run -c t.yaml --topic x", /--topic and --config exclude each other/u],
    ["run --region eu-central-1", /TOPIC_MISSING/u],
    ["init a b", /too many arguments/u],
    ["tail --direct", /TOPIC_MISSING: .*\n {2}→ .*--topic v2\./u],
    ["tail --topic", /argument missing/u],
    [`tail --direct --topic ${topic} --client-secret hush`, /SECRET_ON_COMMAND_LINE/u],
    [`tail --direct --topic ${topic} --client-secret=hush`, /SECRET_ON_COMMAND_LINE/u],
    [`tail --direct --topic ${topic} --client-secrt=hush`, /unknown option '--client-secrt'\./u],
    [`tail --direct --topic ${topic} --region a --base-url http://h`, /exclude each other/u],
    ["mock --port x", /'x' is invalid. Give a whole number from 0 to 65535/u],
    ["mock --port 65536", /'65536' is invalid/u],
    ["mock --seed -1", /'-1' is invalid/u],
    ["mock --rate fast", /'fast' is invalid. Give events per second/u],
    ["mock --trace", /nothing to trace/u],
    ["--trace mock", /nothing to trace/u],
    ["mock ctl state --port 1", /--port is for the start of a mock/u],
    ["mock --setting heartbeetMs=1", /There is no setting heartbeetMs\.\n {2}→ Did you mean/u],
    ["scrub a", /missing required argument 'out'/u],
    ["scrub a b c", /too many arguments/u],
    ["scrub a b --trace", /nothing to trace/u],
    ["demo --for 3", /'3' is invalid. Write it as in 500ms/u],
  ])("%s", async (line, said) => {
    const { code, out, err } = await trunkline(line, { env: pair });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error [A-Z_]+: .+\n {2}→ .+\n$/u);
    expect(err).toMatch(said);
    expect(err).not.toContain("hush");
  });
});

describe("what cannot be begun ends with 1, a code and a remedy", () => {
  test.each([
    [`tail --direct --topic ${topic}`, /REGION_MISSING/u],
    [
      `tail --direct --region eu-central-9 --topic ${topic}`,
      /REGION_UNKNOWN: --region: .*Did you mean eu-central-1\?/u,
    ],
    [
      "tail --direct --region eu-central-1 --topic v2.users.{id}.presence",
      /TOPIC_INVALID: .*placeholder/u,
    ],
    [`tail --direct --base-url nowhere --topic ${topic}`, /BASE_URL_INVALID/u],
    ["tail --url nowhere", /RELAY_URL_INVALID: --url "nowhere" is not a URL/u],
    ["tail --token-file missing", /SECRET_FILE_UNREADABLE: missing .*\(ENOENT\)/u],
    ["tail", /RELAY_UNREACHABLE: .*http:\/\/127\.0\.0\.1:8484: .*\n {2}→ .*trunkline run/u],
    ["gaps --url http://h:1", /RELAY_UNREACHABLE: .*http:\/\/h:1: .*ECONNREFUSED/u],
    ["sinks", /RELAY_UNREACHABLE/u],
    ["sinks check orders", /RELAY_UNREACHABLE/u],
    ["reload", /RELAY_UNREACHABLE/u],
    ["mock ctl state", /MOCK_UNREACHABLE: .*http:\/\/127\.0\.0\.1:9080 .*ECONNREFUSED/u],
    ["scrub missing out", /FILE_UNREADABLE: missing cannot be read \(ENOENT\)/u],
    ["run", /CONFIG_MISSING: There is no trunkline\.yaml .*\n {2}→ .*trunkline init/u],
    ["run -c t.yaml", /CONFIG_MISSING: There is no file t\.yaml/u],
  ])("%s", async (line, said) => {
    const { code, out, err } = await trunkline(line, { env: pair });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^error [A-Z_]+: .+\n {2}→ .+\n$/u);
    expect(err).toMatch(said);
  });

  test("a region from the environment is named by its variable", async () => {
    const env = { ...pair, GENESYSCLOUD_REGION: "atlantis" };
    const { code, err } = await trunkline(`tail --direct --topic ${topic}`, { env });
    expect(code).toBe(1);
    expect(err).toMatch(/^error REGION_UNKNOWN: GENESYSCLOUD_REGION: .*atlantis/u);
  });
});
