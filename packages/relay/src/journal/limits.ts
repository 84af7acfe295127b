/** Every bound of the journal, in one place. */
export interface JournalLimits {
  /** Drafts in one commit, unless one call brings more. @default 8192 */
  readonly batchDraftsMax: number;
  /** Characters of raw frames in one commit, about. @default 8 MiB */
  readonly batchBytesMax: number;
  /** Drafts that wait before `append` asks its caller to wait. @default 65536 */
  readonly waitingDraftsMax: number;
  /** Characters of raw frames that wait before `append` asks its caller to wait. @default 64 MiB */
  readonly waitingBytesMax: number;
  /** Topics whose names are held in memory; beyond it they are learned anew. @default 100000 */
  readonly topicsMax: number;
  /** Entries that one slice of a trim deletes. @default 2000 */
  readonly trimEntriesMax: number;
  /** Bytes of raw frames that one slice of a trim deletes, about. @default 4 MiB */
  readonly trimBytesMax: number;
  /** Records of trims per trunk; beyond it the two oldest are told as one. @default 256 */
  readonly trimsMax: number;
  /** Deleted topics that are remembered by name; beyond it the longest deleted are forgotten. @default 200000 */
  readonly trimmedTopicsMax: number;
  /** Intervals of coverage that ended; beyond it the oldest are forgotten. @default 500000 */
  readonly coverageMax: number;
  /** Closed gaps that are listed; beyond it the oldest are forgotten. @default 100000 */
  readonly gapsMax: number;
  /** Channels that are remembered per trunk; beyond it the oldest are forgotten. @default 100 */
  readonly channelsMax: number;
  /** @default 1000 */
  readonly consumersMax: number;
  /** Pages given back to the file system by one slice of a trim. @default 512 */
  readonly vacuumPagesMax: number;
  /** First and longest pause before a commit that failed is tried again. @default 100, 5000 */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

const mebi = 1_048_576;

export const journalLimits: JournalLimits = {
  batchDraftsMax: 8_192,
  batchBytesMax: 8 * mebi,
  waitingDraftsMax: 65_536,
  waitingBytesMax: 64 * mebi,
  topicsMax: 100_000,
  trimEntriesMax: 2_000,
  trimBytesMax: 4 * mebi,
  trimsMax: 256,
  trimmedTopicsMax: 200_000,
  coverageMax: 500_000,
  gapsMax: 100_000,
  channelsMax: 100,
  consumersMax: 1_000,
  vacuumPagesMax: 512,
  retryFirstMs: 100,
  retryMaxMs: 5_000,
};
