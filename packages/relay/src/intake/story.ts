/**
 * What happens on a trunk, as log lines: one for each change of state, with code and remedy, none for
 * an attempt that fails as the one before did.
 */
import {
  isTrunklineError,
  type BudgetEvent,
  type ClientEvent,
  type DisconnectedEvent,
  type RejectedEvent,
  type WarningEvent,
} from "@trunkline/client";
import { isRelayError } from "../errors.ts";
import type { Draft, GapDraft } from "../journal/entry.ts";
import type { Log } from "../ports.ts";
import type { TrunkStatus } from "../service.ts";

/** So many names are listed in a line; the rest is counted. */
const namesMax = 5;
/** The same warning of the same line is told once in so long; what came meanwhile is counted. */
const sameEveryMs = 600_000;

type Trouble = NonNullable<TrunkStatus["error"]>;

/** A line without a socket. */
interface Down {
  /** What was told of it last. */
  readonly told: string;
  readonly trouble: Trouble;
}

interface Repeated {
  readonly toldAtMs: number;
  /** How often it came since it was told. */
  count: number;
}

export class Story {
  readonly #trunk: string;
  readonly #log: Log;
  /** By line, the newest trouble last. */
  readonly #down = new Map<number, Down>();
  /** Lines that have lost one of their sessions, and what was told of it last. */
  readonly #lessened = new Map<number, string>();
  /** By line and code, of which there are few. */
  readonly #warned = new Map<string, Repeated>();
  #end: Trouble | undefined;
  #overBudget = 0;
  #rejected: RejectedEvent[] = [];

  constructor(trunk: string, log: Log) {
    this.#trunk = trunk;
    this.#log = log;
  }

  /** The newest trouble that is not over. */
  get trouble(): TrunkStatus["error"] {
    return this.#end ?? [...this.#down.values()].at(-1)?.trouble;
  }

