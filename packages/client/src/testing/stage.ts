/** A client on the fake cloud, and a consumer that keeps what it was told. */
import { createClient, type Client } from "../client.ts";
import type { ClientEvent, GapEvent, NotificationEvent } from "../events.ts";
import type { ClientOptions } from "../options.ts";
import type { Clock } from "../ports.ts";
import { FakeCloud, type FakeTime } from "./fake-cloud.ts";

type Kind = ClientEvent["type"];
type OfKind<K extends Kind> = Extract<ClientEvent, { type: K }>;

export interface StageClock extends Clock, FakeTime {
  runUntil(endMs: number): Promise<void>;
}

export class Stage {
  readonly clock: StageClock;
  readonly cloud: FakeCloud;
  readonly client: Client;
  readonly events: ClientEvent[] = [];
  /** How the stream ended. */
  end: "not yet" | "ended" | Error = "not yet";

  constructor(clock: StageClock, options: Partial<ClientOptions> = {}) {
    this.clock = clock;
    this.cloud = new FakeCloud(clock);
    this.client = createClient({
      baseUrl: "https://api.cloud.example",
      credentials: { clientId: "id", clientSecret: "the-client-secret" },
      ...options,
      ports: {
        clock,
        random: () => 0.5,
        http: this.cloud.http,
        dial: this.cloud.dial,
        ...options.ports,
      },
    });
  }

  /** Reads all that comes, as fast as it comes. */
  listen(): this {
    const read = async (): Promise<void> => {
      for await (const event of this.client.events()) this.events.push(event);
    };
    void read().then(
      () => (this.end = "ended"),
      (error: unknown) => (this.end = error as Error),
    );
    return this;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.monotonicMs() + ms);
  }

  of<K extends Kind>(type: K): readonly OfKind<K>[] {
    return this.events.filter((event): event is OfKind<K> => event.type === type);
  }

  get notifications(): readonly NotificationEvent[] {
    return this.of("notification");
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.events.length = 0;
  }

  /** Each topic's state. */
  get states(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.client.topics().map(({ topic, state }) => [topic, state]));
  }

  /** Whether an instant of the simulated clock lies in a gap of the topic, as told. */
  isInGap(topic: string, atMs: number, wallOffsetMs: number): boolean {
    const gaps = this.of("gap").filter((gap) => gap.topics.includes(topic));
    const closed = new Set(gaps.filter(({ state }) => state === "closed").map(({ id }) => id));
    return gaps
      .filter(({ id, state }) => state === "closed" || !closed.has(id))
      .some((gap: GapEvent) => {
        const wallMs = atMs + wallOffsetMs;
        return gap.fromMs - 1 <= wallMs && wallMs <= (gap.toMs ?? Number.POSITIVE_INFINITY) + 1;
      });
  }
}
