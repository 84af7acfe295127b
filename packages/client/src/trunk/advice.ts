/** What a trunk tells its consumer for information: nothing waits for it, and nothing stops for want of it. */
import { TrunklineError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import type { Clock } from "../ports.ts";
import { identify } from "../rest/identity.ts";
import type { AvailableTopic, Notifications } from "../rest/notifications.ts";
import type { Rest } from "../rest/rest.ts";
import type { TokenSource } from "../rest/tokens.ts";
import type { Failure } from "../session/state.ts";
import type { Policy } from "../session/policy.ts";
import { unlisted } from "../topics/catalogue.ts";
import { topicKey, type Topic } from "../topics/names.ts";
import type { Channels } from "./channels.ts";

/** After which waits the service is asked again whose credential this is. */
const identifyAgainMs: readonly number[] = [1_000, 10_000, 60_000, 600_000];
/** What a rotation takes besides its overlap, and in which share of a token's life all have to find room. */
const rotationMs = 5_000;
const rotationShare = 0.2;

export interface AdvicePorts {
  readonly clock: Clock;
  readonly rest: Rest;
  readonly notifications: Pick<Notifications, "availableTopics">;
  readonly tokens: TokenSource;
  readonly channels: Channels;
  readonly policy: Policy;
  readonly wanted: () => ReadonlyMap<string, Topic>;
  readonly appraise: (error: unknown) => Failure;
  readonly emit: (event: ClientEvent) => void;
}

export class Advice {
  readonly #ports: AdvicePorts;
  #catalogue: readonly AvailableTopic[] | undefined;
  /** Topics of which the consumer was warned that the catalogue does not list them. */
  #advised: ReadonlySet<string> = new Set();
  /** What of the limits the consumer was warned of, once each. */
  readonly #warned = new Set<"contention" | "token-life">();

  constructor(ports: AdvicePorts) {
    this.#ports = ports;
  }

  /** Whose credential it is: good to know, and waited for by nobody. */
  async identify(signal: AbortSignal): Promise<void> {
    const { appraise, clock, emit, rest } = this.#ports;
    for (const againMs of [...identifyAgainMs, undefined]) {
      try {
        const event = await identify(rest, signal);
        if (!signal.aborted) emit(event);
        return;
      } catch (cause) {
        if (signal.aborted) return;
        const { error } = appraise(cause);
        emit({ type: "warning", line: undefined, error });
        if (againMs === undefined || error.retry === "never") return;
        await clock.sleep(Math.max(againMs, error.retryAfterMs ?? 0), signal);
        if (signal.aborted) return;
      }
    }
  }

  /** Advice only: a catalogue that cannot be had stops nothing. */
  async readCatalogue(signal: AbortSignal): Promise<void> {
    const { appraise, emit, notifications } = this.#ports;
    try {
      this.#catalogue = await notifications.availableTopics(signal);
      this.checkTopics();
    } catch (cause) {
      if (signal.aborted) return;
      emit({ type: "warning", line: undefined, error: appraise(cause).error });
    }
  }

  /** Warns once of each wanted topic that the catalogue does not list. */
  checkTopics(): void {
    const wanted = this.#ports.wanted();
    if (this.#catalogue === undefined) return;
    const names = unlisted(wanted.values(), this.#catalogue).filter(
      (name) => !this.#advised.has(name),
    );
    if (names.length === 0) return;
    this.#advised = new Set(
      [...this.#advised, ...names].filter((name) => wanted.has(topicKey(name))),
    );
    const some = names.slice(0, 5).join(", ");
    const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
    const error = new TrunklineError("TOPIC_UNLISTED", `Not in the catalogue: ${some}${more}.`);
    this.#ports.emit({ type: "warning", line: undefined, error });
  }

  /** Two programs that make too many channels evict each other's: told once in a while. */
  checkContention(): void {
    if (!this.#ports.channels.isContended) return void this.#warned.delete("contention");
    if (this.#warned.has("contention")) return;
    this.#warned.add("contention");
    const message = "Channels of ours were evicted several times within 10 min.";
    const error = new TrunklineError("CHANNEL_CONTENTION", message);
    this.#ports.emit({ type: "warning", line: undefined, error });
  }

  /** Sessions are replaced in the last fifth of their token's life, one after the other. */
  checkTokenLife(sessions: number): void {
    const { lifeMs } = this.#ports.tokens.current ?? {};
    if (lifeMs === undefined || this.#warned.has("token-life")) return;
    const { overlapMs } = this.#ports.policy;
    const neededMs = (sessions * (overlapMs + rotationMs)) / rotationShare;
    if (lifeMs >= neededMs) return;
    this.#warned.add("token-life");
    const [life, needed] = [lifeMs, neededMs].map((ms) => Math.ceil(ms / 1_000));
    const message = `Tokens live ${life} s; ${sessions} sessions need ${needed} s.`;
    const error = new TrunklineError("TOKEN_LIFE_SHORT", message);
    this.#ports.emit({ type: "warning", line: undefined, error });
  }
}
