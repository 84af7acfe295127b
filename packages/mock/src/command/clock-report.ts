/** What can be said about the mock's clock: that no time zone moves it, and how far it is off another one. */
import type { MockSystem } from "./system.ts";
import { within } from "./system.ts";

/** So long the reference may take to answer. */
const referenceMsMax = 5_000;
/** A `Date` header counts whole seconds. */
const dateResolutionMs = 1_000;

export interface ClockReport {
  /** What the mock's clock shows, in UTC. */
  readonly now: string;
  readonly timeZone?: string;
  /** How far the mock's clock is ahead of the reference, ms; negative when it is behind. */
  readonly aheadMs?: number;
  /** How far that may be off, ms. */
  readonly uncertaintyMs?: number;
  /** Why the reference could not be asked. */
  readonly referenceFailed?: string;
}

/** @param nowMs the mock's clock */
export async function reportClock(
  nowMs: () => number,
  reference: string | undefined,
  system: MockSystem,
): Promise<ClockReport> {
  const zone = system.env["TZ"];
  const compared = reference === undefined ? {} : await compare(nowMs, reference, system);
  return {
    now: new Date(nowMs()).toISOString(),
    ...(zone === undefined || zone === "" ? {} : { timeZone: zone }),
    ...compared,
  };
}

async function compare(
  nowMs: () => number,
  url: string,
  system: MockSystem,
): Promise<Partial<ClockReport>> {
  const beforeMs = nowMs();
  try {
    const { headers } = await within(referenceMsMax, system, (signal) =>
      system.http({ method: "HEAD", url, headers: {} }, signal),
    );
    const dateMs = Date.parse(headers["date"] ?? "");
    if (Number.isNaN(dateMs)) return { referenceFailed: "its answer has no Date" };
    // The reference wrote its Date between the two, and meant any instant of that second.
    const least = beforeMs - (dateMs + dateResolutionMs);
    const most = nowMs() - dateMs;
    return {
      aheadMs: Math.round((least + most) / 2),
      uncertaintyMs: Math.ceil((most - least) / 2),
    };
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: string };
    return { referenceFailed: typeof code === "string" ? code : (message ?? "no answer") };
  }
}

/** @param isJwt whether tokens carry times that a clock decides about */
export function clockLines(
  report: ClockReport,
  reference: string | undefined,
  isJwt: boolean,
): readonly string[] {
  const { now, timeZone, aheadMs, uncertaintyMs = 0, referenceFailed } = report;
  const lines: string[] = [];
  if (timeZone !== undefined) {
    const there = inZone(now, timeZone);
    lines.push(
      there === undefined
        ? `TZ=${timeZone} is no time zone that this machine knows. No time zone moves the clock: it is ${now}.`
        : `TZ=${timeZone} does not move the clock, nor does /etc/localtime: it is ${now}, which is called ${there} there. Tokens count seconds since 1970, in no zone.`,
    );
  }
  if (aheadMs !== undefined) {
    const by = `${Math.abs(aheadMs) / 1_000} s ${aheadMs < 0 ? "behind" : "ahead of"}`;
    lines.push(
      Math.abs(aheadMs) <= uncertaintyMs
        ? `The clock agrees with ${reference ?? ""} as far as its Date can tell (${uncertaintyMs / 1_000} s).`
        : `The clock is ${by} ${reference ?? ""}, give or take ${uncertaintyMs / 1_000} s.`,
    );
  } else if (referenceFailed !== undefined)
    lines.push(
      `The clock was compared with nothing: ${reference ?? ""} could not be asked (${referenceFailed}).`,
    );
  else if (timeZone !== undefined || isJwt)
    lines.push(
      "The clock was compared with nothing; --clock-reference URL compares it with that server's.",
    );
  return lines;
}

function inZone(now: string, timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("sv-SE", {
      // A colon at the head is how POSIX marks the name of a file.
      timeZone: timeZone.replace(/^:/u, ""),
      dateStyle: "short",
      timeStyle: "medium",
    }).format(new Date(now));
  } catch {
    return undefined;
  }
}
