/** Kinds of plain options: texts, numbers, durations, lists. Values of the environment come as texts, so numbers and flags may too. */
import type { Kind, Report, Written } from "./option.ts";
import { refused } from "./option.ts";
import { nearMiss } from "./near-miss.ts";
import {
  durationPattern,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  sizePattern,
} from "./units.ts";

/** The longest text that is taken where nothing else is said. */
const charactersMax = 4_096;

interface TextRules {
  readonly form: string;
  readonly sample: string;
  /** Why the text is not taken: "is no …"; undefined where it is. */
  readonly check?: (text: string) => string | undefined;
  readonly help?: string;
  readonly charactersMax?: number;
  /** Whether white space around it counts. @default false */
  readonly isVerbatim?: boolean;
}

/** A text that is not empty. */
export function text(rules: TextRules): Kind<string> {
  const { form, sample, check, help, isVerbatim = false } = rules;
  const most = rules.charactersMax ?? charactersMax;
  return {
    form,
    sample,
    jsonSchema: { type: "string", minLength: 1 },
    read: (value, report) => {
      if (typeof value !== "string") {
        const quoted = typeof value === "number" || typeof value === "boolean";
        const how = quoted ? `Put it in quotes: "${String(value)}".` : `Write ${form}.`;
        report({ message: "is no text", help: how });
        return refused;
      }
      const read = isVerbatim ? value : value.trim();
      const why =
        read.trim() === ""
          ? "is empty"
          : read.length > most
            ? `is longer than ${most} characters`
            : check?.(read);
      if (why === undefined) return read;
      report({ message: why, ...(help === undefined ? {} : { help }) });
      return refused;
    },
  };
}

/** A name that stands in metrics, logs and addresses. */
export const name = text({
  form: "1 to 40 of the characters a-z, 0-9 and -",
  sample: "main",
  check: (written) =>
    /^[a-z0-9-]{1,40}$/u.test(written)
      ? undefined
      : "has other characters than a-z, 0-9 and -, or more than 40",
});

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  const form = `one of ${words.join(", ")}`;
  return {
    form,
    sample: words[0] ?? "",
    jsonSchema: { enum: words },
    read: (value, report) => {
      const found = words.find((word) => word === value);
      if (found !== undefined) return found;
      const near = typeof value === "string" ? nearMiss(value, words) : undefined;
      const help = near === undefined ? `Write ${form}.` : `Did you mean ${near}? Write ${form}.`;
      report({ message: `is not ${form}`, help });
      return refused;
    },
  };
}

export const flag: Kind<boolean> = {
  form: "true or false",
  sample: true,
  jsonSchema: { anyOf: [{ type: "boolean" }, { type: "string", pattern: String.raw`\$\{` }] },
  read: (value, report) => {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    const isYaml11 = typeof value === "string" && /^(?:yes|no|on|off)$/iu.test(value);
    report({
      message: isYaml11 ? "is a text in YAML 1.2, not a flag" : "is neither true nor false",
    });
    return refused;
  },
};

/** A whole number. */
export function count({ min, max }: { readonly min: number; readonly max: number }): Kind<number> {
  return {
    form: `a whole number from ${min} to ${max}`,
    sample: min,
    jsonSchema: {
      anyOf: [
        { type: "integer", minimum: min, maximum: max },
        { type: "string", pattern: String.raw`\$\{` },
      ],
    },
    read: (value, report) => {
      const isDigits = typeof value === "string" && /^\d{1,15}$/u.test(value);
      const number = isDigits ? Number(value) : value;
      if (typeof number === "number" && Number.isInteger(number)) {
        if (number >= min && number <= max) return number;
        report({ message: number < min ? `is less than ${min}` : `is more than ${max}` });
      } else report({ message: "is no whole number" });
      return refused;
    },
  };
}

interface Range {
  readonly min: string;
  readonly max: string;
}

/** Milliseconds, written as `30s`. */
export function duration({ min, max }: Range): Kind<number> {
  return quantity({
    what: "duration",
    units: "ms, s, m, h or d",
    sample: "30s",
    pattern: durationPattern,
    parse: parseDuration,
    format: formatDuration,
    min,
    max,
  });
}

