/** What to do with a socket: close it with a code and reason, destroy the connection, or leave it open. */
export type SocketEnd = { readonly code: number; readonly reason: string } | "cut" | "stay";

/**
 * Everything about the model that can be turned. The first part are facts of the service (with their section of
 * `docs/GENESYS.md`) that a test may want shorter or smaller; the second part are questions that nobody has
 * established ("No." in its section 8): a client should work under every answer. The last are the mock's own bounds.
 */
export interface Settings {
  /** GENESYS.md 4.3: a heartbeat on every socket. @default 30000 */
  readonly heartbeatMs: number;
  /** GENESYS.md 3.4: life of a channel, renewed by POST and PUT of topics. @default 86400000 (24 h) */
  readonly channelLifeMs: number;
  /** GENESYS.md 1.2: the shortest life that tokens of a client may be given, s; lower for demonstrations. @default 300 */
  readonly tokenLifeSecondsMin: number;
  /** GENESYS.md 5: channels of one OAuth client. @default 20 */
  readonly channelsPerClientMax: number;
  /** GENESYS.md 3.3: topics of one channel. @default 1000 */
  readonly topicsPerChannelMax: number;
  /** GENESYS.md 6.2: length of a combined topic. @default 200 */
  readonly combinedTopicCharactersMax: number;
  /** GENESYS.md 4.5: from `v2.system.socket_closing` to the close. @default 60000 */
  readonly socketClosingGraceMs: number;
  /** GENESYS.md 5: API calls per token and minute. @default 300 */
  readonly requestsPerMinuteMax: number;
  /** GENESYS.md 5: `request.bytes.max`. @default 512000 */
  readonly requestBytesMax: number;

