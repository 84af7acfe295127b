/** Listens to what the client tells the relay, in its place: for the books, and for the oracle of coverage. */
import assert from "node:assert/strict";
import type { Client, ClientEvent } from "@trunkline/client";
import type { Books } from "./books.ts";
import { CoverageOracle } from "./coverage.ts";
import type { Network } from "./network.ts";
import type { Say, WorldPlan } from "./plan.ts";

export class Tap {
  readonly #say: Say;
  readonly #books: Books;
  readonly #oracle: CoverageOracle | undefined;
  readonly #report: (error: unknown) => void;
  #carried: readonly string[] | undefined;
  #isOver = false;

  constructor(
    {
      plan,
      network,
      say,
    }: {
      readonly plan: WorldPlan;
      readonly network: Network;
      readonly say: Say;
    },
    books: Books,
    report: (error: unknown) => void,
  ) {
    this.#say = say;
    this.#books = books;
    this.#report = report;
    // Bounds are compared with the ledger there, which nobody can where the clock was set.
    this.#oracle = plan.checksCoverage
      ? new CoverageOracle(network.cloud.ledger, plan.skewMs)
      : undefined;
  }

  get claims(): number {
    return this.#oracle?.claims ?? 0;
  }

  on(client: Client): Client {
    const batches = client.batches.bind(client);
    client.batches = () => {
      const inner = batches();
      const outer: ReturnType<Client["batches"]> = {
        next: async () => {
          const result = await inner.next();
          if (result.done === true) this.#isOver = true;
          else this.#take(result.value);
          return result;
        },
        return: () => inner.return?.() ?? Promise.resolve({ done: true, value: undefined }),
        [Symbol.asyncIterator]: () => outer,
      };
      return outer;
    };
    return client;
  }

  /** Somebody stops the client, which carries these topics, and is in doubt about nothing. */
  expectEnd(carried: readonly string[]): void {
    this.#carried = carried;
  }

  /** The client was stopped in peace. */
  finish(): void {
    if (this.#isOver && this.#carried !== undefined) this.#oracle?.finish(this.#carried);
  }

  #take(batch: readonly ClientEvent[]): void {
    try {
      for (const event of batch) this.#takeOne(event);
    } catch (error) {
      this.#report(error);
    }
  }

  #takeOne(event: ClientEvent): void {
    if (event.type === "notification") {
      const id = this.#books.tell(event.correlationId, event.maybeDuplicate);
      this.#oracle?.deliver(id);
      return;
    }
    this.#say(() => summary(event));
    this.#oracle?.take(event);
    if (event.type === "warning") assert.notEqual(event.error.code, "INTERNAL", event.error.stack);
    else if (event.type === "rejected") assert.fail(summary(event));
  }
}

function summary(event: ClientEvent): string {
  return JSON.stringify(event, (_, value: unknown) =>
    Array.isArray(value) && value.length > 2
      ? `${value.length} items`
      : value instanceof Error
        ? value.message
        : value,
  );
}
