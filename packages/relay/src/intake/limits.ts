/** Every bound of the intake, in one place. */

/** Open gaps of earlier runs that are taken over; what is beyond stays open until a later start. */
export const openGapsMax = 10_000;

/** How long a stop waits for the proof of what has come. */
export const stopDrainMs = 2_000;

/**
 * Conversations of a trunk that are known, so that their next snapshots can be compared: some 500 bytes each, in
 * memory and in the journal. Beyond it those that ended go first, then the longest unchanged.
 */
export const conversationsMax = 200_000;

/** Conversations that one event lets go, so that none waits long for others. */
export const forgottenAtOnceMax = 100;
