/** The ways to print entries, by name: the command line knows them before anything that prints is loaded. */
export const formatNames = ["json", "pretty", "genesys"] as const;
export type FormatName = (typeof formatNames)[number];