/** Bytes, written as `64MB`. */
export function size({ min, max }: Range): Kind<number> {
  return quantity({
    what: "size",
    units: "B, kB, MB, GB, TB (1,000) or KiB, MiB, GiB, TiB (1,024)",
    sample: "64MB",
    pattern: sizePattern,
    parse: parseSize,
    format: formatSize,
    min,
    max,
  });
}

interface Quantity extends Range {
  readonly what: string;
  readonly units: string;
  readonly sample: string;
  readonly pattern: string;
  readonly parse: (text: string) => number | undefined;
  readonly format: (value: number) => string;
}

function quantity(facts: Quantity): Kind<number> {
  const { what, units, sample, pattern, parse, format } = facts;
  const [min = 0, max = 0] = [parse(facts.min), parse(facts.max)];
  return {
    form: `a ${what} from ${format(min)} to ${format(max)}`,
    sample,
    jsonSchema: { type: "string", pattern },
    read: (value, report) => {
      const read = typeof value === "string" ? parse(value.replaceAll(" ", "")) : undefined;
      if (read !== undefined && read >= min && read <= max) return read;
      if (read !== undefined)
        report({
          message: read < min ? `is less than ${format(min)}` : `is more than ${format(max)}`,
        });
      else if (typeof value === "number")
        report({ message: "has no unit", help: `Write it with ${units}, such as ${sample}.` });
      else
        report({
          message: `is no ${what}`,
          help: `Write a number with ${units}, such as ${sample}.`,
        });
      return refused;
    },
  };
}

interface ListRules<T> {
  readonly min?: number;
  readonly max: number;
  /** Looks at all items together, once each is as it should be; by index. */
  readonly check?: (items: readonly T[], report: Report) => void;
}

/** A list in which every item is of one kind. */
export function list<T>(kind: Kind<T>, { min = 0, max, check }: ListRules<T>): Kind<readonly T[]> {
  const form = `a list, each item ${kind.form}`;
  return {
    form,
    sample: [kind.sample],
    jsonSchema: { type: "array", items: kind.jsonSchema, minItems: min, maxItems: max },
    read: (value, report) => {
      if (!Array.isArray(value)) {
        const how = typeof value === "string" ? ` even for one item: [${value}]` : "";
        report({
          message: "is no list",
          help: `Write a list${how}.`,
          isHidden: typeof value !== "string",
        });
        return refused;
      }
      if (value.length > max || value.length < min) {
        const message = `has ${value.length} items; from ${min} to ${max} are possible`;
        report({ message, isHidden: true });
        return refused;
      }
      const items: T[] = [];
      for (const [index, item] of value.entries()) {
        const read = kind.read(item, (objection) =>
          report({
            help: `Write ${kind.form}.`,
            ...objection,
            path: [index, ...(objection.path ?? [])],
          }),
        );
        if (read !== refused) items.push(read);
      }
      if (items.length < value.length) return refused;
      let isSound = true;
      check?.(items, (objection) => {
        isSound = false;
        report(objection);
      });
      return isSound ? items : refused;
    },
  };
}

interface RecordRules<T> {
  readonly max: number;
  readonly form: string;
  readonly sample: Written;
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** The kind of the value under a key; undefined where the key is not taken, after a report. */
  readonly kindOf: (key: string, report: Report) => Kind<T> | undefined;
}

/** A map whose keys are names. */
export function record<T>(rules: RecordRules<T>): Kind<Readonly<Record<string, T>>> {
  return {
    form: rules.form,
    sample: rules.sample,
    jsonSchema: { type: "object", ...rules.jsonSchema },
    read: (value, report) => {
      if (!isRecord(value)) {
        report({ message: "is no map of names to values", isHidden: true });
        return refused;
      }
      const entries = Object.entries(value);
      if (entries.length > rules.max) {
        report({ message: `has more than ${rules.max} entries`, isHidden: true });
        return refused;
      }
      const read: [string, T][] = [];
      for (const [key, item] of entries) {
        const below: Report = (objection) =>
          report({ ...objection, path: [key, ...(objection.path ?? [])] });
        const kind = rules.kindOf(key, below);
        const one = kind?.read(item, (objection) =>
          below({ help: `Write ${kind.form}.`, ...objection }),
        );
        if (one !== undefined && one !== refused) read.push([key, one]);
      }
      return read.length < entries.length ? refused : Object.fromEntries(read);
    },
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
