/**
 * The example that `trunkline init` writes: every option with what it is for and its default,
 * commented out, so that the file is valid as it stands and a person only removes a `#`. Prose
 * begins with `# `; before an option stands a bare `#`.
 */
import { stringify } from "yaml";
import type { OptionFacts, Written } from "./option.ts";
import { type Outline, outlineConfig, type Section, type Sections } from "./outline.ts";
import { policyOptions } from "./policy.ts";

const columnsMax = 98;

const head = [
  "Configuration of Trunkline. What is commented out shows its default, or an example where there is none.",
  "Durations: 500ms, 30s, 15m, 12h, 7d. Sizes: 64MB, 10GB (of 1,000), 1GiB (of 1,024).",
  "${NAME} or ${NAME:-default} in a text takes a variable of the environment; $${ stands for ${ itself.",
  "Secrets are never written out, but named: { env: NAME } or { file: PATH }.",
  "Paths begin at the folder of this file. After a change: trunkline reload",
];

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly isProse: boolean;
  /** Commented out, with the # at this indent. */
  readonly offAt: number | undefined;
}

/** Fit to be written to a file; valid once the variables of the credentials are set. */
export function exampleConfig(): string {
  const parts = outlineConfig().entries.map(([key, below]) => entryLines(key, below).map(render));
  return `${[head.map((line) => `# ${line}`), ...parts].map((part) => part.join("\n")).join("\n\n")}\n`;
}

function render({ indent, text, isProse, offAt }: Line): string {
  const shown = isProse ? `# ${text}` : text;
  if (offAt === undefined) return " ".repeat(indent) + shown;
  return `${" ".repeat(offAt)}#${" ".repeat(indent - offAt)}${shown}`;
}

function entryLines(key: string, below: Outline): readonly Line[] {
  if (below.kind === "type") return [live(`type: ${below.word}`)];
  if (below.kind === "option") return optionLines(key, below.facts);
  // Trunks stand there, since one is needed. Other lists and what changes by being there do not.
  const isLive = below.kind === "section" ? !below.isOptional : key === "trunks";
  const inner = below.kind === "section" ? deeper(sectionLines(below)) : itemLines(below, isLive);
  const block = [live(`${key}:`), ...inner];
  return [...prose(below.description), ...(isLive ? block : off(block))];
}

function sectionLines({ entries }: Section): readonly Line[] {
  return entries.flatMap(([key, below]) => entryLines(key, below));
}

function optionLines(key: string, facts: OptionFacts): readonly Line[] {
  const { description, preset, example, isActive, kind } = facts;
  const value = (isActive === true || !isBlank(preset) ? preset : undefined) ?? example ?? preset;
  const lines =
    key === "policy" ? policyLines() : [live(`${key}: ${inline(value ?? kind.sample)}`)];
  return [...prose(description), ...(isActive === true ? lines : off(lines))];
}

/** What an earlier item has shown already is only named. The first option of an item stands behind the dash. */
function itemLines({ variants }: Sections, isLive: boolean): readonly Line[] {
  const shown = new Set<string>();
  return variants.flatMap((variant) => {
    const entries = variant.entries.filter(([key, below]) => !shown.has(identity(key, below)));
    const same = variant.entries.filter((entry) => !entries.includes(entry)).map(([key]) => key);
    for (const [key, below] of variant.entries) shown.add(identity(key, below));
    const own = sectionLines({ ...variant, entries });
    const lines = [...own, ...(same.length === 0 ? [] : prose(`As above: ${same.join(", ")}.`))];
    const item = deeper(deeper(isLive ? lines : on(lines)));
    const first = item.findIndex(({ isProse }) => !isProse);
    return item.map((line, index) => {
      if (index > first) return line;
      return {
        ...line,
        indent: line.indent - 2,
        text: `${index === first ? "- " : ""}${line.text}`,
      };
    });
  });
}

/** The same for options that mean the same and have the same default. */
function identity(key: string, below: Outline): string {
  const { preset, example } = below.kind === "option" ? below.facts : {};
  const inner = below.kind === "section" ? below.entries.map((entry) => identity(...entry)) : [];
  return JSON.stringify([
    key,
    below.kind,
    below.kind === "type" ? below.word : "",
    preset,
    example,
    inner,
  ]);
}

function policyLines(): readonly Line[] {
  const timings = Object.entries(policyOptions).flatMap(([key, [, preset, description]]) => [
    ...prose(`${description.charAt(0).toUpperCase()}${description.slice(1)}.`),
    live(`${key}: ${preset}`),
  ]);
  return [live("policy:"), ...deeper(timings)];
}

function live(text: string): Line {
  return { indent: 0, text, isProse: false, offAt: undefined };
}

function deeper(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => ({
    ...line,
    indent: line.indent + 2,
    offAt: line.offAt === undefined ? undefined : line.offAt + 2,
  }));
}

/** Comments a block out as a whole, its prose with it. */
function off(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => ({ ...line, offAt: 0 }));
}

function on(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => ({ ...line, offAt: undefined }));
}

function prose(text: string): readonly Line[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columnsMax) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => ({ ...live(each), isProse: true }));
}

function isBlank(value: Written | undefined): boolean {
  return value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
}

function inline(value: Written): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0, singleQuote: true })
    .trim()
    .replaceAll(/\s*\n\s*/gu, " ");
}
