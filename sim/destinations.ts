/**
 * Where the sinks of a simulated relay write: the standard output with a reader behind it, and a
 * receiver of webhooks. Both are slow, fail, hang and refuse as their moods are, and keep for the
 * books what has arrived. They outlive the relay.
 */
import type { Dice, SimClock } from "@trunkline/testkit";
import { RelayError } from "../packages/relay/src/errors.ts";
import type { WebhookAnswer, WebhookHttp } from "../packages/relay/src/sinks/webhook/http.ts";
import type { OutputDoor } from "../packages/relay/src/sinks/stdout.ts";
import type { Books } from "./books.ts";
import type { Life } from "./life.ts";

export interface Mood {
  /** From a write to its arrival, and from there to the answer, at most. */
  readonly latencyMs: number;
  readonly failChance: number;
  /** Entries whose position is a multiple of it are refused for good; 0 refuses none. */
  readonly refuseEvery: number;
}

export class Destination {
  readonly name: string;
  readonly #books: Books;
  readonly #clock: SimClock;
  readonly #dice: Dice;
  readonly #mood: Mood;
  /** Nobody reads until it is released. */
  #stalled: (() => void)[] | undefined;
  #isCalm = false;
  /** Hears what broke a promise: the relay would take it for a failure of its sink. */
  onViolation: (error: unknown) => void = () => undefined;

  constructor(name: string, clock: SimClock, dice: Dice, mood: Mood, books: Books) {
    this.name = name;
    this.#clock = clock;
    this.#dice = dice;
    this.#mood = mood;
    this.#books = books;
  }

  stall(): void {
    this.#stalled ??= [];
  }

  release(): void {
    const stalled = this.#stalled;
    this.#stalled = undefined;
    for (const go of stalled ?? []) go();
  }

  /** From now on it takes everything that it does not refuse for good. */
  calm(): void {
    this.#isCalm = true;
    this.release();
  }

  output(life: Life): OutputDoor {
    return {
      write: (text) =>
        life.answer<void>((resolve, reject) => {
          this.#whenRead(() => {
            const fails = this.#fails();
            // What fails may have arrived all the same, in part.
            const lines = text.split("\n").slice(0, -1);
            const arrived = fails ? this.#dice.int(0, lines.length) : lines.length;
            for (const line of lines.slice(0, arrived)) this.#arrive(JSON.parse(line) as Line);
            this.#later(() =>
              fails
                ? reject(new RelayError("SINK_OUTPUT_FAILED", "simulated"))
                : resolve(undefined),
            );
          });
        }),
    };
  }

  webhook(life: Life): WebhookHttp {
    return {
      send: (request, signal) =>
        life.answer<WebhookAnswer>((resolve) => {
          const off = { kind: "failed", why: "aborted", detail: "called off" } as const;
          if (signal.aborted) return resolve(off);
          const forget = life.onAbort(signal, () => resolve(off));
          this.#whenRead(() => {
            const answer = this.#receive(request.body ?? "");
            this.#later(() => {
              forget();
              resolve(answer);
            });
          });
        }),
      close: () => undefined,
    };
  }

  #receive(body: string): WebhookAnswer {
    const unreachable = { kind: "failed", why: "unreachable", detail: "simulated" } as const;
    const fails = this.#fails();
    if (fails && this.#dice.chance(0.3)) return unreachable;
    const parsed = JSON.parse(body) as Line | readonly Line[];
    const lines = Array.isArray(parsed) ? (parsed as readonly Line[]) : [parsed as Line];
    const { refuseEvery } = this.#mood;
    const refused =
      refuseEvery === 0 ? [] : lines.filter((line) => positionOf(line) % refuseEvery === 0);
    if (fails && this.#dice.chance(0.5)) return answered(this.#dice.pick([429, 500, 503]), "1");
    if (refused.length > 0) {
      if (lines.length === 1)
        for (const line of lines) this.#books.refuse(this.name, positionOf(line));
      return answered(422);
    }
    for (const line of lines) this.#arrive(line);
    // It has taken all of it, and says so, or not.
    return fails ? unreachable : answered(204);
  }

  #arrive(line: Line): void {
    try {
      this.#books.arrive({
        sink: this.name,
        position: positionOf(line),
        cursor: line.cursor ?? line.id,
      });
    } catch (error) {
      this.onViolation(error);
    }
  }

  #fails(): boolean {
    return !this.#isCalm && this.#dice.chance(this.#mood.failChance);
  }

  #whenRead(act: () => void): void {
    this.#later(() => (this.#stalled === undefined ? act() : this.#stalled.push(act)));
  }

  #later(act: () => void): void {
    const ms = this.#isCalm ? 1 : this.#dice.between(0, this.#mood.latencyMs);
    this.#clock.at(this.#clock.monotonicMs() + ms, act);
  }
}

/** What is read of a line of `stdout`, or of a CloudEvent. */
interface Line {
  readonly id: string;
  readonly cursor?: string;
}

function positionOf({ id, cursor = id }: Line): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}

function answered(status: number, retryAfter?: string): WebhookAnswer {
  const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  return { kind: "answered", status, headers, body: "" };
}
