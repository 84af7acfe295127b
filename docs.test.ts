/** What the documents and comments point at is there: sections, open questions, settings, files, scripts. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

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
