/** The REST client on a fake HTTP port. */
import { Elapsed } from "../elapsed.ts";
import type { Clock, HttpRequest, HttpResponse } from "../ports.ts";
import { RequestBudget } from "../rest/budget.ts";
import { Notifications } from "../rest/notifications.ts";
import { Rest } from "../rest/rest.ts";
import { TokenSource } from "../rest/tokens.ts";
import type { TraceRecord } from "../trace.ts";

export class RestStage {
  readonly requests: HttpRequest[] = [];
  readonly traces: TraceRecord[] = [];
  readonly rest: Rest;
  readonly notifications: Notifications;
  readonly tokens: TokenSource;
  tokensMade = 0;
  /** Answers, one after the other; the last one stays. */
  answers: Partial<HttpResponse>[] = [{}];

  constructor(
    clock: Clock,
    apiUrl = "https://api.cloud.example",
    connectHosts = [".cloud.example"],
  ) {
    const elapsed = new Elapsed(clock);
    this.tokens = new TokenSource(
      elapsed,
      async () => ({ accessToken: `token-${++this.tokensMade}`, expiresInS: 3_600 }),
      new AbortController().signal,
    );
    this.rest = new Rest({
      clock,
      elapsed,
      apiUrl,
      tokens: this.tokens,
      budget: new RequestBudget(clock, elapsed),
      trace: (_, record) => this.traces.push(record),
      http: async (request) => {
        this.requests.push(request);
        const [answer] = this.answers;
        if (this.answers.length > 1) this.answers.shift();
        return { status: 200, headers: {}, body: "", ...answer };
      },
    });
    this.notifications = new Notifications(
      this.rest,
      elapsed,
      connectHosts,
      apiUrl.startsWith("http:"),
    );
  }

  get bearers(): readonly (string | undefined)[] {
    return this.requests.map(({ headers }) => headers["authorization"]);
  }
}
