/**
 * Cuts the text of `eventBody` out of a frame, so that consumers get what the service wrote: a number
 * with 20 digits stays one. Parsing and writing again would cost more and change it.
 */

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** The value of the top-level key `eventBody`, as it was written; undefined where there is none. @param frame valid JSON */
export function cutEventBody(frame: string): string | undefined {
  let at = skipSpace(frame, 0);
  if (frame.charCodeAt(at) !== openBrace) return undefined;
  let found: string | undefined;
  do {
    const keyStart = skipSpace(frame, at + 1);
    if (frame.charCodeAt(keyStart) !== quote) return found;
    const keyEnd = stringEnd(frame, keyStart);
    const valueStart = skipSpace(frame, skipSpace(frame, keyEnd) + 1);
    const valueStop = valueEnd(frame, valueStart);
    // Of keys that come twice the last one counts, as in JSON.parse.
    if (isEventBody(frame, keyStart, keyEnd)) found = frame.slice(valueStart, valueStop);
    at = skipSpace(frame, valueStop);
  } while (frame.charCodeAt(at) === comma);
  return found;
}

const plainKey = '"eventBody"';

function isEventBody(frame: string, start: number, end: number): boolean {
  if (end - start === plainKey.length && frame.startsWith(plainKey, start)) return true;
  const key = frame.slice(start, end);
  return key.includes("\\u") && key.replace(/\\u([\dA-F]{4})/giu, unescaped) === plainKey;
}

function unescaped(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The index after the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before--;
    if ((at - before) % 2 === 1) return at + 1;
  }
  return text.length;
}

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return stringEnd(text, start);
  if (first !== openBrace && first !== openBracket) return bareEnd(text, start);
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at);
      continue;
    }
    at++;
    if (code === openBrace || code === openBracket) depth++;
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return at;
  }
  return text.length;
}

/** The index after a number, `true`, `false` or `null`. */
function bareEnd(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === closeBrace || code === closeBracket || isSpace(code)) break;
  }
  return at;
}
