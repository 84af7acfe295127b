/** The table of all options, for docs/CONFIGURATION.md. */
import type { Written } from "./option.ts";
import { type Outline, outlineConfig, type Section } from "./outline.ts";
import { policyOptions } from "./policy.ts";

interface Row {
  readonly option: string;
  readonly form: string;
  readonly preset: string;
  readonly description: string;
}

/** Markdown: a heading and a table for each section. */
export function optionTables(): string {
  const whole = outlineConfig();
  const plain = whole.entries.filter(([, below]) => below.kind === "option");
  const parts = whole.entries.filter(([, below]) => below.kind !== "option");
  return [
    table(rows("", { ...whole, entries: plain })),
    ...parts.flatMap(([key, below]) => [`### \`${key}\``, ...part(key, below)]),
    "### `trunks[].policy`",
    "Timings of the line to Genesys Cloud, for those who know why.",
    table(
      Object.entries(policyOptions).map(([option, [, preset, description]]) => ({
        option,
        form: /^\d+$/u.test(preset) ? "a whole number" : "a duration",
        preset,
        description: `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
      })),
    ),
  ].join("\n\n");
}

function part(key: string, below: Outline): readonly string[] {
  if (below.kind === "section") return [below.description, table(rows(`${key}.`, below))];
  if (below.kind !== "sections") return [];
  const { description, variants } = below;
  const [only, ...more] = variants;
  if (only === undefined || more.length === 0)
    return [description, ...variants.map((variant) => table(rows(`${key}[].`, variant)))];
  const all = variants.map((variant) => ({
    type: typeOf(variant),
    rows: rows(`${key}[].`, variant),
  }));
  const isCommon = (row: Row): boolean =>
    all.every((other) => other.rows.some(({ option }) => option === row.option));
  const presets = (option: string): string => {
    const each = all.map(({ type, rows: own }) => ({
      type,
      preset: own.find((row) => row.option === option)?.preset ?? "",
    }));
    const usual = each[0]?.preset ?? "";
    const others = each.filter(({ preset }) => preset !== usual);
    return [usual, ...others.map(({ type, preset }) => `${preset} (${type})`)].join(", ");
  };
  const common = (all[0]?.rows ?? []).filter(isCommon);
  const types = all.map(({ type }) => `\`${type}\``).join(", ");
  return [
    `${description} Each has a \`type\`: ${types}. All have:`,
    table(common.map((row) => ({ ...row, preset: presets(row.option) }))),
    ...all.flatMap(({ type, rows: own }) => {
      const rest = own.filter((row) => !isCommon(row));
      return rest.length === 0 ? [] : [`With \`type: ${type}\`:`, table(rest)];
    }),
  ];
}

function typeOf({ entries }: Section): string {
  const [, type] = entries.find(([, below]) => below.kind === "type") ?? [];
  return type?.kind === "type" ? type.word : "";
}

function rows(prefix: string, { entries }: Section): readonly Row[] {
  return entries.flatMap(([key, below]): readonly Row[] => {
    if (below.kind === "section") return rows(`${prefix}${key}.`, below);
    if (below.kind === "sections")
      return below.variants.flatMap((variant) => rows(`${prefix}${key}[].`, variant));
    if (below.kind !== "option") return [];
    const { kind, preset, example, description, isRequired } = below.facts;
    const shown = example === undefined ? "" : ` Example: ${code(example)}`;
    return [
      {
        option: prefix + key,
        form: kind.form,
        preset: isRequired ? "required" : preset === undefined ? "–" : code(preset),
        description: description + shown,
      },
    ];
  });
}

function code(written: Written): string {
  return `\`${typeof written === "string" ? written : JSON.stringify(written)}\``;
}

function table(lines: readonly Row[]): string {
  const cells = lines.map(
    ({ option, form, preset, description }) =>
      `| ${[`\`${option}\``, form, preset, description].map(escape).join(" | ")} |`,
  );
  return [
    "| option | written as | default | what it is for |",
    "| --- | --- | --- | --- |",
    ...cells,
  ].join("\n");
}

/** So that neither a bar nor a placeholder breaks the table. */
function escape(text: string): string {
  return text
    .split(/(`[^`]*`)/u)
    .map((piece) =>
      piece.startsWith("`") ? piece : piece.replaceAll(/[<>*[\]]/gu, String.raw`\$&`),
    )
    .join("")
    .replaceAll("|", String.raw`\|`);
}
