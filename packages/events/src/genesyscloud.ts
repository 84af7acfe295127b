/**
 * @trunkline/events/genesyscloud: names that programs expect of an SDK of Genesys Cloud, and that its SDK does not have:
 * `platformClient.init`, `AnalyticsApi`, `createAuth`, `Subscription`. A program written for them runs with its import changed.
 */
import { regions } from "@trunkline/client";
import { direct } from "./direct/direct.ts";
import {
  createEventSubscription,
  subscribeAnalyticsEvents,
  type AnalyticsEventsOptions,
  type EventSubscriptionOptions,
  type OnData,
  type OnError,
} from "./subscriber/create.ts";
import { SubscriberError } from "./subscriber/errors.ts";
import { gateway } from "./subscriber/gateway/gateway.ts";
import { EventSubscription } from "./subscriber/subscription.ts";
import { tokenSource } from "./subscriber/token-source.ts";

export { EventSubscription as Subscription };

/** Whose events, and from where. What is undefined, such as a variable of the environment that is not set, is refused by name. */
export interface ClientSettings {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /**
   * The URL of a relay's gateway: `https://relay.example`. Or a host of a region of Genesys Cloud, such as
   * `https://api.mypurecloud.com`: then there is no relay, and nothing is kept (see `direct`).
   */
  readonly basePath: string | undefined;
  /** What `basePath` is. @default "direct" for the host of a region of Genesys Cloud, else "gateway" */
  readonly backend?: "gateway" | "direct";
}

/** Subscriptions by the names that programs use. Each reconnects, renews its token and keeps its connection alive by itself. */
export interface AnalyticsApi {
  /** As `createEventSubscription` of `@trunkline/events`, which needs a backend besides. @throws SubscriberError likewise */
  createEventSubscription<const Type extends string>(
    options: Omit<EventSubscriptionOptions<Type>, "backend">,
    onData?: OnData<Type>,
    onError?: OnError,
  ): EventSubscription<Type>;
  /** As `subscribeAnalyticsEvents` of `@trunkline/events`. @throws SubscriberError likewise */
  subscribeAnalyticsEvents(
    options: Omit<AnalyticsEventsOptions, "backend">,
    onData?: OnData,
    onError?: OnError,
  ): EventSubscription;
}

/** A way to access tokens. */
export interface Auth {
  /**
   * A token that is valid now: the same one until 80 % of its life are over, then a new one.
   * @throws SubscriberError TOKEN_UNAVAILABLE; what the gateway says of the credentials, such as CLIENT_UNKNOWN
   */
  getAccessToken(): Promise<string>;
}

/** Credentials by the names of OAuth 2. */
export interface AuthSettings {
  readonly client_id: string | undefined;
  readonly client_secret: string | undefined;
  /** As `basePath` of `platformClient.init`. @default that of the last `platformClient.init` */
  readonly base_path?: string;
}

/** Of the last `platformClient.init`, since `createAuth` is called without one. */
let lastBase: Base | undefined;

/** Begins. */
export const platformClient = {
  /** Connects to nothing yet. @throws SubscriberError OPTION_INVALID */
  init(settings: ClientSettings): { readonly AnalyticsApi: AnalyticsApi } {
    const clientId = given("clientId", settings.clientId);
    const access = { clientId, clientSecret: given("clientSecret", settings.clientSecret) };
    const base = readBase(given("basePath", settings.basePath), settings.backend);
    lastBase = base;
    const { url } = base;
    const isDirect = base.backend === "direct";
    const backend = isDirect
      ? direct({ baseUrl: url, credentials: access })
      : gateway({ url, access });
    return {
      AnalyticsApi: {
        createEventSubscription: (options, onData, onError) =>
          createEventSubscription({ ...options, backend }, onData, onError),
        subscribeAnalyticsEvents: (options, onData, onError) =>
          subscribeAnalyticsEvents({ ...options, backend }, onData, onError),
      },
    };
  },
};

/** Tokens for programs that open their sockets themselves. A subscription needs none of it. */
export const apiClients = {
  auth: {
    /**
     * Asks for nothing yet: `getAccessToken` does, and each `createAuth` has tokens of its own.
     * @throws SubscriberError OPTION_INVALID, GRANT_UNSUPPORTED
     */
    async createAuth(grant: "client_credentials", settings: AuthSettings): Promise<Auth> {
      if (grant !== "client_credentials")
        throw new SubscriberError("GRANT_UNSUPPORTED", `There is no grant ${String(grant)} here.`);
      const { base_path: path } = settings;
      const base = path === undefined ? lastBase : readBase(path, undefined);
      const clientId = given("client_id", settings.client_id);
      const clientSecret = given("client_secret", settings.client_secret);
      if (base === undefined) throw missing("base_path");
      const { tokenUrl } = base;
      const tokens = tokenSource({ tokenUrl, clientId, clientSecret });
      return { getAccessToken: () => tokens.token() };
    },
  },
};

interface Base {
  readonly url: string;
  readonly tokenUrl: string;
  readonly backend: "gateway" | "direct";
}

function readBase(url: string, backend: ClientSettings["backend"]): Base {
  if (!URL.canParse(url))
    throw new SubscriberError("OPTION_INVALID", "basePath is no URL: https://relay.example is.");
  const { origin, hostname } = new URL(url);
  const domain = Object.values(regions).find((each) => `.${hostname}`.endsWith(`.${each}`));
  if (domain === undefined)
    return { url, tokenUrl: `${origin}/oauth/token`, backend: backend ?? "gateway" };
  const tokenUrl = `https://login.${domain}/oauth/token`;
  return { url: `https://api.${domain}`, tokenUrl, backend: backend ?? "direct" };
}

function given(name: string, value: string | undefined): string {
  if (value === undefined || value === "") throw missing(name);
  return value;
}

function missing(name: string): SubscriberError {
  const help = "Give it; if it comes from a variable of the environment, see whether that is set.";
  return new SubscriberError("OPTION_INVALID", `${name} is missing.`, { help });
}