  /** No. 10: status for a known client with a wrong secret. @default 401 */
  readonly wrongSecretStatus: number;
  /** Not stated (GENESYS.md 1.2): what an access token looks like. @default "opaque" */
  readonly tokenFormat: "opaque" | "jwt";
  /**
   * How a token is checked. `strict`: a JWT by its signature, `nbf` and `exp`, with the leeway below; `lenient`: likewise,
   * with a minute's leeway; `off`: any text is a token of the first client, and no time ends one; revocation and disabled
   * clients still count. An opaque token has no leeway. @default "strict"
   */
  readonly jwtValidation: "strict" | "lenient" | "off";
  /** Leeway of the strict check, for both `nbf` and `exp`, ms. @default 0 */
  readonly jwtLeewayMs: number;
  /** Not stated (GENESYS.md 1.2): status of `GET /api/v2/users/me` with client credentials. @default 400 */
  readonly usersMeStatus: number;
  /** No. 15: status of an upgrade on a channel that does not exist. @default 404 */
  readonly deadChannelUpgradeStatus: number;
  /** No. 1: the first socket, when a second one opens on its channel. @default 1001 */
  readonly displacedSocket: SocketEnd;
  /** No. 18: whether the displaced socket first gets `v2.system.no_longer_subscribed.{channelId}`. @default false */
  readonly displacedNotice: boolean;
  /** No. 1: a socket whose grace after `socket_closing` has ended. @default 1001 */
  readonly announcedSocket: SocketEnd;
  /** No. 1: the socket of a channel whose 24 h have ended; `stay` leaves it with heartbeats only. @default 1001 */
  readonly expiredChannelSocket: SocketEnd;
  /** No. 1: the socket of a channel that the 21st evicted. @default 1001 */
  readonly evictedChannelSocket: SocketEnd;
  /** No. 4: what the expiry of a token does to the channels made with it. @default "nothing" */
  readonly tokenExpiry: TokenDeathEffect;
  /** No. 4: what revocation of a token, or disabling its client, does to the channels made with it. @default "kills-channels" */
  readonly tokenRevocation: TokenDeathEffect;
  /** No. 4: how sockets end in the two cases above. @default 1001 */
  readonly tokenDeathSocket: SocketEnd;
  /** No. 4: whether sockets first get `v2.system.token_revoked.{channelId}` on revocation. @default true */
  readonly tokenRevokedNotice: boolean;
  /** No. 4: whether any token of the OAuth client may use a channel, or only the one that made it. @default "client" */
  readonly channelAccess: "client" | "token";
  /** No. 20: who is evicted when every channel has a socket. @default "oldest-used" */
  readonly evictionAllConnected: "oldest-used" | "oldest-created";
  /** No. 2: code of the 400 for too many topics. @default "bad.request" */
  readonly tooManyTopicsCode: string;
  /** No. 2: code of the 400 for a malformed topic. @default "invalid.value" */
  readonly malformedTopicCode: string;
  /** No. 2: a well-formed topic that is in no catalogue. @default "error" */
  readonly unknownTopic: "error" | "reject" | "permit";
  /** No. 12: too many topics with `ignoreErrors=true`: refused, or those beyond the limit are Rejected. @default "error" */
  readonly ignoreErrorsTooMany: "error" | "reject";
  /** No. 12: `ignoreErrors=true` turns malformed and unknown topics into Rejected entries. @default false */
  readonly ignoreErrorsForgivesMalformed: boolean;
  /** No. 13: REST subscription to `channel.metadata` or `v2.system*`. @default "error" */
  readonly systemTopicSubscription: "error" | "permit";
  /** No. 8: subscription to a topic that has only been seen on EventBridge. @default "permit" */
  readonly eventBridgeOnlyTopic: "permit" | "reject";
  /** No. 8: templates that need a current user, which client credentials have not. @default [] */
  readonly requiresCurrentUserTopics: readonly string[];
  /** No. 16: what a combined topic counts as against the 1,000. @default "one" */
  readonly combinedTopicCountsAs: "one" | "many";
  /** No. 2: success status of DELETE subscriptions. @default 204 */
  readonly deleteSubscriptionsStatus: 200 | 202 | 204;
  /** Not stated (GENESYS.md 3.2): what the reply to POST subscriptions lists. @default "all" */
  readonly postReplyLists: "all" | "added";
  /** No. 3: whether `expires` as shown by GET moves on resubscribing (the 24 h themselves always renew). @default true */
  readonly expiresMoves: boolean;
  /** No. 3: whether opening a socket renews the 24 h too. @default false */
  readonly reconnectRenews: boolean;
  /** No. 5: in-band subscribe. @default "adds" */
  readonly inBandSubscribe: "adds" | "replaces";
  /** No. 3: whether an in-band subscribe renews the 24 h too. @default true */
  readonly inBandSubscribeRenews: boolean;
  /** No. 7: whether two channels get an event under one CorrelationId. @default "per-event" */
  readonly correlationId: "per-event" | "per-delivery";
  /** No. 7: whether two channels get the fields of a body in the same order. @default "same" */
  readonly fieldOrder: "same" | "per-channel";
  /** No. 24: whether a queue is observed once for all channels, or for each at instants of its own. @default "per-topic" */
  readonly observationSampling: "per-topic" | "per-channel";
  /** No. 25: least time between two pongs on a socket; a ping that comes sooner is not answered. 0 answers all. @default 0 */
  readonly pongIntervalMs: number;
  /** No. 6: a socket on which the client has sent nothing for so long is closed with 1001 "idle timeout"; 0 is never. @default 0 */
  readonly idleTimeoutMs: number;
  /** No. 17: `systemTopicType` in the body of `socket_closing`; empty leaves it out. @default "" */
  readonly socketClosingTopicType: string;
  /** No. 19: who gets `v2.subscription.updated` when the topics of a channel change. @default "subscribed" */
  readonly subscriptionUpdated: "unasked" | "subscribed" | "never";
  /** No. 9: calls of one OAuth client in a minute, all its tokens together. @default 3000 */
  readonly clientRequestsPerMinuteMax: number;
  /** No. 9: calls of one token in a minute by route, such as `{"POST /api/v2/notifications/channels": 60}`. @default {} */
  readonly routeRequestsPerMinuteMax: Readonly<Record<string, number>>;
  /** No. 11: what happened less than so long ago is not in the analytics calls yet, ms. @default 30000 */
  readonly analyticsLagMs: number;
  /** No. 11: longest interval of a details query, days. @default 31 */
  readonly detailsIntervalDaysMax: number;
  /** No. 11: largest page of a details query. @default 100 */
  readonly detailsPageSizeMax: number;
  /** No. 23: how long `GET /conversations/{id}` answers for ended conversations, ms. @default 86400000 */
  readonly endedConversationMs: number;
  /** No. 22: code behind HTTP 413. @default "request.entity.too.large" */
  readonly tooLargeCode: string;
  /** GENESYS.md 5: which of the two known codes a 429 carries. @default "too.many.requests" */
  readonly rateLimitCode: "too.many.requests" | "too.many.requests.retry.after";
  /**
   * Not stated (GENESYS.md 4.5): a new socket after `socket_closing`. The old one goes on receiving in its grace, or is
   * displaced. @default "keeps-receiving"
   */
  readonly announcedSocketAfterMove: "keeps-receiving" | "displaced";

  /**
   * Whether the Event API of the threads, which Genesys Cloud has not, is played too: each of its paths as the thread that
   * is about it, or all as one of them. @default "off"
   */
  readonly legacy: "off" | "by-path" | "000" | "001" | "002" | "003" | "004";
  /** Legacy: the scopes of every token, as introspection tells them. @default all that the threads name */
  readonly legacyScopes: readonly string[];
  /** Legacy, thread 003: from the opening of a socket to its clean close, ms. @default 30000 */
  readonly legacyLifeMs: number;
  /**
   * Legacy, thread 002: the "401 Unauthorized close code". WebSocket has none (RFC 6455, 7.4: 1000 to 4999); 4401 is
   * the one that programs may use. @default 4401
   */
  readonly legacyUnauthorizedSocket: SocketEnd;

