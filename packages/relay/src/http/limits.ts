/** The bounds of the HTTP face, each with its name. */

/** A longer body is refused with 413. */
export const bodyBytesMax = 65_536;
/** Of the request line and all headers together; more is refused with 431. */
export const headersBytesMax = 16_384;
/** A longer path with its query is refused with 414. */
export const urlCharactersMax = 8_192;
/** For so long a client may take to send its headers, and its whole request. */
export const headersTimeoutMs = 10_000;
export const requestTimeoutMs = 30_000;
/** How often the two above are looked at. */
export const timeoutCheckMs = 5_000;
/** A connection without a request is kept for so long. */
export const keepAliveMs = 65_000;
/** A connection on which nothing moves for so long is cut; streams move at least every `idleLineMs`. */
export const stillSocketMs = 660_000;
/** More connections than these are closed as they come. */
export const connectionsMax = 256;

/** An answer that takes longer is given up. */
export const answerTimeoutMs = 30_000;
/** Dead letters may be many, and their destination slow. */
export const replayTimeoutMs = 600_000;

/** Streams of entries open at a time. */
export const streamsMax = 64;
/** A stream on which nothing happens carries an empty line so often. */
export const idleLineMs = 15_000;
/** A reader that takes not one piece for so long is cut. */
export const stuckReaderMs = 60_000;
/** What a stream reads of the journal at a time. */
export const pageEntriesMax = 500;
export const pageBytesMax = 262_144;
/** What is given to the socket at a time; the next piece waits until it was taken. */
export const pieceBytes = 65_536;

/** At shutdown, what is under way may take so long to end; then it is cut. */
export const closeGraceMs = 5_000;

/** Patterns of topics in one request. */
export const patternsMax = 100;
/** Ids of dead letters in one request. */
export const idsMax = 1_000;
/** Dead letters removed in one commit, where all are to go. */
export const removedPageMax = 500;
