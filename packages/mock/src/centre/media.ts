/** The kinds of conversation, and what each family of topics calls them (GENESYS.md 7). */
export const mediaTypes = ["call", "callback", "chat", "email", "message"] as const;

/** A kind of conversation. */
export type Media = (typeof mediaTypes)[number];

/** The last part of `v2.routing.queues.{id}.conversations.…`, and the array that a participant keeps them in. */
export const mediaPlural = {
  call: "calls",
  callback: "callbacks",
  chat: "chats",
  email: "emails",
  message: "messages",
} as const satisfies Record<Media, string>;

/** As analytics call it; detail events write the same in upper case. */
export const analyticsMedia = {
  call: "voice",
  callback: "callback",
  chat: "chat",
  email: "email",
  message: "message",
} as const satisfies Record<Media, string>;

export const provider = {
  call: "Edge",
  callback: "PureCloud Callback",
  chat: "PureCloud Webchat v2",
  email: "PureCloud Email",
  message: "PureCloud Messaging",
} as const satisfies Record<Media, string>;

/** How many of a kind an agent serves at once; while it serves one kind, it is offered no other. */
export const capacity = {
  call: 1,
  callback: 1,
  chat: 4,
  email: 1,
  message: 4,
} as const satisfies Record<Media, number>;

export const messageTypes = ["webmessaging", "whatsapp", "sms"] as const;

export type MessageType = (typeof messageTypes)[number];
