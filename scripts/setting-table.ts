/** The table of the mock's settings in docs/MOCK.md, made from their declarations. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { escaped, table } from "./code-tables.ts";

const source = join(import.meta.dirname, "../packages/mock/src/cloud/settings.ts");

/** Every setting in its order: its default, what else it may be, and what it decides. */
export function settingTable(): string {
  const text = readFileSync(source, "utf8");
  const declared = /export interface Settings \{\n([^]*?)^\}/mu.exec(text)?.[1] ?? "";
  const rows = [...declared.matchAll(/\/\*\*([^]*?)\*\/\n {2}readonly (\w+): ([^;]+);/gu)].map(
    ([, comment = "", name = "", type = ""]) => {
      const said = comment.replaceAll(/\s*\n\s*\* ?/gu, " ").trim();
      const [what = "", preset = ""] = said.split(/\s*@default /u);
      return [name, `\`${preset}\``, othersOf(type, preset), escaped(what)];
    },
  );
  return table(["setting", "default", "or", "what it decides"], rows);
}

/** The other values of a choice; of a boolean there is no choice to tell. */
function othersOf(type: string, preset: string): string {
  if (type === "SocketEnd") return '`{ code, reason }`, `"cut"`, `"stay"`';
  if (type === "TokenDeathEffect") return othersOf(effects, preset);
  const values = type.split(" | ").filter((value) => /^(?:".*"|\d+)$/u.test(value));
  return values
    .filter((value) => value !== preset)
    .map((value) => `\`${value}\``)
    .join(", ");
}

const effects = '"nothing" | "closes-sockets" | "kills-channels"';