  /** Events that the ledger keeps. @default 200000 */
  readonly ledgerEntriesMax: number;
  /** Characters of bodies that the ledger keeps; older entries lose their body first. @default 67108864 */
  readonly ledgerBodyCharactersMax: number;
  /** Happenings that are not events (sockets, channels, faults) that the ledger keeps. @default 20000 */
  readonly historyMax: number;
  /** Conversations remembered for REST, running and ended; the oldest ended ones go first. @default 10000 */
  readonly conversationsKeptMax: number;
  /** Changes of presence, and of routing status, remembered for each user. @default 200 */
  readonly statusChangesKeptMax: number;
  /** Frames that faults hold back on one socket; beyond it the oldest leaves at once. @default 10000 */
  readonly heldFramesMax: number;
  /** Tokens remembered, dead ones included. @default 10000 */
  readonly tokensMax: number;
  /** Open sockets; one more is refused with 503. @default 10000 */
  readonly socketsMax: number;
  /** Standing faults. @default 1000 */
  readonly faultsMax: number;
  /** Characters of a text frame from a client; a longer one is closed with 1009. @default 131072 */
  readonly inboundFrameCharactersMax: number;
  /** Events of the contact centre in one wake; the rest follows in the next, at once. @default 5000 */
  readonly eventsPerWakeMax: number;
}

/** What the death of a token does to the channels that were made with it. */
export type TokenDeathEffect = "nothing" | "closes-sockets" | "kills-channels";

/** The defaults; each is documented at its field. */
export const defaultSettings: Settings = {
  heartbeatMs: 30_000,
  channelLifeMs: 24 * 3_600_000,
  tokenLifeSecondsMin: 300,
  channelsPerClientMax: 20,
  topicsPerChannelMax: 1000,
  combinedTopicCharactersMax: 200,
  socketClosingGraceMs: 60_000,
  requestsPerMinuteMax: 300,
  requestBytesMax: 512_000,

  wrongSecretStatus: 401,
  tokenFormat: "opaque",
  jwtValidation: "strict",
  jwtLeewayMs: 0,
  usersMeStatus: 400,
  deadChannelUpgradeStatus: 404,
  displacedSocket: { code: 1001, reason: "another socket was opened on this channel" },
  displacedNotice: false,
  announcedSocket: { code: 1001, reason: "socket closing" },
  expiredChannelSocket: { code: 1001, reason: "channel expired" },
  evictedChannelSocket: { code: 1001, reason: "channel removed" },
  tokenExpiry: "nothing",
  tokenRevocation: "kills-channels",
  tokenDeathSocket: { code: 1001, reason: "token no longer valid" },
  tokenRevokedNotice: true,
  channelAccess: "client",
  evictionAllConnected: "oldest-used",
  tooManyTopicsCode: "bad.request",
  malformedTopicCode: "invalid.value",
  unknownTopic: "error",
  ignoreErrorsTooMany: "error",
  ignoreErrorsForgivesMalformed: false,
  systemTopicSubscription: "error",
  eventBridgeOnlyTopic: "permit",
  requiresCurrentUserTopics: [],
  combinedTopicCountsAs: "one",
  deleteSubscriptionsStatus: 204,
  postReplyLists: "all",
  expiresMoves: true,
  reconnectRenews: false,
  inBandSubscribe: "adds",
  inBandSubscribeRenews: true,
  correlationId: "per-event",
  fieldOrder: "same",
  observationSampling: "per-topic",
  pongIntervalMs: 0,
  idleTimeoutMs: 0,
  socketClosingTopicType: "",
  subscriptionUpdated: "subscribed",
  clientRequestsPerMinuteMax: 3000,
  routeRequestsPerMinuteMax: {},
  analyticsLagMs: 30_000,
  detailsIntervalDaysMax: 31,
  detailsPageSizeMax: 100,
  endedConversationMs: 24 * 3_600_000,
  tooLargeCode: "request.entity.too.large",
  rateLimitCode: "too.many.requests",
  announcedSocketAfterMove: "keeps-receiving",

  legacy: "off",
  legacyScopes: [
    "analytics:events:read",
    "notification:websocket:read",
    "view:conversation",
    "view:notification",
    "conversation:view",
    "notification:subscribe",
  ],
  legacyLifeMs: 30_000,
  legacyUnauthorizedSocket: { code: 4401, reason: "401 Unauthorized" },

  ledgerEntriesMax: 200_000,
  ledgerBodyCharactersMax: 64 * 1024 * 1024,
  historyMax: 20_000,
  conversationsKeptMax: 10_000,
  statusChangesKeptMax: 200,
  heldFramesMax: 10_000,
  tokensMax: 10_000,
  socketsMax: 10_000,
  faultsMax: 1000,
  inboundFrameCharactersMax: 131_072,
  eventsPerWakeMax: 5000,
};
