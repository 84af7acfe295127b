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
    switch (this.#text.charAt(this.#at)) {
      case "{":
        return this.#object(marks);
      case "[":
        return this.#list(marks);
      case '"':
        this.#string();
        return true;
      default:
        while (this.#at < this.#text.length && !/[\s,\]}]/u.test(this.#text[this.#at] ?? ""))
          this.#at++;
        return true;
    }
  }

  #object(marks: Marks): boolean {
    const keys = new Set<string>();
    let isSound = true;
    for (this.#open(); !this.#closes("}"); this.#separator(",")) {
      const key = JSON.parse(this.#string()) as string;
      isSound &&= !keys.has(key);
      keys.add(key);
      this.#separator(":");
      // All of it is passed over, even if nothing comes of it, so that an outer value can be replaced.
      isSound = this.value(marks.get(key) ?? nothing) && isSound;
    }
    return isSound;
  }

  #list(marks: Marks): boolean {
    let isSound = true;
    let index = 0;
    for (this.#open(); !this.#closes("]"); this.#separator(",")) {
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
  #closes(bracket: string): boolean {
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #separator(character: string): void {
    this.#space();
    if (this.#text[this.#at] !== character) return;
    this.#at++;
    this.#space();
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
  #isEscaped(quote: number): boolean {
    let first = quote;
    while (this.#text[first - 1] === "\\") first--;
    return (quote - first) % 2 === 1;
  }

  #space(): void {
    while (" \n\r\t".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }
}
