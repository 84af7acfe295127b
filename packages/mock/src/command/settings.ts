/** Settings of the model from `--setting name=value` and from the environment. */
import type { Settings } from "../cloud/settings.ts";
import { MockError } from "../mock-error.ts";
import { plainOrJson } from "./values.ts";

const jwtModes = ["strict", "lenient", "off"] as const;

/** @throws MockError VARIABLE_INVALID */
export function settingsOfEnv(
  env: Readonly<Record<string, string | undefined>>,
): Partial<Settings> {
  const mode = env["JWT_VALIDATION_MODE"];
  if (mode === undefined || mode === "") return {};
  const known = jwtModes.find((each) => each === mode);
  if (known !== undefined) return { tokenFormat: "jwt", jwtValidation: known };
  throw new MockError("VARIABLE_INVALID", `JWT_VALIDATION_MODE is "${mode}"`, {
    help: `Set it to ${jwtModes.join(", ")}, or unset it: then tokens are opaque, as a client should take them.`,
  });
}

/** @throws MockError USAGE, with the name that may have been meant */
export async function readSettings(assignments: readonly string[]): Promise<Partial<Settings>> {
  if (assignments.length === 0) return {};
  const { settingSchemas } = await import("../cloud/setting-schema.ts");
  const { nearMiss } = await import("../scenario/near-miss.ts");
  const read = assignments.map((assignment) => {
    const [, name = "", text = ""] = /^([^=]*)=(.*)$/su.exec(assignment) ?? [];
    if (name === "")
      throw new MockError("USAGE", `--setting ${assignment} is not of the form name=value`, {
        help: "Write it as in --setting heartbeatMs=5000.",
      });
    if (!Object.hasOwn(settingSchemas, name)) {
      const near = nearMiss(name, Object.keys(settingSchemas));
      throw new MockError("USAGE", `There is no setting ${name}`, {
        help: near === undefined ? "docs/MOCK.md lists them." : `Did you mean ${near}?`,
      });
    }
    const value = plainOrJson(text);
    const outcome = settingSchemas[name as keyof Settings].safeParse(value);
    if (outcome.success) return [name, value] as const;
    const [issue] = outcome.error.issues;
    throw new MockError("USAGE", `--setting ${name} is ${text}: ${issue?.message ?? "invalid"}`, {
      help: "docs/MOCK.md lists the settings with their values.",
    });
  });
  return Object.fromEntries(read);
}
