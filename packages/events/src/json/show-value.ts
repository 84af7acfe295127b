/** A value as a complaint shows it: JSON, short, and without what may be secret. */

/** Characters that are shown. */
export const shownCharactersMax = 200;
/** Of one string in it. */
const stringCharactersMax = 100;
const depthMax = 6;

/** Names of members whose values are not shown, whatever they hold. */
const secretName = /token|secret|passw|authori[sz]ation|credential|api_?-?key|cookie|\bjwt\b/iu;
/** A JWT, a header with a credential, or any other long word without a break, as tokens are. */
const secretText = /eyJ|^\s*(?:bearer|basic)\s|^[\w+/=-]{44,}$|[?&](?:access_)?token=/iu;

/** Whether what stands under this name may be secret. */
export function isSecretName(name: string | number | undefined): boolean {
  return typeof name === "string" && secretName.test(name);
}

/** Whether a line of a text is better not shown, since a secret may stand in it. */
export function mayHoldSecret(line: string): boolean {
  return secretName.test(line) || /[\w+/=-]{44,}/u.test(line) || secretText.test(line);
}

/** @returns undefined where nothing may be shown of it */
export function showValue(value: unknown): string | undefined {
  if (typeof value === "string" && secretText.test(value)) return undefined;
  const parts: string[] = [];
  let left = shownCharactersMax;
  const put = (text: string): boolean => {
    parts.push(text);
    left -= text.length;
    return left > 0;
  };
  write(value, put, 0);
  const text = parts.join("");
  return text.length <= shownCharactersMax
    ? text
    : `${text.slice(0, shownCharactersMax - 1).toWellFormed()}…`;
}

/** @returns whether there is room for more */
function write(value: unknown, put: (text: string) => boolean, depth: number): boolean {
  if (typeof value === "string") return put(showString(value));
  if (typeof value !== "object" || value === null) return put(JSON.stringify(value) ?? "null");
  const isList = Array.isArray(value);
  if (depth >= depthMax) return put(isList ? "[…]" : "{…}");
  if (!put(isList ? "[" : "{")) return false;
  let isFirst = true;
  for (const name of Object.keys(value)) {
    if (!isFirst && !put(",")) return false;
    isFirst = false;
    if (!isList && !put(`${showString(name)}:`)) return false;
    const below: unknown = (value as Readonly<Record<string, unknown>>)[name];
    const hasRoom = isSecretName(name) ? put('"…"') : write(below, put, depth + 1);
    if (!hasRoom) return false;
  }
  return put(isList ? "]" : "}");
}

function showString(text: string): string {
  if (secretText.test(text)) return '"…"';
  const cut =
    text.length <= stringCharactersMax
      ? text
      : `${text.slice(0, stringCharactersMax).toWellFormed()}…`;
  return JSON.stringify(cut);
}

/** Characters of a name that a sentence repeats. */
const nameCharactersMax = 60;

/** A name that somebody wrote, in quotes, for a sentence. */
export function quoted(name: string): string {
  if (secretText.test(name)) return '"…"';
  return JSON.stringify(
    name.length <= nameCharactersMax ? name : `${name.slice(0, nameCharactersMax).toWellFormed()}…`,
  );
}
