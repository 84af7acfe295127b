/** What is given by options, variables and files, read strictly, so that nothing is guessed. */
import { CliError } from "./errors.ts";
import type { System } from "./system.ts";

/** The longest secret file that is read. */
const secretCharactersMax = 4_096;

export interface Value {
  readonly text: string;
  /** The option, variable or file that it came from. */
  readonly source: string;
}

/** Undefined for a plain URL of HTTP. A password in the URL is not repeated. */
export function whyNoUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return `"${text}" is not a URL`;
  if (url.username !== "" || url.password !== "") return "has a user or password in it";
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `"${text}" does not begin with http:// or https://`;
  if (url.search !== "" || url.hash !== "") return `"${text}" has a query or fragment`;
  return undefined;
}

/** A variable that is set but useless is an error, since whoever set it believes that it counts. */
export function variable(
  env: System["env"],
  name: string,
  { mayHaveSpace = false }: { readonly mayHaveSpace?: boolean } = {},
): Value | undefined {
  const text = env[name];
  if (text === undefined) return undefined;
  if (text.trim() === "") throw new CliError("VARIABLE_INVALID", `${name} is set, but empty.`);
  if (!mayHaveSpace && /\s/u.test(text)) {
    throw new CliError("VARIABLE_INVALID", `${name} has ${describeSpace(text)}.`, {
      help: `Set ${name} to the bare value. A line end comes from reading a file with one: use "$(cat FILE)".`,
    });
  }
  return { text, source: name };
}

export function describeSpace(text: string): string {
  const what = /[\r\n]/u.test(text) ? "a line end" : "white space";
  return `${what} ${text.trimEnd() === text ? "in it" : "at its end"}`;
}

/** @param option the name of the option, for messages */
export function readSecretFile(option: string, path: string, { readText }: System): Value {
  if (path === "") throw new CliError("OPTION_EMPTY", `${option} is empty.`);
  let text: string;
  try {
    text = readText(path, secretCharactersMax + 1);
  } catch (cause) {
    const message = `${path} cannot be read${whyOf(cause)}.`;
    throw new CliError("SECRET_FILE_UNREADABLE", message, { cause });
  }
  if (text.length > secretCharactersMax)
    throw new CliError(
      "SECRET_FILE_INVALID",
      `${path} is longer than ${secretCharactersMax} characters.`,
    );
  const secret = text.replace(/\r?\n$/u, "");
  if (secret.trim() === "") throw new CliError("SECRET_FILE_INVALID", `${path} is empty.`);
  if (/\s/u.test(secret))
    throw new CliError("SECRET_FILE_INVALID", `${path} has ${describeSpace(secret)}.`);
  return { text: secret, source: option };
}

/** ` (ENOENT)` for an error of the operating system, else nothing. */
export function whyOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? ` (${code})` : "";
}
