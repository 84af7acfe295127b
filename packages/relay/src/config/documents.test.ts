/**
 * What is made from the schema is current: the JSON Schema, the table of options, the example. Where it
 * is not: `node --conditions=@trunkline/source scripts/config-docs.ts`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isMap, parseDocument, visit } from "yaml";
import { createRedactor } from "../intake/redaction.ts";
import { optionTables } from "./document.ts";
import { exampleConfig } from "./example.ts";
import { configJsonSchema } from "./json-schema.ts";
import { type Outline, outlineConfig } from "./outline.ts";
import { parseConfig } from "./parse.ts";
import { policyOptions, relayPolicy } from "./policy.ts";
import { parseDuration } from "./units.ts";

const root = join(import.meta.dirname, "../../../..");

const env = {
  GENESYSCLOUD_OAUTHCLIENT_ID: "client-1",
  GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret",
  GENESYSCLOUD_REGION: "eu-central-1",
  TRUNKLINE_TOKEN: "t0ken-of-sixteen-characters",
  HOOK_TOKEN: "t0ken",
  HOOK_SECRET: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
};

/** As somebody would who removes every `#` before an option. */
function uncommented(): string {
  return exampleConfig()
    .replaceAll(/^(\s*)#(?! \S)/gmu, "$1")
    .replace(/^ *baseUrl:.*\n/mu, "");
}

function read(text: string): ReturnType<typeof parseConfig> {
  return parseConfig({ text, path: "/etc/trunkline.yaml", env, readText: () => "" });
}

test("the example is valid as it stands, and says what the defaults say", () => {
  expect(read(exampleConfig())).toEqual(read("trunks: [{ name: main, topics: [] }]"));
});

test("the example is valid with every option in it, and shows the defaults", () => {
  const all = read(uncommented());
  const { http, journal, log, dataDir } = read("trunks: [{ name: main }]");
  expect({ ...all.http, token: undefined, hosts: [], origins: [], tls: undefined }).toEqual(http);
  expect([all.journal, all.log, all.dataDir]).toEqual([journal, log, dataDir]);
  expect(all.sinks.map(({ type }) => type)).toEqual(["stdout", "file", "webhook"]);
  const plain = read(
    "sinks: [{ name: out, type: stdout }, { name: archive, type: file, path: x }, { name: hook, type: webhook, url: 'https://x/' }]\ntrunks: [{ name: main }]",
  );
  expect(all.sinks.map(({ delivery }) => delivery)).toEqual(
    plain.sinks.map(({ delivery }) => delivery),
  );
});

function keysOf(outline: Outline): readonly string[] {
  if (outline.kind === "section")
    return outline.entries.flatMap(([key, below]) => [key, ...keysOf(below)]);
  return outline.kind === "sections" ? outline.variants.flatMap(keysOf) : [];
}

test("the example has every option", () => {
  const shown = new Set<string>();
  const text = `${uncommented()}\nbaseUrl:`;
  for (const document of [parseDocument(exampleConfig()), parseDocument(text)])
    visit(document, {
      Pair: (_key, pair) => void shown.add(String(pair.key)),
      Map: (_key, map) => (isMap(map) ? undefined : visit.SKIP),
    });
  const known = new Set([...keysOf(outlineConfig()), ...Object.keys(policyOptions)]);
  expect([...known].filter((key) => !shown.has(key))).toEqual([]);
  expect(known.size).toBeGreaterThan(60);
});

test("no line of the example is wider than a screen", () => {
  expect(
    exampleConfig()
      .split("\n")
      .filter((line) => line.length > 110),
  ).toEqual([]);
});

/** Whatever the formatter may change. */
function bare(markdown: string): string {
  return markdown.replaceAll(/-{3,}/gu, "---").replaceAll(/ +/gu, " ").trim();
}

test("the table of options in docs/CONFIGURATION.md is current", () => {
  const text = readFileSync(join(root, "docs/CONFIGURATION.md"), "utf8");
  const table = /<!-- options -->([^]*)<!-- \/options -->/u.exec(text)?.[1] ?? "";
  expect(bare(table)).toBe(bare(optionTables()));
});

/** The blocks of YAML in the document. */
const blocks = [
  ...readFileSync(join(root, "docs/CONFIGURATION.md"), "utf8").matchAll(/```yaml\n([^]*?)```/gu),
].map(([, block = ""]) => block);

function tokenFile(): string {
  return "t0ken-of-sixteen-characters\n";
}

test("what docs/CONFIGURATION.md shows is valid", () => {
  const own = { MY_CLIENT_SECRET: "s3cret" };
  const configs = blocks.map((text) =>
    parseConfig({
      text,
      path: "/etc/trunkline.yaml",
      env: { ...env, ...own },
      readText: tokenFile,
    }),
  );
  expect(configs.length).toBe(3);
});

test("its redaction leaves nothing of a customer in a conversation", () => {
  const { redact } = read(blocks.at(-1) ?? "");
  const who = "Erika Mustermann";
  const address = { name: who, nameRaw: who, addressNormalized: who, addressRaw: who };
  const frame = {
    topicName: "v2.routing.queues.5a3f.conversations",
    eventBody: {
      id: "c-1",
      address: who,
      participants: [
        {
          id: "p-1",
          purpose: "customer",
          name: who,
          address: who,
          externalContactId: who,
          attributes: { customer: who },
          wrapup: { code: "w-1", notes: who },
          calls: [
            { id: "call-1", state: "connected", self: address, other: address, uuiData: who },
          ],
          callbacks: [
            { callbackNumbers: [who], callbackUserName: who, callerId: who, callerIdName: who },
          ],
          chats: [
            { state: "connected", journeyContext: { customer: { id: who } }, avatarImageUrl: who },
          ],
          emails: [{ subject: who, draftAttachments: [{ name: who }], wrapup: { notes: who } }],
          messages: [
            { toAddress: address, fromAddress: address, messages: [{ media: [{ url: who }] }] },
          ],
          socialExpressions: [{ socialUserName: who, previewText: who }],
        },
      ],
    },
  };
  const redacted = createRedactor(redact)(frame.topicName, JSON.stringify(frame));
  expect(redacted).not.toContain(who);
  expect(JSON.parse(redacted)).toMatchObject({
    eventBody: {
      id: "c-1",
      participants: [
        {
          id: "p-1",
          purpose: "customer",
          calls: [{ state: "connected" }],
          wrapup: { code: "w-1" },
        },
      ],
    },
  });
});

test("the JSON Schema for editors is current", () => {
  const text = readFileSync(join(root, "packages/relay/trunkline.schema.json"), "utf8");
  expect(JSON.parse(text)).toEqual(JSON.parse(configJsonSchema()));
});

test("the JSON Schema knows what is needed, and takes nothing else", () => {
  const { properties, additionalProperties } = JSON.parse(configJsonSchema()) as {
    readonly properties: Readonly<
      Record<string, { readonly items: { readonly required: unknown; readonly oneOf: unknown } }>
    >;
    readonly additionalProperties: unknown;
  };
  expect(additionalProperties).toBe(false);
  expect(properties["trunks"]?.items.required).toEqual(["name"]);
  expect(properties["sinks"]?.items.oneOf).toMatchObject([
    { required: ["name", "type"], additionalProperties: false },
    { required: ["name", "type", "path"] },
    { required: ["name", "type", "url"] },
  ]);
});

test("the timings of lines that are documented are the client's, or the relay's own", () => {
  const source = readFileSync(join(root, "packages/client/src/session/policy.ts"), "utf8");
  const defaults = /defaultPolicy: Policy = \{([^]*?)\};/u.exec(source)?.[1] ?? "";
  const theirs = Object.fromEntries(
    [...defaults.matchAll(/(\w+): ([\d_]+),/gu)].map(([, key, value]) => [
      key,
      Number(value?.replaceAll("_", "")),
    ]),
  );
  const ours = Object.fromEntries(
    Object.values(policyOptions).map(([key, preset]) => [
      key,
      parseDuration(preset) ?? Number(preset),
    ]),
  );
  expect(ours).toEqual({ ...theirs, ...relayPolicy });
});
