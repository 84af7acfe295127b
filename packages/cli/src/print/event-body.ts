/** Cuts the text of `eventBody` out of a frame, so that a number with 20 digits stays one. */

/** The value of the top-level key `eventBody`, as it was written; undefined where there is none. @param frame valid JSON */
export function cutEventBody(frame: string): string | undefined {
  let at = skipSpace(frame, 0);
  if (frame[at] !== "{") return undefined;
  let found: string | undefined;
  do {
    const keyStart = skipSpace(frame, at + 1);
    if (frame[keyStart] !== '"') return found;
    const keyEnd = stringEnd(frame, keyStart);
    const valueStart = skipSpace(frame, skipSpace(frame, keyEnd) + 1);
    const end = valueEnd(frame, valueStart);
    // Of keys that come twice the last one counts, as in JSON.parse.
    if (isEventBody(frame.slice(keyStart, keyEnd))) found = frame.slice(valueStart, end);
    at = skipSpace(frame, end);
  } while (frame[at] === ",");
  return found;
}

function isEventBody(key: string): boolean {
  return key === '"eventBody"' || (key.includes("\\") && JSON.parse(key) === "eventBody");
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}

/** The index after the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const quote = text.indexOf('"', at);
    if (quote < 0) break;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote;
  }
  return text.length;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  const nested = first === "{" || first === "[";
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (!nested) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (!nested && (character === "," || isSpace(character))) return at;
  }
  return text.length;
}
