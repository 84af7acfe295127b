/** The configuration of `trunkline run`: a file, or the options alone. */
import { resolve } from "node:path";
import {
  createConfig,
  isRelayError,
  loadConfig,
  RelayError,
  type RelayConfig,
} from "@trunkline/relay";
import { resolveConnection, type ConnectionFlags } from "../connection.ts";
import { CliError } from "../errors.ts";
import type { System } from "../system.ts";

/** Looked for where nothing else is said. */
export const configFileDefault = "trunkline.yaml";

export interface RunConfigFlags extends ConnectionFlags {
  readonly config?: string;
  readonly topic?: readonly string[];
  readonly dataDir?: string;
  readonly port?: number;
}

export interface ConfigSource {
  /** The file; undefined where the options alone say it all. */
  readonly file: string | undefined;
  /** Reads it, each time anew. @throws RelayError, CliError */
  readonly read: () => RelayConfig;
}

/** @throws CliError USAGE, TOPIC_MISSING */
export function configSource(flags: RunConfigFlags, system: System): ConfigSource {
  const { folder, env, readText, isWorldReadable } = system;
  const doors = { env, readText, isWorldReadable };
  if (flags.dataDir === "") throw new CliError("OPTION_EMPTY", "--data-dir is empty.");
  const line = lineOption(flags);
  if (flags.config === undefined && line !== undefined) {
    const { topic: topics = [] } = flags;
    if (topics.length === 0) throw new CliError("TOPIC_MISSING", "There is no topic to listen to.");
    return {
      file: undefined,
      read: () => {
        const { place, credentials } = resolveConnection(flags, system);
        const { dataDir, port } = flags;
        return createConfig({ ...place, credentials, topics, dataDir, port, folder, ...doors });
      },
    };
  }
  if (flags.config === "") throw new CliError("OPTION_EMPTY", "--config is empty.");
  if (line !== undefined)
    throw new CliError("USAGE", `${line} and --config exclude each other.`, {
      help: "Write it into the file, under trunks; or leave the file out.",
    });
  const file = flags.config ?? configFileDefault;
  return {
    file,
    read: () => override(load(file, flags.config === undefined, doors), flags, folder),
  };
}

/** The option that says what a trunk says in a file. */
function lineOption(flags: RunConfigFlags): string | undefined {
  const { region, baseUrl, topic, clientId, clientSecretFile } = flags;
  const given: readonly (readonly [string, unknown])[] = [
    ["--region", region],
    ["--base-url", baseUrl],
    ["--topic", topic],
    ["--client-id", clientId],
    ["--client-secret-file", clientSecretFile],
  ];
  return given.find(([, value]) => value !== undefined)?.[0];
}

function load(
  path: string,
  isDefault: boolean,
  doors: Omit<Parameters<typeof loadConfig>[0], "path">,
): RelayConfig {
  try {
    return loadConfig({ path, ...doors });
  } catch (error) {
    if (!isDefault || !isRelayError(error, "CONFIG_MISSING")) throw error;
    throw new RelayError("CONFIG_MISSING", `There is no ${path} in this directory.`, {
      cause: error,
      help: "Write one with `trunkline init`, name yours with -c FILE, or do without: trunkline run --region eu-central-1 --topic v2.users.<user id>.presence",
    });
  }
}

/** What of a file the command line may say otherwise: where this process keeps and serves things. */
function override(
  config: RelayConfig,
  { dataDir, port }: RunConfigFlags,
  folder: string,
): RelayConfig {
  return {
    ...config,
    ...(dataDir === undefined ? {} : { dataDir: resolve(folder, dataDir) }),
    ...(port === undefined ? {} : { http: { ...config.http, port } }),
  };
}
