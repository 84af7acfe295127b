/** A direct backend on the client's fake cloud and virtual time, and all that it tells. */
import type { ClientOptions } from "@trunkline/client";
import { settled, SimClock } from "@trunkline/testkit";
import { FakeCloud } from "../../../../client/src/testing/fake-cloud.ts";
import type { BackendRequest, Flow, Told } from "../../subscriber/backend.ts";
import { direct, type DirectOptions } from "../direct.ts";

type Kind = Told["type"];

export class DirectStage {
  readonly clock = new SimClock(Date.UTC(2026, 0, 5, 8));
  readonly cloud = new FakeCloud(this.clock);
  readonly told: Told[] = [];
  readonly #options: Partial<DirectOptions>;
  #flow: Flow | undefined;

  constructor(options: Partial<DirectOptions> = {}) {
    this.#options = options;
    this.cloud.catalogue = [];
  }

  /** Subscribes. */
  open(request: Partial<BackendRequest>): this {
    const { clock, cloud } = this;
    const ports: ClientOptions["ports"] = {
      clock,
      random: () => 0.5,
      http: cloud.http,
      dial: cloud.dial,
    };
    const backend = direct({
      baseUrl: "https://api.cloud.example",
      credentials: { clientId: "id", clientSecret: "the-client-secret" },
      ...this.#options,
      ports,
    });
    this.#flow = backend.open(
      {
        eventTypes: [],
        filters: {},
        since: undefined,
        onCursorTooOld: "gap",
        consumer: undefined,
        ...request,
      },
      (told) => void this.told.push(told),
    );
    return this;
  }

  get flow(): Flow {
    if (this.#flow === undefined) throw new Error("nothing is open");
    return this.#flow;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.monotonicMs() + ms);
    await settled();
  }

  of<K extends Kind>(kind: K): readonly Extract<Told, { readonly type: K }>[] {
    return this.told.filter((one): one is Extract<Told, { readonly type: K }> => one.type === kind);
  }

  /** What was told, by kind, notices left out. */
  get kinds(): readonly Kind[] {
    return this.told.map(({ type }) => type).filter((type) => type !== "notice");
  }

  /** Answers lists of the organisation: path without query → entities. */
  lists(answers: () => Readonly<Record<string, readonly object[]>>): this {
    this.cloud.answer = ({ method, path }) => {
      const [route = "", query = ""] = path.split("?");
      const entities = answers()[route];
      if (method !== "GET" || entities === undefined) return undefined;
      const number = Number(new URLSearchParams(query).get("pageNumber"));
      const page = entities.slice(100 * (number - 1), 100 * number);
      const pageCount = Math.ceil(entities.length / 100);
      return {
        status: 200,
        body: JSON.stringify({ entities: page, total: entities.length, pageCount }),
      };
    };
    return this;
  }
}
