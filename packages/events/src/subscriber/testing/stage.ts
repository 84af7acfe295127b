/** A subscriber on simulated time, with a gateway that the test plays. */
import { SimClock } from "@trunkline/testkit";
import type { SubscriberPorts, WebResponse, WebSocketListener } from "../ports.ts";

/** One socket, as its far end sees it. */
export interface FarEnd {
  readonly url: string;
  readonly listener: WebSocketListener;
  /** What was sent to it, parsed. */
  readonly sent: Readonly<Record<string, unknown>>[];
  isClosed: boolean;
  say(message: object): void;
}

export interface Stage {
  readonly clock: SimClock;
  readonly ports: SubscriberPorts;
  readonly sockets: FarEnd[];
  /** Requests over HTTP: method and URL. */
  readonly asked: string[];
  /** Answers them. */
  answer: (url: string) => WebResponse | Promise<WebResponse>;
  /** The socket that was dialled last. @throws Error where there is none */
  readonly last: FarEnd;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

/** An answer with JSON in it. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): WebResponse {
  return { status, header: (name) => headers[name], body: JSON.stringify(body) };
}

export function createStage(): Stage {
  const clock = new SimClock(Date.UTC(2026, 10, 21));
  let issued = 0;
  const stage: Stage = {
    clock,
    sockets: [],
    asked: [],
    answer: () => jsonAnswer(200, { access_token: `token-${++issued}`, expires_in: 3_600 }),
    get last() {
      const last = this.sockets.at(-1);
      if (last === undefined) throw new Error("nothing was dialled");
      return last;
    },
    pass: (ms) => clock.runUntil(clock.monotonicMs() + ms),
    ports: {
      clock,
      random: () => 0.5,
      fetch: async (url, { method }) => {
        stage.asked.push(`${method} ${url}`);
        return stage.answer(url);
      },
      dial: (url, listener) => {
        const end: FarEnd = {
          url,
          listener,
          sent: [],
          isClosed: false,
          say: (message) => listener.heard(JSON.stringify(message)),
        };
        stage.sockets.push(end);
        return {
          send: (text) => end.sent.push(JSON.parse(text) as Readonly<Record<string, unknown>>),
          close: () => (end.isClosed = true),
        };
      },
    },
  };
  return stage;
}
