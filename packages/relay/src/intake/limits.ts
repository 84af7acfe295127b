/** Every bound of the intake, in one place. */

/** Open gaps of earlier runs that are taken over; what is beyond stays open until a later start. */
export const openGapsMax = 10_000;

/** How long a stop waits for the proof of what has come. */
export const stopDrainMs = 2_000;
