/** Replaces values inside a JSON text, and leaves every other character of it as it is. */

/** Names (indices as digits) to what becomes of the value there. */
export type Marks = Map<string, "replace" | Marks>;

/**
 * The text with every marked value replaced; undefined where an object has a key twice, since only
 * the last of its values can have been seen. Expects JSON that `JSON.parse` has taken.
 * @throws RangeError where values are nested too deeply
 */
export function replaceValues(text: string, marks: Marks, replacement: string): string | undefined {
  const splicer = new Splicer(text, replacement);
  return splicer.value(marks) ? splicer.finish() : undefined;
}

const nothing: Marks = new Map();

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

class Splicer {
  readonly #text: string;
  readonly #replacement: string;
  #output = "";
  /** Up to here the text is in the output. */
  #copied = 0;
  #at = 0;

  constructor(text: string, replacement: string) {
    this.#text = text;
    this.#replacement = replacement;
  }

  finish(): string {
    return this.#copied === 0 ? this.#text : this.#output + this.#text.slice(this.#copied);
  }

  /** Passes over one value; false where a key is there twice. */
  value(marks: "replace" | Marks): boolean {
    this.#space();
    const start = this.#at;
    const isSound = this.#pass(marks === "replace" ? nothing : marks);
    if (marks !== "replace") return isSound;
    this.#output += this.#text.slice(this.#copied, start) + this.#replacement;
    this.#copied = this.#at;
    return true;
  }

  #pass(marks: Marks): boolean {
    const code = this.#text.charCodeAt(this.#at);
    if (code === quote) {
      this.#string();
      return true;
    }
    if (code === openBrace) return this.#object(marks);
    if (code === openBracket) return this.#list(marks);
    while (this.#at < this.#text.length && !endsWord(this.#text.charCodeAt(this.#at))) this.#at++;
    return true;
  }

  #object(marks: Marks): boolean {
    const keys = new Set<string>();
    let isSound = true;
    for (this.#open(); !this.#closes(closeBrace); this.#separator(comma)) {
      const key = this.#key();
      isSound &&= !keys.has(key);
      keys.add(key);
      this.#separator(colon);
      // All of it is passed over, even if nothing comes of it, so that an outer value can be replaced.
      isSound = this.value(marks.get(key) ?? nothing) && isSound;
    }
    return isSound;
  }

  #list(marks: Marks): boolean {
    let isSound = true;
    let index = 0;
    for (this.#open(); !this.#closes(closeBracket); this.#separator(comma)) {
      isSound = this.value(marks.get(String(index)) ?? nothing) && isSound;
      index++;
    }
    return isSound;
  }

  #open(): void {
    this.#at++;
    this.#space();
  }

  /** Whether the object or list ends here; then it is passed over. */
  #closes(bracket: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== bracket) return false;
    this.#at++;
    return true;
  }

  #separator(code: number): void {
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== code) return;
    this.#at++;
    this.#space();
  }

  #key(): string {
    const written = this.#string();
    return written.includes("\\") ? (JSON.parse(written) as string) : written.slice(1, -1);
  }

  /** Passes over a string and returns it with its quotes. */
  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end === -1) throw new RangeError("a string without an end");
    this.#at = end + 1;
    return this.#text.slice(start, this.#at);
  }

  /** An odd number of backslashes before a quote makes it part of the string. */
  #isEscaped(place: number): boolean {
    let first = place;
    while (this.#text.charCodeAt(first - 1) === backslash) first--;
    return (place - first) % 2 === 1;
  }

  #space(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** What follows a number or a word of JSON. */
function endsWord(code: number): boolean {
  return code === comma || code === closeBrace || code === closeBracket || isSpace(code);
}
