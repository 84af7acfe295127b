/** The tables of faults in docs/MOCK.md, made from what the code says of them. */
import {
  faultDescriptions,
  type FaultDescription,
} from "../packages/mock/src/server/fault-schema.ts";
import { escaped } from "./code-tables.ts";

/** Every fault of a kind, with its fields; those that it cannot do without in bold. */
export function faultTable(kind: FaultDescription["kind"]): string {
  const lines = Object.entries(faultDescriptions)
    .filter(([, description]) => description.kind === kind)
    .map(([name, { text, fields }]) => {
      const names = Object.entries(fields).map(([field, { required }]) =>
        required ? `**${field}**` : field,
      );
      return `| \`${name}\` | ${names.join(", ")} | ${escaped(text)} |`;
    });
  return ["| fault | fields | what it does |", "| - | - | - |", ...lines].join("\n");
}

/** Every field once, and again where it means something else in one fault. */
export function faultFieldTable(): string {
  const meanings = new Map<string, string[]>();
  for (const [name, { fields }] of Object.entries(faultDescriptions)) {
    for (const [field, { text }] of Object.entries(fields)) {
      const key = `| \`${field}\` | ${escaped(text)} |`;
      meanings.set(key, [...(meanings.get(key) ?? []), `\`${name}\``]);
    }
  }
  const often = 5;
  const lines = [...meanings].map(
    ([row, names]) => `${row} ${names.length > often ? "" : names.join(", ")} |`,
  );
  return ["| field | meaning | only in |", "| - | - | - |", ...lines].join("\n");
}
