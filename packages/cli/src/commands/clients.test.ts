import { createHash } from "node:crypto";
import { exampleConfig, parseConfig } from "@trunkline/relay";
import { describe, expect, test } from "vitest";
import { run } from "../run.ts";
import { createStage, type Stage } from "../testing/stage.ts";

const file = "trunkline.yaml";

function stage(text: string | undefined = exampleConfig(), path = file): Stage {
  return createStage({ files: { [path]: text } });
}

/** What a command leaves behind, for the next one. */
async function after(
  text: string,
  line: string,
): Promise<{ readonly text: string; readonly out: string }> {
  const made = stage(text);
  expect([await run(line.split(" "), made.system), made.err()]).toEqual([0, ""]);
  return { text: made.written.get(file) ?? text, out: made.out() };
}

function clientsOf(text: string): ReturnType<typeof parseConfig>["gateway"]["clients"] {
  const env = {
    GENESYSCLOUD_OAUTHCLIENT_ID: "id",
    GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret",
    GENESYSCLOUD_REGION: "eu-central-1",
  };
  return parseConfig({ text, path: file, env, readText: () => "" }).gateway.clients;
}

describe("clients add", () => {
  test("writes the hash of a secret, which is shown once, and keeps the file", async () => {
    const { text, out } = await after(exampleConfig(), "clients add wallboard");
    const hash = createHash("sha256").update("a secret of the stage").digest("hex");
    expect(clientsOf(text)).toMatchObject([
      { id: "wallboard", secretHash: `sha256:${hash}`, scopes: ["analytics:events:read"] },
    ]);
    expect(text).not.toContain("a secret of the stage");
    expect(out.split("a secret of the stage")).toHaveLength(2);
    expect(out).toContain("trunkline reload");
    const lines = text.split("\n");
    expect(
      exampleConfig()
        .split("\n")
        .filter((line) => !lines.includes(line)),
    ).toEqual([]);
  });

  test("takes scopes, event types and another file, and tells them as JSON", async () => {
    const made = stage(exampleConfig(), "relay.yaml");
    const line =
      "clients add flow --scope view:notification --scope view:conversation --event-type conversation:updated -c relay.yaml --json";
    expect(await run(line.split(" "), made.system)).toBe(0);
    expect(JSON.parse(made.out())).toEqual({
      id: "flow",
      secret: "a secret of the stage",
      scopes: ["view:notification", "view:conversation"],
      eventTypes: ["conversation:updated"],
    });
    expect(clientsOf(made.written.get("relay.yaml") ?? "")).toMatchObject([
      { id: "flow", eventTypes: ["conversation:updated"] },
    ]);
  });

  test.each([
    ["clients add", 2, "USAGE", "missing required argument"],
    ["clients add two words", 2, "USAGE", "too many arguments"],
    ["clients add a/b", 2, "CLIENT_INVALID", "other characters than"],
    ["clients add a --scope ä", 2, "CLIENT_INVALID", "is no scope"],
    [
      "clients add a --event-type conversation:update",
      2,
      "CLIENT_INVALID",
      "did you mean conversation:updated?",
    ],
    ["clients add a -c other.yaml", 1, "CONFIG_MISSING", "There is no file other.yaml"],
    ["clients add a --secret s3cret-x", 2, "SECRET_ON_COMMAND_LINE", "ps"],
    ["clients add a --trace", 2, "USAGE", "nothing to trace"],
    ["clients remove nobody", 1, "CLIENT_UNKNOWN", "It has none."],
    ["clients drop", 2, "USAGE", "add, list, remove"],
    ["clients", 2, "USAGE", "clients needs a verb"],
  ])("%s ends with %i and %s", async (line, exitCode, code, words) => {
    const made = stage();
    expect(await run(line.split(" "), made.system)).toBe(exitCode);
    expect(made.err()).toContain(code);
    expect(made.err()).toContain(words);
    expect(made.err()).not.toContain("s3cret");
    expect(made.written.size).toBe(0);
  });

  test("refuses a name that is taken, and a file that is none", async () => {
    const { text } = await after(exampleConfig(), "clients add wallboard");
    const taken = stage(text);
    expect(await run(["clients", "add", "wallboard"], taken.system)).toBe(1);
    expect(taken.err()).toContain("CLIENT_EXISTS");
    const broken = stage("gateway: [");
    expect(await run(["clients", "list"], broken.system)).toBe(1);
    expect(broken.err()).toContain("CONFIG_INVALID");
    expect(taken.written.size + broken.written.size).toBe(0);
  });

  test("says where the file cannot be written, and shows no secret", async () => {
    const made = stage(exampleConfig(), "/nowhere/trunkline.yaml");
    const line = ["clients", "add", "a", "-c", "/nowhere/trunkline.yaml"];
    expect(await run(line, made.system)).toBe(1);
    expect(made.err()).toContain("FILE_UNWRITABLE");
    expect(made.out()).toBe("");
  });
});

test("clients list shows what each may and no secret, clients remove takes one out", async () => {
  const one = await after(exampleConfig(), "clients add wallboard");
  const two = await after(one.text, "clients add flow --event-type user:presence");
  const { out } = await after(two.text, "clients list");
  expect(out).toMatch(/^CLIENT +SCOPES +EVENT TYPES +TRUNKS +GENESYS CLIENT$/mu);
  expect(out).toMatch(/^flow +analytics:events:read +user:presence +all$/mu);
  expect(out).not.toMatch(/sha256|secret/u);
  const json = await after(two.text, "clients list --json");
  expect(
    json.out
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { id: string }).id),
  ).toEqual(["wallboard", "flow"]);
  const three = await after(two.text, "clients remove wallboard");
  expect(clientsOf(three.text).map(({ id }) => id)).toEqual(["flow"]);
  expect(three.out).toContain("trunkline reload");
  const none = await after(three.text, "clients remove flow --json");
  expect(none.out).toBe('{"removed":"flow"}\n');
  expect((await after(none.text, "clients list")).out).toContain("clients add NAME");
});
