/** The list of rules against docs/GENESYS.md: every section has a rule, every open question too, and none is made up. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = import.meta.dirname;
const register = readFileSync(join(folder, "../../docs/GENESYS.md"), "utf8");

/** Calls of `rule` with their source, in all files here; the words may be a template. */
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts"))
  .flatMap((name) => [
    ...readFileSync(join(folder, name), "utf8").matchAll(/\brule\(\s*"([^"]+)",\s*["`']/gu),
  ])
  .map(([, source = ""]) => source);
const cited = new Set(
  sources.map((source) => /^(?:no\. )?\d+(?:\.\d+)?/u.exec(source)?.[0] ?? source),
);

const headings = [...register.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gmu)].map(
  ([, number = ""]) => number,
);
/** Sections of facts about the service: 1 to 6, the smallest there are. */
const sections = headings
  .filter((number) => Number.parseInt(number, 10) <= 6)
  .filter((number) => !headings.some((other) => other.startsWith(`${number}.`)));
const questions = new Map(
  [...(/^## 8\. [^]*?(?=^## )/mu.exec(register)?.[0] ?? "").matchAll(/^\| (\d+) +\|(.*)$/gmu)].map(
    ([, number = "", row = ""]) => [`no. ${number}`, row],
  ),
);

test("the list of rules is found", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(sections.length).toBeGreaterThan(20);
  expect(questions.size).toBeGreaterThan(20);
});

test("every section of GENESYS.md from 1.1 to 6.3 has a rule", () => {
  expect(sections.filter((section) => !cited.has(section))).toEqual([]);
});

test("every rule cites a section or question that exists", () => {
  const known = new Set([...headings, ...questions.keys()]);
  expect([...cited].filter((source) => !known.has(source))).toEqual([]);
});

test("every certainty but `open` and `mock` stands in the cited section", () => {
  const wrong = sources.filter((source) => {
    const [, section = "", certainty = ""] = /^(\d+(?:\.\d+)?) (.+)$/u.exec(source) ?? [];
    if (section === "" || certainty === "open" || certainty === "mock") return false;
    const text = register.split(new RegExp(`^#{2,3} ${section.replace(".", "\\.")}\\.? `, "mu"))[1];
    return !text
      ?.split(/^#{2,3} /mu)[0]
      ?.replaceAll(/\s+/gu, " ")
      .includes(certainty);
  });
  expect(wrong).toEqual([]);
});

test("every open question that is a setting has a rule for it", () => {
  const open = [...questions].filter(([, row]) => /\bsettings? `/u.test(row));
  expect(open.length).toBeGreaterThan(15);
  expect(open.map(([question]) => question).filter((question) => !cited.has(question))).toEqual([]);
});
