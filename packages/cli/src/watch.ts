/** The loop that prints what a client tells: entries to stdout, all else to stderr, at the reader's pace. */
import type { Client, ClientEvent, RejectedEvent } from "@trunkline/client";
import { CliError } from "./errors.ts";
import type { Format } from "./print/format.ts";
import { createNotices } from "./print/notices.ts";
import { count } from "./print/text.ts";
import { traceLine } from "./print/trace.ts";
import type { System } from "./system.ts";

export interface Watch {
  readonly client: Pick<Client, "events" | "topics">;
  readonly format: Format;
}

/**
 * Ends when the client's stream ends, or when nobody reads stdout any more.
 * @throws TrunklineError of the client; CliError TOPICS_REJECTED, OUTPUT_FAILED
 */
export async function watch({ client, format }: Watch, system: System): Promise<void> {
  const { stdout, stderr, clock, stop } = system;
  const notice = createNotices(stderr.hasColours, () => clock.wallMs());
  const refusals = new Refusals(client);

  const print = (event: ClientEvent): Promise<void> | undefined => {
    switch (event.type) {
      case "notification":
        return stdout.write(format.notification(event));
      case "gap":
        // Whoever ends this program knows that nothing comes after its end.
        if (event.cause === "stopped") return undefined;
        return (format.gapsTo === "stdout" ? stdout : stderr).write(format.gap(event));
      case "trace":
        return stderr.write(traceLine(event, stderr.hasColours));
      case "proof":
      case "unsubscribed":
      case "identified":
        return undefined;
      case "connected":
      case "disconnected":
      case "subscribed":
      case "rotated":
      case "rejected":
      case "warning":
      case "budget": {
        const text = notice(event);
        return text === undefined ? undefined : stderr.write(text);
      }
      default:
        return event satisfies never;
    }
  };

  for await (const event of client.events()) {
    // Most writes find room: only the others are waited for.
    const room = print(event);
    if (room !== undefined) await room;
    if (stop.reason === "reader-gone") return;
    if (event.type === "rejected") refusals.check(event);
  }
}

/** Whether anything is left to wait for. */
class Refusals {
  readonly #client: Pick<Client, "topics">;
  readonly #topics = new Set<string>();
  readonly #permissions = new Set<string>();

  constructor(client: Pick<Client, "topics">) {
    this.#client = client;
  }

  /** @throws CliError TOPICS_REJECTED once all wanted topics are, and each has been told */
  check({ topic, missingPermissions }: RejectedEvent): void {
    this.#topics.add(topic.toLowerCase());
    for (const permission of missingPermissions) this.#permissions.add(permission);
    const wanted = this.#client.topics();
    const all = wanted.every(
      (status) => status.state === "rejected" && this.#topics.has(status.topic.toLowerCase()),
    );
    if (!all) return;
    const what =
      wanted.length === 1 ? "The topic was" : `All ${count(wanted.length, "topic")} were`;
    const missing = [...this.#permissions].join(", ");
    throw missing === ""
      ? new CliError("TOPICS_REJECTED", `${what} rejected by Genesys Cloud.`, { help: spelling })
      : new CliError("TOPICS_REJECTED", `${what} rejected by Genesys Cloud; missing: ${missing}.`);
  }
}

const spelling =
  "The reasons are above. Check the spelling of the topics, and that their ids exist.";
