/** Reads a configuration: from a file, or from the options of a command. All complaints come at once. */
import { dirname, resolve } from "node:path";
import { Secret } from "@trunkline/client";
import { z } from "zod";
import { type Complaint, RelayError } from "../errors.ts";
import type { RelayConfig } from "./config.ts";
import { isRecord } from "./kinds.ts";
import { nearMiss } from "./near-miss.ts";
import type { IssueParams } from "./option.ts";
import { resolveConfig } from "./resolve.ts";
import { configSchema } from "./schema.ts";
import { because, type Surroundings } from "./secrets.ts";
import { type Env, type Path, type Place, readYaml, type SourceProblem } from "./yaml-source.ts";

/** The largest file that is read: 20,000 topics of 100 characters fit twice. */
const configCharactersMax = 4_000_000;
/** Characters of what was found that a complaint repeats. */
const shownMax = 60;
/** Complaints that the message of the error tells; `complaints` has all of them. */
const toldMax = 30;

/** Where a configuration is read from. */
export interface ConfigDoors {
  readonly env: Env;
  /** Reads at most so many characters; throws the error of the operating system. */
  readonly readText: (path: string, charactersMax: number) => string;
  /** Whether every user of the machine may read a file; secrets in such files bring a warning. */
  readonly isWorldReadable?: ((path: string) => boolean) | undefined;
}

/**
 * Reads the file at `path`. Relative paths in it begin at its own folder.
 * @throws RelayError CONFIG_MISSING, CONFIG_UNREADABLE, CONFIG_INVALID
 */
export function loadConfig({
  path,
  ...doors
}: ConfigDoors & { readonly path: string }): RelayConfig {
  let text: string;
  try {
    text = doors.readText(path, configCharactersMax + 1);
  } catch (cause) {
    const isMissing = (cause as { code?: unknown } | null)?.code === "ENOENT";
    if (isMissing) {
      throw new RelayError("CONFIG_MISSING", `There is no file ${path}.`, {
        cause,
        help: `Make one with: trunkline init ${path}`,
      });
    }
    throw new RelayError("CONFIG_UNREADABLE", `${path} cannot be read${because(cause)}.`, {
      cause,
    });
  }
  return parseConfig({ text, path, ...doors });
}

/**
 * Reads the text of a configuration file.
 * @param options `path` names it in complaints; relative paths begin at its folder
 * @throws RelayError CONFIG_UNREADABLE, or CONFIG_INVALID with all complaints
 */
export function parseConfig({
  text,
  path,
  ...doors
}: ConfigDoors & { readonly text: string; readonly path: string }): RelayConfig {
  if (text.length > configCharactersMax)
    throw new RelayError(
      "CONFIG_UNREADABLE",
      `${path} has more than ${configCharactersMax} characters.`,
      { help: "A configuration is not so large: is this the right file?" },
    );
  const source = readYaml(text, doors.env);
  const complaints: (Complaint & Place)[] = [];
  const complain = (
    where: Path,
    place: Place,
    { message, help, frame }: Pick<SourceProblem, "message" | "help" | "frame">,
  ): void => {
    const option = formatPath(where);
    complaints.push({
      path: option,
      source: `${path}:${place.line}:${place.column}`,
      ...place,
      message: `${option === "" ? "The file" : option} ${message}`,
      frame,
      help,
    });
  };
  for (const problem of source.problems)
    complain(problem.path, source.placeOf(problem.offset), problem);
  const outcome = source.isReadable
    ? check(source.data, { ...doors, folder: resolve(dirname(path)) })
    : { config: undefined, faults: [] };
  // What a variable that is missing would have been is unknown; it is complained about already.
  const unknown = new Set(source.problems.map((problem) => formatPath(problem.path)));
  for (const fault of outcome.faults) {
    if (source.problems.length > 0 && unknown.has(formatPath(fault.path))) continue;
    const place = fault.isKey ? source.keyPlace(fault.path) : source.place(fault.path);
    const found = fault.isHidden ? undefined : source.written(fault.path);
    const message = found === undefined ? fault.message : `${show(found)} ${fault.message}`;
    complain(fault.path, place, { message, help: fault.help });
  }
  if (outcome.config !== undefined && complaints.length === 0) return outcome.config;
  throw invalid(
    path,
    complaints.toSorted((a, b) => a.line - b.line || a.column - b.column),
  );
}

/** What a command says instead of a file. */
export interface CommandConfig extends ConfigDoors {
  readonly region?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** Without them, they come from the environment. */
  readonly credentials?:
    | { readonly clientId: string; readonly clientSecret: string | Secret }
    | undefined;
  readonly topics?: readonly string[] | undefined;
  readonly dataDir?: string | undefined;
  readonly port?: number | string | undefined;
  readonly logLevel?: string | undefined;
  /** Relative paths begin here. Absolute. */
  readonly folder: string;
}

/** The option of the command that a complaint is about, by the path in a file. */
const commandOptions: Readonly<Record<string, string>> = {
  "trunks[0].region": "--region",
  "trunks[0].baseUrl": "--base-url",
  "trunks[0].clientId": "--client-id",
  "trunks[0].clientSecret": "--client-secret-file",
  "trunks[0].topics": "--topic",
  "trunks[0]": "The command line",
  dataDir: "--data-dir",
  "http.port": "--port",
  "log.level": "--log-level",
};