  tell(event: ClientEvent, nowMs: number): void {
    const trunk = this.#trunk;
    switch (event.type) {
      case "connected": {
        const { line, topics, sessions } = event;
        const wasDown = this.#down.delete(line);
        this.#down.delete(0);
        this.#lessened.delete(line);
        if (sessions > 1)
          return this.#log.info({ trunk, line, topics, sessions }, "one more session");
        return this.#log.info({ trunk, line, topics }, wasDown ? "line back" : "line connected");
      }
      case "disconnected":
        return this.#disconnected(event);
      case "rejected":
        this.#rejected.push(event);
        return;
      case "budget":
        return this.#budget(event);
      case "warning":
        return this.#warning(event, nowMs);
      case "identified": {
        const { organizationId, organizationName } = event;
        return this.#log.info({ trunk, organizationId, organizationName }, "logged in");
      }
      case "rotated": {
        const { line, reason, channel, overlapMs, paired, doubtful } = event;
        return this.#log.info(
          { trunk, line, reason, channel, overlapMs, paired, doubtful },
          "session replaced",
        );
      }
      // Told as it goes into the journal, under the id that it has there.
      case "gap":
      case "notification":
      case "subscribed":
      case "unsubscribed":
      case "proof":
      case "trace":
        return;
      default:
        return event satisfies never;
    }
  }

  /** The gaps among drafts. */
  tellGaps(drafts: readonly Draft[]): void {
    for (const draft of drafts) if (draft.kind === "gap") this.#gap(draft);
  }

  /** Rejections come in numbers: one line for those of a batch. */
  endOfBatch(): void {
    if (this.#rejected.length === 0) return;
    const topics = this.#rejected.map(({ topic }) => topic);
    const permissions = new Set(this.#rejected.flatMap((event) => event.missingPermissions));
    this.#log.warn(
      {
        trunk: this.#trunk,
        code: "TOPICS_REJECTED",
        topics: some(topics),
        missingPermissions: some([...permissions]),
        reason: this.#rejected[0]?.reason,
        help: rejectedHelp,
      },
      `Genesys Cloud refuses ${topics.length} of the topics; the others are carried`,
    );
    this.#rejected = [];
  }

  failed(error: unknown): void {
    this.#end = troubleOf(error);
    this.#log.error({ trunk: this.#trunk, ...this.#end }, "the trunk has given up");
  }

  #disconnected(event: DisconnectedEvent): void {
    const { line, code, reason, attempt, retryInMs, sessions, error } = event;
    const told = error?.code ?? `${code ?? "cut"}`;
    if (sessions > 0) {
      if (this.#lessened.get(line) === told) return;
      this.#lessened.set(line, told);
      return this.#log.info(
        { trunk: this.#trunk, line, code: told, reason, attempt, retryInMs, sessions },
        "session lost, line goes on",
      );
    }
    this.#lessened.delete(line);
    const isNews = this.#down.get(line)?.told !== told;
    const trouble = {
      code: error?.code ?? "DISCONNECTED",
      message: error?.message ?? reason,
      help: error?.help ?? "The line dials again by itself.",
    };
    this.#down.delete(line);
    this.#down.set(line, { told, trouble });
    if (!isNews) return;
    const { help } = trouble;
    this.#log.warn(
      { trunk: this.#trunk, line, code: told, reason, attempt, retryInMs, help },
      line === 0 ? "cannot connect yet" : "line down",
    );
  }

  #budget({ channels, overBudget }: BudgetEvent): void {
    const trunk = this.#trunk;
    const was = this.#overBudget;
    this.#overBudget = overBudget.length;
    // Whoever tells how the limits stand has let us in; without room for anything that is no end of trouble.
    if (overBudget.length === 0) this.#down.delete(0);
    if (overBudget.length === was && was > 0) return;
    if (overBudget.length > 0)
      return this.#log.warn(
        { trunk, code: "OVER_BUDGET", channels, topics: some(overBudget), help: overBudgetHelp },
        `${overBudget.length} topics found no room on the channels of this OAuth client`,
      );
    if (was > 0) return this.#log.info({ trunk, channels }, "all topics have found room");
    this.#log.debug({ trunk, channels }, "channel budget");
  }

  #warning({ line, error }: WarningEvent, nowMs: number): void {
    const { code, help, message } = error;
    const key = `${line} ${code}`;
    const before = this.#warned.get(key);
    if (before !== undefined && nowMs - before.toldAtMs < sameEveryMs && nowMs >= before.toldAtMs) {
      before.count++;
      return;
    }
    this.#warned.set(key, { toldAtMs: nowMs, count: 0 });
    const repeated = before === undefined || before.count === 0 ? {} : { repeated: before.count };
    this.#log.warn({ trunk: this.#trunk, line, code, help, ...repeated }, message);
  }

  #gap({ gapId, state, topics, fromMs, toMs, cause, certainty }: GapDraft): void {
    const from = new Date(fromMs).toISOString();
    const fields = {
      trunk: this.#trunk,
      gap: gapId,
      cause,
      certainty,
      topics: topics.length,
      from,
    };
    if (state !== "open" && toMs !== undefined) {
      const closed = { ...fields, to: new Date(toMs).toISOString(), lastedMs: toMs - fromMs };
      return this.#log[cause === "malformed" ? "debug" : "info"](closed, "gap closed");
    }
    // Our own stop is no news to whoever asked for it; of malformed frames the warning tells, and not of each.
    if (cause === "stopped" || cause === "malformed") return this.#log.debug(fields, "gap opened");
    this.#log.warn({ ...fields, code: "GAP_OPEN", help: gapHelp }, "gap opened");
  }
}

const overBudgetHelp =
  "20 channels of 1,000 topics are all that an OAuth client has, shared by all programs that use it. Use another OAuth client, or fewer topics.";
const rejectedHelp =
  "Give the roles of the OAuth client the missing permissions, or take the topics out of the configuration.";
const gapHelp =
  "What was sent from then on may be missing. It closes by itself when the topics are carried again; `trunkline gaps` lists what it was.";

function some(names: readonly string[]): string {
  const shown = names.slice(0, namesMax).join(", ");
  return names.length > namesMax ? `${shown} and ${names.length - namesMax} more` : shown;
}

/** What a bug throws may quote an event: its words are not told. */
function troubleOf(error: unknown): Trouble {
  if (isTrunklineError(error) || isRelayError(error)) {
    const { code, message, help } = error;
    return { code, message, help };
  }
  const name = error instanceof Error ? error.name : typeof error;
  const help = "This is a bug in Trunkline: please report it.";
  return { code: "INTERNAL", message: `Something broke inside Trunkline (${name}).`, help };
}
