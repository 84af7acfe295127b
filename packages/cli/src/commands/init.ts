/** `trunkline init`: a configuration to begin with, every option in it with its default. */
import { exampleConfig } from "@trunkline/relay";
import { CliError } from "../errors.ts";
import { palette } from "../print/colours.ts";
import { whyOf } from "../settings.ts";
import type { System } from "../system.ts";
import { configFileDefault } from "./run-config.ts";

export interface InitFlags {
  readonly force?: boolean;
}

/** @throws CliError FILE_EXISTS, FILE_UNWRITABLE */
export async function init(
  file: string | undefined,
  { force }: InitFlags,
  system: System,
): Promise<void> {
  const { stdout, commandName, writeText } = system;
  const path = file ?? configFileDefault;
  if (path.trim() === "") throw new CliError("OPTION_EMPTY", "The name of the file is empty.");
  try {
    writeText(path, exampleConfig(), force === true ? "overwrite" : "create");
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "EEXIST")
      throw new CliError("FILE_EXISTS", `${path} is there already; it was left as it is.`, {
        cause,
      });
    throw new CliError("FILE_UNWRITABLE", `${path} cannot be written${whyOf(cause)}.`, { cause });
  }
  const { bold } = palette(stdout.hasColours);
  const run = path === configFileDefault ? "run" : `run -c ${path}`;
  await stdout.write(`${bold(path)} is written, with every option and its default.

Next:
  1. In it, name your topics under trunks; the rest may stay as it is.
  2. Say where and who, for example in the shell:
       export GENESYSCLOUD_REGION=eu-central-1
       export GENESYSCLOUD_OAUTHCLIENT_ID=…
       export GENESYSCLOUD_OAUTHCLIENT_SECRET=…
  3. Start the relay:    ${commandName} ${run}
  4. See what comes:     ${commandName} tail

No account at hand? "${commandName} mock" is a Genesys Cloud to try it with.
`);
}