/**
 * Makes a configuration of one trunk, called `main`, and no sinks; everything else is as in an empty file.
 * @throws RelayError CONFIG_INVALID, whose complaints name the options of the command
 */
export function createConfig(command: CommandConfig): RelayConfig {
  const { region, baseUrl, credentials, topics = [], dataDir, port, logLevel, folder } = command;
  const clientSecret =
    typeof credentials?.clientSecret === "string"
      ? new Secret("client secret", credentials.clientSecret)
      : credentials?.clientSecret;
  const data = {
    trunks: [
      prune({
        name: "main",
        region,
        baseUrl,
        topics,
        clientId: credentials?.clientId,
        clientSecret,
      }),
    ],
    ...prune({ dataDir }),
    http: prune({ port }),
    log: prune({ level: logLevel }),
  };
  const { config, faults } = check(data, { ...command, folder });
  if (config !== undefined) return config;
  throw invalid(
    "The command line",
    faults.map(({ path, message, help, isHidden }) => {
      const text = formatPath(path);
      const option =
        commandOptions[text] ?? commandOptions[text.replace(/[[.][^[.]*$/u, "")] ?? text;
      const found: unknown = isHidden ? undefined : at(data, path);
      const isPlain = typeof found === "string" || typeof found === "number";
      const shown = isPlain ? `${show(`${found}`)} ` : "";
      return {
        path: text,
        source: option,
        line: undefined,
        column: undefined,
        message: `${option} ${shown}${message}`,
        frame: undefined,
        help,
      };
    }),
  );
}

function prune(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function at(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  return value;
}

/** What is wrong with a value, before anybody says where it stands. */
interface Fault {
  readonly path: Path;
  readonly message: string;
  readonly help: string;
  readonly isHidden: boolean;
  /** It is about the key, not the value. */
  readonly isKey: boolean;
}

type Outcome =
  | { readonly config: RelayConfig; readonly faults: readonly [] }
  | { readonly config: undefined; readonly faults: readonly Fault[] };

function check(data: unknown, surroundings: Omit<Surroundings, "warn">): Outcome {
  const warnings: string[] = [];
  const all: Surroundings = { ...surroundings, warn: (warning) => warnings.push(warning) };
  const parsed = configSchema(all).safeParse(data, { error: tellContext });
  if (parsed.success)
    return { config: resolveConfig(parsed.data, warnings, surroundings.env), faults: [] };
  return { config: undefined, faults: parsed.error.issues.flatMap(faultsOf) };
}

/** Only here does zod tell which keys there are and what was found: they travel in the message. */
function tellContext(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodObject)
    return Object.keys(issue.inst.shape).join(" ");
  if (issue.code === "invalid_union" && isRecord(issue.input)) {
    const { type } = issue.input;
    return typeof type === "string" ? type : "";
  }
  return undefined;
}

function faultsOf(issue: z.core.$ZodIssue): readonly Fault[] {
  const { path } = issue;
  const fault = (message: string, help: string): readonly Fault[] => [
    { path, message, help, isHidden: true, isKey: false },
  ];
  if (issue.code === "custom") {
    return [{ path, message: issue.message, ...(issue.params as IssueParams) }];
  }
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(" ");
    return issue.keys.map((key) => {
      const near = nearMiss(key, known);
      const help = near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`;
      return { path: [...path, key], message: "is no option", help, isHidden: true, isKey: true };
    });
  }
  if (issue.code === "invalid_union" && "options" in issue) {
    const types = issue.options.map(String);
    const near = nearMiss(issue.message, types);
    const message = issue.message === "" ? "is missing" : "is no type of sink";
    const help = `Write type: and one of ${types.join(", ")}.`;
    return [
      {
        path,
        message,
        help: near === undefined ? help : `Did you mean ${near}? ${help}`,
        isHidden: issue.message === "",
        isKey: false,
      },
    ];
  }
  if (issue.code === "too_big")
    return fault(`has more than ${issue.maximum} items`, "Merge some, or leave some out.");
  if (issue.code === "invalid_type" && issue.expected === "array")
    return fault("is no list", 'Begin each item with "- ", indented below.');
  return fault(
    "is no map of options",
    "Write its options below it, each as name: value, indented.",
  );
}

function invalid(what: string, complaints: readonly Complaint[]): RelayError {
  const told = complaints.slice(0, toldMax).map(({ source, message, frame, help }) => {
    const line = message.startsWith(source) ? message : `${source}: ${message}`;
    return [`${line}.`, ...(frame === undefined ? [] : [frame]), `  → ${help}`].join("\n");
  });
  const more = complaints.length > toldMax ? [`… and ${complaints.length - toldMax} more.`] : [];
  const count = complaints.length === 1 ? "one thing" : `${complaints.length} things`;
  return new RelayError(
    "CONFIG_INVALID",
    `${what} has ${count} wrong:\n${[...told, ...more].join("\n")}`,
    { complaints },
  );
}

/** `trunks[0].clientSecret` */
function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      const name = String(step);
      if (!/^[\w-]+$/u.test(name)) return `[${JSON.stringify(name.slice(0, shownMax))}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}

function show(text: string): string {
  const cut = text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
  return JSON.stringify(cut);
}
