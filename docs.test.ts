/** What the documents and comments say and point at is so: sections, settings, files, scripts, commands, options, codes, metrics. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCodes } from "@trunkline/client";
import { eventApiErrors, subscriberErrors } from "@trunkline/events";
import { parseConfig, relayErrorCodes } from "@trunkline/relay";
import { expect, test } from "vitest";
import { createProgram } from "./packages/cli/src/program.ts";
import { createStage } from "./packages/cli/src/testing/stage.ts";
import { createProgram as createMockProgram } from "./packages/mock/src/command/run.ts";
import { builtInScenarios } from "./packages/mock/src/platform/files.ts";
import { readScenario } from "./packages/mock/src/scenario/read-scenario.ts";
import { operations } from "./packages/mock/src/server/operations.ts";
import { stageHttp } from "./packages/relay/src/testing/http-stage.ts";
import { apiDocuments } from "./scripts/api-documents.ts";
import {
  eventApiTable,
  lineCodeTable,
  relayCodeTable,
  subscriberTable,
} from "./scripts/code-tables.ts";
import { faultFieldTable, faultTable } from "./scripts/fault-tables.ts";
import { settingTable } from "./scripts/setting-table.ts";
import { eventTypeTable, topicTables } from "./scripts/topic-tables.ts";
import { regionTable, scopeTable, socketPathTable } from "./scripts/url-tables.ts";

const root = import.meta.dirname;

interface Text {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const files: readonly Text[] = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => /\.(?:ts|md)$/u.test(path) && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

const documents = files.filter(({ path }) => path.endsWith(".md"));
const sources = files.filter(({ path }) => /^packages\/[^/]+\/src\/.*\.ts$/u.test(path));

const register = textOf("docs/GENESYS.md");
const settings = textOf("packages/mock/src/cloud/settings.ts");
const sections = new Set(matches(register, /^#{2,3} (\d+(?:\.\d+)?)\.? /gmu));
const openQuestions = /^## 8\. [^]*?(?=^## )/mu.exec(register)?.[0] ?? "";
const questions = new Map(
  [...openQuestions.matchAll(/^\| (\d+) +\|(.*)$/gmu)].map(([, number, row]) => [
    number,
    row ?? "",
  ]),
);
const settingNames = new Set(matches(settings, /^ {2}readonly (\w+):/gmu));

function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The first group of every match. */
function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

/** Comments as running text, so that a citation may go over the end of a line. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n\s*(?:\*|\/\/) ?/gu, " ");
}

/** `3.1`, `3.4` and `no. 5` of "GENESYS.md 3.1, 3.4; 8, no. 5". */
function citations(text: string): readonly string[] {
  const item = String.raw`(?:no\. \d+|\d{1,2}(?:\.\d+)?(?!\d))`;
  const list = new RegExp(`GENESYS\\.md\`? (${item}(?:(?:,|;| and| to)? ${item})*)`, "giu");
  return matches(unwrapped(text), list).flatMap((cited) => [
    ...(cited.match(new RegExp(item, "giu")) ?? []),
  ]);
}

function isThere(citation: string): boolean {
  const question = /^no\. (\d+)$/iu.exec(citation)?.[1];
  return question === undefined ? sections.has(citation) : questions.has(question);
}

test("every section and question of GENESYS.md that is cited exists", () => {
  const cited = files
    .filter(({ path }) => path !== "docs.test.ts")
    .flatMap(({ path, text }) => citations(text).map((citation) => ({ path, citation })));
  expect(cited.filter(({ citation }) => !isThere(citation))).toEqual([]);
  expect(cited.length).toBeGreaterThan(50);
});

test("GENESYS.md refers to its own questions and sections by numbers that exist", () => {
  const numbers = matches(register, /\bno\. (\d+)/giu);
  expect(numbers.filter((number) => !questions.has(number))).toEqual([]);
  const own = matches(register, /(?:→|,|\() ?(\d\.\d)\b(?=[ ;,)|])/gu);
  expect(own.filter((section) => !sections.has(section))).toEqual([]);
});

test("the open questions are numbered from 1 without a hole", () => {
  expect([...questions.keys()]).toEqual([...questions.keys()].map((_, index) => `${index + 1}`));
  expect(questions.size).toBeGreaterThanOrEqual(23);
});

