/** What to say about a text that is no JSON: the mistakes that people make are called by their names. */

export interface Remark {
  /** One sentence: what is wrong. */
  readonly message: string;
  /** How to mend it. */
  readonly help: string;
}

interface Mistake extends Remark {
  /** Matched at the place where reading ended. */
  readonly here: RegExp;
}

const mistakes: readonly Mistake[] = [
  {
    here: /(?<=\[)object \w+\]/y,
    message: "An object of your language was sent, not its JSON.",
    help: "Turn the object into text first: JSON.stringify(message), json.dumps(message), JsonSerializer.Serialize(message).",
  },
  {
    here: /\uFEFF/y,
    message: "A byte order mark stands before the JSON.",
    help: "Write the text as UTF-8 without a byte order mark.",
  },
  {
    here: /\/[/*]|#/y,
    message: "JSON has no comments.",
    help: "Leave the comment out.",
  },
  {
    here: /'/y,
    message: "JSON has no single quotes.",
    help: 'Put names and strings into double quotes: "eventTypes".',
  },
  {
    here: /[\u2018-\u201F\u00AB\u00BB]/y,
    message: "This is a typographic quote, as word processors and chats make them.",
    help: 'Replace it by the plain one: ".',
  },
  {
    here: /(?:True|False|None|nil|undefined|NaN|-?Infinity)\b/y,
    message: "This word is none of JSON's.",
    help: "JSON has true, false and null, in small letters; and numbers that are finite.",
  },
  {
    here: /-?0\d|\+\d|-?\.\d|-?\d+\.(?!\d)/y,
    message: "This is no number of JSON.",
    help: "Write numbers as in 7, -7 or 0.7: no zero before other digits, no plus sign, digits on both sides of the point.",
  },
  {
    here: /\u00A0/y,
    message: "A no-break space stands between the parts of the JSON.",
    help: "Replace it by a plain space; copying from web pages brings such spaces.",
  },
];

/** @param expected what could stand at `offset`, as it is said after "expected" */
export function describeStranger(text: string, offset: number, expected: string): Remark {
  if (text.trim() === "") return { message: "The text is empty.", help: "Send one JSON object." };
  const comma = /,\s*$/.test(text.slice(Math.max(0, offset - spaceMax), offset));
  const character = text[offset];
  if (comma && (character === "}" || character === "]"))
    return {
      message: `A comma stands before "${character}", and nothing after it.`,
      help: "Leave out the last comma.",
    };
  const mistake = mistakes.find(({ here }) => {
    here.lastIndex = offset;
    return here.test(text);
  });
  if (mistake !== undefined) return { message: mistake.message, help: mistake.help };
  if (character === undefined)
    return {
      message: `The text ends where JSON needs ${expected}.`,
      help: "Send the whole text. Where it is cut off each time, look for a limit of its length.",
    };
  if (expected.startsWith("a name") && /[A-Za-z_$]/.test(character))
    return {
      message: "A name stands without quotes.",
      help: 'Put names into double quotes: "eventTypes".',
    };
  return {
    message: `Here stands ${printed(text, offset)} where JSON needs ${expected}.`,
    help: "Send one JSON object. Mind quotes, commas and brackets just before this place.",
  };
}

/** White space that is looked at before a place. */
const spaceMax = 200;

/** One character, for the rest may be part of a secret. */
function printed(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0).toWellFormed();
  if (character === '"') return "a double quote";
  return /[\p{C}\p{Z}]/u.test(character)
    ? `the character U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
    : `"${character}"`;
}
