/**
 * Cuts the text of a member out of an object in JSON, so that it is played as the service wrote it: a number with 20
 * digits stays one, and spaces stay where they were.
 */

const quote = '"';

/** The value of a member, as it was written; undefined where there is none. @param json valid JSON */
export function memberText(json: string, name: string): string | undefined {
  let at = skipSpace(json, 0);
  if (json[at] !== "{") return undefined;
  let found: string | undefined;
  do {
    const keyStart = skipSpace(json, at + 1);
    if (json[keyStart] !== quote) return found;
    const keyEnd = stringEnd(json, keyStart);
    const valueStart = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const valueStop = valueEnd(json, valueStart);
    // Of members that come twice the last one counts, as in JSON.parse.
    if (JSON.parse(json.slice(keyStart, keyEnd)) === name)
      found = json.slice(valueStart, valueStop);
    at = skipSpace(json, valueStop);
  } while (json[at] === ",");
  return found;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text[at])) at += 1;
  return at;
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}

/** The index after the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function valueEnd(text: string, start: number): number {
  if (text[start] === quote) return stringEnd(text, start);
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === quote) {
      at = stringEnd(text, at);
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      // The end of the object around it.
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || isSpace(character))) return at;
    at += 1;
  }
  return at;
}
