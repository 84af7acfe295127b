/** Faults and their fields in words: what help, OpenAPI and the documents say of them. */
import type { FaultName } from "../cloud/faults.ts";

interface FaultText {
  readonly kind: "standing" | "immediate";
  readonly text: string;
}

const standing = (text: string): FaultText => ({ kind: "standing", text });
const immediate = (text: string): FaultText => ({ kind: "immediate", text });

export const faultTexts: Readonly<Record<FaultName, FaultText>> = {
  silence: standing(
    "The socket stays open; nothing is sent, and what is heard is thrown away. A close frame is answered, events are not made up for.",
  ),
  halfOpen: standing(
    "As if the line were dead: nothing is sent, and nothing is read, so that not even a close frame is answered. When it ends, what came meanwhile is read.",
  ),
  stopHeartbeats: standing("No heartbeats; events and pongs go on."),
  ignorePings: standing("A client's pings go unanswered; events and heartbeats go on."),
  delayFrames: standing("Every frame leaves so much later; the order is kept."),
  fragmentFrames: standing("Every frame goes out in so many fragments of RFC 6455."),
  dropFrames: standing("Events are lost without a trace on the wire."),
  duplicateFrames: standing("Events are sent twice."),
  reorderFrames: standing(
    "An event is set aside, and leaves after the next frame of its socket, or after a second.",
  ),
  truncateFrames: standing("Events are cut short at a random place, so that they are no JSON."),
  refuseUpgrades: standing("WebSocket upgrades are refused."),
  cutUpgrades: standing("The connection is destroyed instead of being upgraded."),
  failRequests: standing(
    "Requests are refused and not carried out. A 429 carries Retry-After and rate headers.",
  ),
  cutRequests: standing("The connection is destroyed without an answer."),
  delayRequests: standing("Requests are carried out at once and answered later."),
  shiftDate: standing("The Date header of every answer and upgrade is off."),
  shiftClaims: standing(
    "What tokens issued while it stands say of their begin and end (nbf, exp) is off.",
  ),

  cutSockets: immediate("Sockets end without a close frame: 1006 on the other side."),
  closeSockets: immediate("Sockets are closed with a code and a reason."),
  announceClosing: immediate(
    "v2.system.socket_closing, then a grace in which the socket goes on receiving, then the close.",
  ),
  dropChannel: immediate("The channel is gone without a reason: 404 from now on."),
  evictChannel: immediate("The channel is gone as if a 21st had been made."),
  expireChannel: immediate("The channel is gone as if its 24 hours were over."),
  revokeToken: immediate("Tokens are revoked."),
  expireToken: immediate("Tokens expire before their time."),
  disableClient: immediate(
    "The tokens of an OAuth client become invalid, and it gets no new ones until it is enabled or faults are cleared.",
  ),
  enableClient: immediate("An OAuth client is active again."),
  sendText: immediate("Raw text is sent, well-formed or not."),
  sendGarbage: immediate("A frame is sent that no notification is."),
  sendHuge: immediate("A well-formed notification of a size is sent; it is in the ledger."),
  burst: immediate("So many events at once, in the ledger like all others."),
  publish: immediate("A notification is sent to every channel that holds its topic."),
};

/** By field, or by fault and field where a field means something else in one fault. */
export const fieldTexts: Readonly<Record<string, string>> = {
  socketId: "Only this socket.",
  channelId: "Only this channel, with sockets that open later.",
  method: "Only this method, in any case.",
  path: "Only this path, without query; * stands for anything.",
  topic: "Only events of this topic, in any case; * stands for anything.",
  count: "It ends when it has struck so many times.",
  share: "It strikes so large a part, above 0 up to 1, by chance. Default: 1.",
  ms: "Milliseconds.",
  jitterMs: "Up to so many milliseconds more, by chance. Default: 0.",
  fragments: "Fragments of each frame.",
  status: "HTTP status. Upgrades: default 503.",
  headers: "Further headers of the answer.",
  body: "Body of the answer. Default: an error body of the API.",
  code: "Code of the error body. Default: the usual one of the status.",
  retryAfterSeconds: "Retry-After. Default: 1 with a 429, otherwise none.",
  when: "Before the request is carried out, or after. Default: before.",
  nbfMs: "Added to nbf, in milliseconds.",
  expMs: "Added to exp, in milliseconds.",
  reason: "Close reason; what is beyond 123 bytes is cut off.",
  graceMs: "Milliseconds to the close. Default: the setting socketClosingGraceMs.",
  clientId: "The OAuth client; for tokens, all of this client.",
  tokenId: "The token of this number.",
  text: "The text.",
  kind: "not-json, no-envelope, binary (a binary frame), bad-utf8 (a text frame that is no UTF-8). Default: not-json.",
  bytes: "Size of the whole frame.",
  events: "How many.",
  "closeSockets.code": "Close code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999.",
  "shiftDate.ms": "Added to Date; negative for a clock that is slow.",
  "dropChannel.channelId": "The channel.",
  "evictChannel.channelId": "The channel.",
  "expireChannel.channelId": "The channel.",
  "revokeToken.channelId": "The token that made this channel.",
  "expireToken.channelId": "The token that made this channel.",
  "sendHuge.topic": "Its topic. Default: the first of the channel.",
  "burst.topic": "Their topic. Default: any that a channel with a socket holds, by chance.",
  "publish.topic": "The topic.",
  "publish.body": "The eventBody.",
};