test("every setting that GENESYS.md names exists", () => {
  const named = matches(register, /\bsettings? ((?:`\w+`(?:, )?)+)/gu).flatMap((names) =>
    matches(names, /`(\w+)`/gu),
  );
  expect(named.filter((name) => !settingNames.has(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});

test("a setting that cites an open question is named in its row", () => {
  const cited = [...settings.matchAll(/\bNo\. (\d+)\b[^\n]*\*\/\n {2}readonly (\w+):/gu)];
  const astray = cited.filter(
    ([, number, name]) => questions.get(number ?? "")?.includes(`\`${name}\``) !== true,
  );
  expect(astray.map(([, number, name]) => `No. ${number}: ${name}`)).toEqual([]);
  expect(cited.length).toBe(matches(settings, /\bNo\. (\d+)/gu).length);
});

test("every document that a source names is in the repository", () => {
  const known = new Set(documents.map(({ path }) => path.split("/").at(-1)));
  const unknown = sources.flatMap(({ path, text }) =>
    matches(text, /([\w.-]+\.md)\b/gu)
      .filter((name) => !known.has(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test("every relative link in a document resolves to a file", () => {
  const broken = documents.flatMap(({ path, text }) =>
    matches(text, /\]\(([^)\s]+)\)/gu)
      .filter((link) => !/^(?:[a-z]+:|#)/iu.test(link))
      .filter((link) => {
        const target = join(dirname(path), link.split("#")[0] ?? "");
        return !existsSync(join(root, target));
      })
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every script that a document names is in package.json", () => {
  const { scripts } = JSON.parse(textOf("package.json")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const unknown = documents.flatMap(({ path, text }) =>
    matches(text, /\bnpm run (?:(?:--silent|-s) )?([\w:-]+)/gu)
      .filter((name) => !Object.hasOwn(scripts, name))
      .map((name) => `${path}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

const generated = ["OPERATING", "MOCK", "EVENT-API", "WHICH-URL"]
  .map((name) => textOf(`docs/${name}.md`))
  .join("");

/** As it was before a formatter aligned its columns. */
function bare(table: string): string {
  return table.replaceAll(/-{3,}/gu, "-").replaceAll(/ +/gu, " ").trim();
}

test.each([
  ["relay codes", relayCodeTable()],
  ["line codes", lineCodeTable()],
  ["event api codes", eventApiTable()],
  ["subscriber codes", subscriberTable()],
  ["settings", settingTable()],
  ["event types", eventTypeTable()],
  ["socket paths", socketPathTable()],
  ["scopes", scopeTable()],
  ["regions", regionTable()],
])("the table of %s is current (scripts/code-docs.ts)", (name, table) => {
  const shown = new RegExp(`<!-- ${name} -->([^]*)<!-- /${name} -->`, "u").exec(generated)?.[1];
  expect(bare(shown ?? "")).toBe(bare(table));
});

test.each([
  ["standing faults", faultTable("standing")],
  ["immediate faults", faultTable("immediate")],
  ["fault fields", faultFieldTable()],
])("the table of %s in MOCK.md is current (scripts/fault-docs.ts)", (name, table) => {
  const shown = new RegExp(`<!-- ${name} -->([^]*)<!-- /${name} -->`, "u").exec(
    textOf("docs/MOCK.md"),
  )?.[1];
  expect(bare(shown ?? "")).toBe(bare(table));
});

test("what WHICH-URL.md finds at Genesys Cloud is in the official SDK, and what it does not is not", () => {
  const sdk = textOf(
    "node_modules/purecloud-platform-client-v2/dist/node/purecloud-platform-client-v2.js",
  );
  const text = textOf("docs/WHICH-URL.md");
  const place = (heading: string): string =>
    new RegExp(`^## ${heading}[^]*?(?=^## |$(?![^]))`, "mu").exec(text)?.[0] ?? "";
  const tried = place("Addresses that people try");
  const missing = matches(tried, /^\| `(\/[^`]+)`/gmu);
  expect(missing.filter((path) => sdk.includes(path))).toEqual([]);
  expect(missing.length).toBeGreaterThan(5);
  const hosts = matches(tried, /`(api\.(?:(?:[a-z]+\.)?genesyscloud|[a-z]+\.mypurecloud)\.com)`/gu);
  expect(hosts.filter((host) => sdk.includes(host.slice("api.".length)))).toEqual([]);
  expect(hosts).toHaveLength(3);
  const real = matches(
    text,
    /`(?:(?:GET|POST|PUT) )?(?:https:\/\/api\.\{domain\})?(\/api\/v2\/(?:notif|tok|users|analytics\/conversations\/details)[^`]*)`/gu,
  ).map((path) => path.replace("{id}", "{channelId}"));
  expect(real.filter((path) => !sdk.includes(`'${path}'`))).toEqual([]);
  expect(real.length).toBeGreaterThan(4);
  const domains = matches(sdk, /\b[a-z]+(?:_[a-z]+)+_\d: '([a-z\d.-]+)'/gu);
  const ours = matches(text, /^\| `[a-z\d-]+` +\| login\.(\S+)/gmu);
  expect(new Set(ours)).toEqual(new Set(domains));
});

test("what the threads' pages say of the names in the official SDK is so", () => {
  const sdk = textOf(
    "node_modules/purecloud-platform-client-v2/dist/node/purecloud-platform-client-v2.js",
  );
  const named = (name: string): boolean => sdk.includes(name);
  const invented = ["createAuth", "subscribeAnalyticsEvents", "createEventSubscription"];
  const real = ["loginClientCredentialsGrant", "NotificationsApi"];
  expect(invented.filter(named)).toEqual([]);
  expect(real.filter(named)).toEqual(real);
  // It has no socket: whoever uses it brings one.
  expect(named("new WebSocket(")).toBe(false);
  const { dependencies } = JSON.parse(
    textOf("node_modules/purecloud-platform-client-v2/package.json"),
  ) as { readonly dependencies: object };
  expect(dependencies).not.toHaveProperty("ws");
});

test("openapi.json and asyncapi.json are what the relay serves (scripts/api-docs.ts)", async () => {
  for (const [name, document] of Object.entries(await apiDocuments()))
    expect(JSON.parse(textOf(`docs/${name}`))).toEqual(document);
});

/** Code as it was before a formatter broke its lines. */
function bareCode(text: string): string {
  return text.replaceAll(/^\/\/.*$/gmu, "").replaceAll(/"([^"\s]+)":|[\s,]+/gu, "$1");
}

test.each(Object.entries(topicTables()))(
  "%s is current (scripts/topic-names.ts)",
  (name, table) => {
    expect(bareCode(textOf(`packages/events/src/data/${name}`))).toBe(bareCode(table));
  },
);

/** What stands between backticks, in a line or in a block, without the tables that are made from the code. */
function codeIn(text: string): readonly string[] {
  const prose = text.replaceAll(/<!-- (\w+(?: \w+)*) -->[^]*?<!-- \/\1 -->/gu, "");
  const blocks = [...prose.matchAll(/^```[^\n]*\n([^]*?)^```$/gmu)].map(([, code = ""]) => code);
  const inline = matches(prose.replaceAll(/^```[^\n]*\n[^]*?^```$/gmu, ""), /`([^`\n]+)`/gu);
  return [...blocks, ...inline];
}

/** Variables of other programs, of examples, and errors of the operating system: no codes of ours. */
const otherNames =
  /^(?:TRUNKLINE|GENESYSCLOUD|GC|NODE|HOOK|CRM|CHAT)_|_PROXY$|_CLIENT_SECRET$|^QUEUE_ID$/u;

test("every error code that a document names is in a table of codes", () => {
  const tables = ["packages/cli/src/errors.ts", "packages/mock/src/mock-error.ts"].map(textOf);
  const logged = sources
    .filter(({ path }) => /^packages\/(?:relay|events)\/src\//u.test(path))
    .flatMap(({ text }) => matches(text, /\bcode: "([A-Z_]+)"/gu));
  const variables = files
    .filter(({ path }) => path.endsWith(".ts"))
    .flatMap(({ text }) => matches(text, /\benv\["([A-Z_]+)"\]/gu));
  const known = new Set<string>([
    ...variables,
    ...Object.keys(relayErrorCodes),
    ...Object.keys(errorCodes),
    ...Object.keys(eventApiErrors),
    ...Object.keys(subscriberErrors),
    ...tables.flatMap((text) => matches(text, /\b([A-Z]+(?:_[A-Z]+)+)\b/gu)),
    ...logged,
  ]);
  const named = documents
    .filter(({ path }) => path !== "docs/GENESYS.md")
    .flatMap(({ path, text }) =>
      codeIn(text)
        .flatMap((code) => matches(code, /(?<![\w$.])([A-Z]+(?:_[A-Z]+)+)(?!\w)/gu))
        .filter((name) => !otherNames.test(name))
        .map((name) => ({ path, name })),
    );
  expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(30);
});

interface Verb {
  readonly name: string;
  readonly options: ReadonlySet<string>;
  readonly verbs: readonly Verb[];
}

function verbOf(command: ReturnType<typeof createProgram>): Verb {
  const options = command.options.flatMap(({ long, short }) => [long ?? "", short ?? ""]);
  const verbs = command.commands.map(verbOf);
  return { name: command.name(), options: new Set([...options, "--help"]), verbs };
}

/** Why a command line, from after `trunkline`, is none of ours; undefined where it is. */
function commandFault(
  words: readonly string[],
  { name, options, verbs }: Verb,
): string | undefined {
  const [first = ""] = words;
  const below = verbs.find((verb) => verb.name === first);
  if (below !== undefined) return commandFault(words.slice(1), below);
  if (verbs.length > 0 && /^[a-z]/u.test(first)) return `${name} has no verb ${first}`;
  const unknown = words
    .flatMap((word) => matches(word, /^(--?[a-z][\w-]*)/gu))
    .find((option) => !options.has(option));
  return unknown === undefined ? undefined : `${name} has no option ${unknown}`;
}

test("every trunkline command that a document shows is one, with its options", () => {
  const program = verbOf(createProgram(createStage().system));
  const lines = documents.flatMap(({ path, text }) =>
    codeIn(text)
      .map((code) => code.replaceAll(/\\\n\s*/gu, " "))
      .flatMap((code) => matches(code, /(?:^|npx |&& |\/)trunkline ([a-z-][^\n#|&;]*)/gmu))
      .map((line) => ({ path, line })),
  );
  const faults = lines.flatMap(({ path, line }) => {
    const fault = commandFault(line.trim().split(/\s+/u), program);
    return fault === undefined ? [] : [`${path}: trunkline ${line}: ${fault}`];
  });
  expect(faults).toEqual([]);
  expect(lines.length).toBeGreaterThan(40);
});

test("every command of the mock alone that a document shows is one, with its options", () => {
  const program = verbOf(createMockProgram(createStage().system, "0.0.0"));
  const lines = documents.flatMap(({ path, text }) =>
    codeIn(text)
      .flatMap((code) => matches(code, /npx @trunkline\/mock([^\n#|&;]*)/gmu))
      .map((line) => ({ path, line: line.trim() })),
  );
  const faults = lines.flatMap(({ path, line }) => {
    const fault = line === "" ? undefined : commandFault(line.split(/\s+/u), program);
    return fault === undefined ? [] : [`${path}: ${line}: ${fault}`];
  });
  expect(faults).toEqual([]);
  expect(lines.length).toBeGreaterThan(2);
});

test("every scenario that a document shows is valid, and those that are built in are listed", () => {
  const shown = documents.flatMap(({ text }) => matches(text, /^```yaml scenario\n([^]*?)^```/gmu));
  for (const text of shown) expect(readScenario(text, "MOCK.md", "").timeline).not.toEqual([]);
  expect(shown.length).toBeGreaterThan(0);
  const section = /^## Scenarios\n[^]*?(?=^## )/mu.exec(textOf("docs/MOCK.md"))?.[0] ?? "";
  const listed = matches(section, /^\| `([a-z]+(?:-[a-z]+)*)` +\| /gmu);
  const names = builtInScenarios();
  expect(listed.filter((name) => names.includes(name)).toSorted()).toEqual(names);
});

test("the table of the control API has every path of it, and no other", () => {
  const section = /^## Control API\n[^]*?(?=^## )/mu.exec(textOf("docs/MOCK.md"))?.[0] ?? "";
  const rows = matches(section, /^(\| `(?:GET|POST|DELETE) .*)$/gmu).join("\n");
  const named = matches(rows, /`(?:(?:GET|POST|DELETE) )?(\/[a-z]+(?:\/\{id\})?)/gu);
  const paths = operations.map(({ path }) => path);
  expect([...new Set(named)].toSorted()).toEqual([...new Set(paths)].toSorted());
});

test("every configuration that a document shows is valid", () => {
  const env = { CHAT_WEBHOOK_URL: "https://chat.example/hook", MY_CLIENT_SECRET: "s3cret" };
  const place = { GENESYSCLOUD_REGION: "eu-central-1", GENESYSCLOUD_OAUTHCLIENT_ID: "id" };
  const secrets = {
    GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret",
    HOOK_TOKEN: "t0ken",
    HOOK_SECRET: `whsec_${"A".repeat(32)}`,
    CRM_TOKEN: "t0ken",
  };
  const configs = documents.flatMap(({ text }) => matches(text, /^```yaml\n([^]*?)^```/gmu));
  for (const text of configs) {
    // Examples of sinks leave out what every configuration has.
    const whole = /^trunks:/mu.test(text) ? text : `trunks: [{ name: main }]\n${text}`;
    const config = parseConfig({
      text: whole,
      path: "/etc/trunkline.yaml",
      env: { ...env, ...place, ...secrets },
      readText: () => "t0ken-of-sixteen-characters\n",
    });
    expect(config.trunks.length).toBe(1);
  }
  expect(configs.length).toBeGreaterThan(8);
});

test("every metric and every path of the relay that a document names is there", async () => {
  const { ask } = stageHttp();
  const metrics = (await ask("/metrics")).body;
  const known = new Set(matches(metrics, /^# HELP (\w+)/gmu));
  const routes = sources
    .filter(({ path }) => path.startsWith("packages/relay/src/http/"))
    .flatMap(({ text }) => matches(text, /\bpath: "(\/[^"]+)"/gu));
  const code = documents.flatMap(({ text }) => codeIn(text));
  const metricNames = code.flatMap((text) => matches(text, /\b(trunkline_[a-z_]+)/gu));
  const paths = code.flatMap((text) => matches(text, /(\/(?:admin\/[a-z]+|[a-z]+z|metrics))\b/gu));
  expect(metricNames.filter((name) => !known.has(name))).toEqual([]);
  expect(metricNames.length).toBeGreaterThan(15);
  expect(paths.filter((path) => !routes.includes(path))).toEqual([]);
  expect(paths.length).toBeGreaterThan(5);
});

/** As a heading is turned into the name of its place. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, "")
    .replaceAll(" ", "-");
}

test("every link to a heading leads to one", () => {
  const broken = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)\s#]*)#([^)\s]+)\)/gu)]
      .filter(([, target = ""]) => !/^[a-z]+:/u.test(target))
      .filter(([, target = "", anchor = ""]) => {
        const file = target === "" ? path : join(dirname(path), target);
        return !matches(textOf(file), /^#+ (.+)$/gmu).some((each) => anchorOf(each) === anchor);
      })
      .map(([link]) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("the checklist of the threads has each thread, and of each item a test that is there or a sentence", () => {
  const checklist = textOf("docs/threads/checklist.md");
  expect(matches(checklist, /^## (\d{3}): /gmu)).toEqual(["000", "001", "002", "003", "004"]);
  const rows = [...checklist.matchAll(/^\| (?!item |-)(.+?) +\| (.+?) +\| (.+?) +\|$/gmu)];
  const references = rows.flatMap(([, item = "", , shown = ""]) =>
    [...shown.matchAll(/`([^`]+\.test\.ts) › ([^`]+)`/gu)].map(([, path = "", title = ""]) => ({
      item,
      path,
      title,
    })),
  );
  const missing = references.filter(({ path, title }) => !titlesOf(path).includes(title));
  const unproven = rows.filter(
    ([, item, , shown = ""]) =>
      !references.some((each) => each.item === item) && !/^[A-Z][^›]+\.$/u.test(shown),
  );
  expect(missing).toEqual([]);
  expect(unproven).toEqual([]);
  expect(references.length).toBeGreaterThan(80);
});

/** What stands first in a call, with a function after it: titles of tests among them. */
function titlesOf(path: string): readonly string[] {
  if (!existsSync(join(root, path))) return [];
  const title = /\(\s*"((?:[^"\\]|\\.)+)",\s*(?:async )?(?:\(|\w+ =>|\{)/gu;
  return matches(textOf(path), title).map((text) => JSON.parse(`"${text}"`) as string);
}
