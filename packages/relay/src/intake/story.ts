/**
 * What happens on a trunk, as log lines: one for each change of state, with code and remedy, none for
 * an attempt that fails as the one before did.
 */
import {
  isTrunklineError,
  type ClientEvent,
  type DisconnectedEvent,
  type GapEvent,
  type RejectedEvent,
} from "@trunkline/client";
import type { Log } from "../ports.ts";
import type { TrunkStatus } from "../service.ts";

/** So many names are listed in a line; the rest is counted. */
const namesMax = 5;

export class Story {
  readonly #trunk: string;
  readonly #log: Log;
  /** Lines without a socket, and what was told of them last. */
  readonly #down = new Map<number, string>();
  #trouble: TrunkStatus["error"];
  #rejected: RejectedEvent[] = [];

  constructor(trunk: string, log: Log) {
    this.#trunk = trunk;
    this.#log = log;
  }

  /** The newest trouble, until it is over. */
  get trouble(): TrunkStatus["error"] {
    return this.#trouble;
  }

  tell(event: ClientEvent): void {
    const trunk = this.#trunk;
    switch (event.type) {
      case "connected": {
        const { line, topics } = event;
        const was = this.#down.get(line);
        this.#down.delete(line);
        this.#down.delete(0);
        if (this.#down.size === 0) this.#trouble = undefined;
        this.#log.info({ trunk, line, topics }, was === undefined ? "line connected" : "line back");
        return;
      }
      case "disconnected":
        return this.#disconnected(event);
      case "rejected":
        this.#rejected.push(event);
        return;
      case "gap":
        return this.#gap(event);
      case "budget": {
        const { channels, overBudget } = event;
        if (overBudget.length === 0) return this.#log.debug({ trunk, channels }, "channel budget");
        return this.#log.warn(
          { trunk, code: "OVER_BUDGET", channels, topics: some(overBudget), help: overBudgetHelp },
          `${overBudget.length} topics found no room on the channels of this OAuth client`,
        );
      }
      case "warning": {
        const { line, error } = event;
        const { code, help } = error;
        return this.#log.warn({ trunk, line, code, help }, error.message);
      }
      case "identified": {
        const { organizationId, organizationName } = event;
        return this.#log.info({ trunk, organizationId, organizationName }, "logged in");
      }
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
        missingPermissions: [...permissions],
        reason: this.#rejected[0]?.reason,
        help: rejectedHelp,
      },
      `Genesys Cloud refuses ${topics.length} of the topics; the others are carried`,
    );
    this.#rejected = [];
  }

  failed(error: unknown): void {
    this.#trouble = troubleOf(error);
    this.#log.error({ trunk: this.#trunk, ...this.#trouble }, "the trunk has given up");
  }

  #disconnected({ line, code, reason, attempt, retryInMs, error }: DisconnectedEvent): void {
    const told = error?.code ?? `${code ?? "cut"}`;
    const isNews = this.#down.get(line) !== told;
    this.#down.set(line, told);
    this.#trouble = {
      code: error?.code ?? "DISCONNECTED",
      message: error?.message ?? reason,
      help: error?.help ?? "The line dials again by itself.",
    };
    if (!isNews) return;
    const { help } = this.#trouble;
    this.#log.warn(
      { trunk: this.#trunk, line, code: told, reason, attempt, retryInMs, help },
      line === 0 ? "cannot connect yet" : "line down",
    );
  }

  #gap({ line, state, topics, fromMs, toMs, cause }: GapEvent): void {
    const from = new Date(fromMs).toISOString();
    const fields = { trunk: this.#trunk, line, cause, topics: topics.length, from };
    // Our own stop is no news to whoever asked for it.
    if (cause === "stopped") return this.#log.debug(fields, "gap opened");
    if (state === "open" || toMs === undefined)
      return this.#log.warn({ ...fields, code: "GAP_OPEN" }, "gap opened");
    const lastedMs = toMs - fromMs;
    return this.#log.info({ ...fields, to: new Date(toMs).toISOString(), lastedMs }, "gap closed");
  }
}

const overBudgetHelp =
  "20 channels of 1,000 topics are all that an OAuth client has, shared by all programs that use it. Use another OAuth client, or fewer topics.";
const rejectedHelp =
  "Give the roles of the OAuth client the missing permissions, or take the topics out of the configuration.";

function some(names: readonly string[]): string {
  const shown = names.slice(0, namesMax).join(", ");
  return names.length > namesMax ? `${shown} and ${names.length - namesMax} more` : shown;
}

function troubleOf(error: unknown): NonNullable<TrunkStatus["error"]> {
  if (isTrunklineError(error)) {
    const { code, message, help } = error;
    return { code, message, help };
  }
  const help = "This is a bug in Trunkline: please report it.";
  return { code: "INTERNAL", message: String(error), help };
}
