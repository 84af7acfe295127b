/**
 * Secrets: named in the configuration, never written into it. A file is copied, committed, shown in
 * a ticket; a variable or a file of its own is not.
 */
import { resolve } from "node:path";
import { Secret } from "@trunkline/client";
import { isRecord } from "./kinds.ts";
import { refused, type Kind, type Report } from "./option.ts";

/** Where secrets and paths are looked up. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads at most so many characters; throws the error of the operating system. */
  readonly readText: (path: string, charactersMax: number) => string;
  /** Whether every user of the machine may read a file; undefined where that is not known. */
  readonly isWorldReadable?: ((path: string) => boolean) | undefined;
  /** Relative paths begin here. Absolute. */
  readonly folder: string;
  /** Takes what is unwise but works. */
  readonly warn: (warning: string) => void;
}

/** The longest secret that is read. */
export const secretCharactersMax = 4_096;

const sources = "{ env: NAME } or { file: PATH }";
const whyNotPlain =
  "Secrets do not belong into this file: it is copied, committed and shown. Put it into a variable or a file of its own";

interface SecretRules {
  /** What it is, shown in place of the text: `client secret`. */
  readonly kind: string;
  /** The variable that the example names. */
  readonly variable: string;
  readonly check?: (text: string) => string | undefined;
  /** Whether there may be several, with spaces between. @default false */
  readonly mayBeSeveral?: boolean;
}

const jsonSchema = {
  oneOf: [
    {
      type: "object",
      properties: { env: { type: "string" }, prefix: { type: "string" } },
      required: ["env"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: { file: { type: "string" }, prefix: { type: "string" } },
      required: ["file"],
      additionalProperties: false,
    },
  ],
} as const;

/** `{ env: NAME }` or `{ file: PATH }`, with `prefix: "Bearer "` if something comes before it. */
export function secret(rules: SecretRules, surroundings: Surroundings): Kind<Secret> {
  const { kind, variable, check } = rules;
  const isWhole = rules.mayBeSeveral === true ? isPrintable : isBare;
  return {
    form: `${sources}; a secret is never written out`,
    sample: { env: variable },
    jsonSchema,
    read: (value, report) => {
      // Not from a file, but from a command that has read it already.
      if (value instanceof Secret) return value;
      if (!isRecord(value)) {
        const help = `${whyNotPlain}, and write { env: ${variable} } or { file: PATH } here.`;
        report({ message: "is a secret in plain text", help, isHidden: true });
        return refused;
      }
      const { env, file, prefix = "", ...others } = value;
      const [other] = Object.keys(others);
      const isOne = (env === undefined) !== (file === undefined);
      if (other !== undefined || !isOne || typeof prefix !== "string") {
        report({
          message: other === undefined ? `is not ${sources}` : `has the key ${other}`,
          help: `Write ${sources}.`,
          isHidden: true,
        });
        return refused;
      }
      const text =
        file === undefined
          ? fromEnv(env, isWhole, surroundings, report)
          : fromFile(file, isWhole, surroundings, report);
      if (text === refused) return refused;
      const why = check?.(text);
      if (why === undefined) return new Secret(kind, prefix + text);
      report({ message: why, help: `Set another ${kind}.`, isHidden: true });
      return refused;
    },
  };
}

type IsWhole = (text: string) => boolean;

function fromEnv(
  name: unknown,
  isWhole: IsWhole,
  { env }: Surroundings,
  report: Report,
): string | typeof refused {
  if (typeof name !== "string" || !/^[A-Za-z_]\w*$/u.test(name)) {
    // Perhaps the secret itself was put there.
    const help = "Write the name of a variable of the environment, such as { env: MY_SECRET }.";
    report({ path: ["env"], message: "is not the name of a variable", help, isHidden: true });
    return refused;
  }
  const text = env[name];
  if (text !== undefined && isWhole(text)) return text;
  const why =
    text === undefined
      ? "which is not set"
      : text.trim() === ""
        ? "which is set, but empty"
        : `which ${oddity(text)}`;
  report({
    path: ["env"],
    message: `names the variable ${name}, ${why}`,
    help: `Set ${name} in the environment of trunkline${text === undefined ? "" : " to the bare value"}.`,
    isHidden: true,
  });
  return refused;
}

function fromFile(
  written: unknown,
  isWhole: IsWhole,
  { readText, isWorldReadable, folder, warn }: Surroundings,
  report: Report,
): string | typeof refused {
  const complain = (message: string, help: string): typeof refused => {
    report({ path: ["file"], message, help, isHidden: true });
    return refused;
  };
  if (typeof written !== "string" || written.trim() === "")
    return complain("is no path", "Write the path of a file that holds the secret.");
  const path = resolve(folder, written);
  let text: string;
  try {
    text = readText(path, secretCharactersMax + 1);
  } catch (error) {
    return complain(
      `names ${path}, which cannot be read${because(error)}`,
      "Check the path, and that this user may read the file.",
    );
  }
  if (text.length > secretCharactersMax)
    return complain(
      `names ${path}, which is longer than ${secretCharactersMax} characters`,
      "The file holds the secret and nothing else.",
    );
  const secretText = text.replace(/\r?\n$/u, "");
  if (!isWhole(secretText))
    return complain(
      `names ${path}, which ${oddity(secretText)}`,
      "The file holds the secret and nothing else; one line end after it is allowed.",
    );
  if (isWorldReadable?.(path) === true)
    warn(
      `Every user of this machine can read the secret in ${path}: chmod 600 keeps it to its owner.`,
    );
  return secretText;
}

/** Keys and tokens have no white space; where there is some, it slipped in. */
function isBare(text: string): boolean {
  return isPrintable(text) && !text.includes(" ");
}

/** Neither what breaks a line or a header, nor what stands for bytes that are no text. */
function isPrintable(text: string): boolean {
  return text.trim() !== "" && !/[^\S ]|[\p{Cc}\uFFFD]/u.test(text);
}

function oddity(text: string): string {
  if (text.trim() === "") return "is empty";
  return /\s/u.test(text) ? "has white space in it" : "has characters in it that are no text";
}

/** The code of an error of the operating system, in brackets. */
export function because(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? ` (${code})` : "";
}
