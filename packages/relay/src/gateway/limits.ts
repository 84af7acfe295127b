/** The bounds of the Event API's sockets, each with its name. Those that a user may set are in the configuration. */

/** A socket without a token is closed after so long. */
export const authWithinMs = 10_000;
/** Looking at a token may take so long: one of Genesys Cloud is asked about there. */
export const verifyWithinMs = 30_000;
/** Messages that are kept until the token is looked at. */
export const heldMessagesMax = 10;
/** So often a heartbeat and a ping go out. */
export const heartbeatEveryMs = 15_000;
/** A client that sends nothing for so long, and answers no ping, is closed. */
export const silentAfterMs = 45_000;
/** So long ahead the end of a token is announced. */
export const expiryNoticeMs = 60_000;
/** On paths that imply a subscription it is made after so long without a message. */
export const impliedAfterMs = 2_000;
/** A socket that never subscribes is told so after so long. */
export const idleNoticeMs = 30_000;
/** Messages in a window of so long; keepalives count too. */
export const messagesPerWindowMax = 200;
export const messageWindowMs = 10_000;
/** Messages that are wrong, on one socket, before it is closed. */
export const complaintsMax = 20;
export const subscriptionsPerSocketMax = 100;
/** Durable consumers of one client: each holds back what the journal may delete. */
export const consumersPerClientMax = 20;
/** What waits on a socket to be taken by its reader; beyond it the reader is served from the journal. */
export const bufferedBytesMax = 1_048_576;
/** With answers, and the frame that filled it: beyond it the socket is cut off. */
export const unreadBytesMax = 8_388_608;
/** What is read of the journal at a time. */
export const pageEntriesMax = 500;
export const pageBytesMax = 262_144;
/** Who follows the journal's end is served in groups, and the loop let go after the one with which so much has been done, 10 to 20 ms of work. */
export const hubLimits = { groupFollowersMax: 100, workOfTurn: 20_000 } as const;
/** A reader that takes nothing of a full buffer for so long is closed. */
export const stuckReaderMs = 60_000;
/** A client has so long to answer our close. */
export const closeGraceMs = 2_000;
/** Topics that are named in one message. */
export const namedTopicsMax = 100;
