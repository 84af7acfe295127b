/** The door to JSON paths (RFC 9535): who reads them is given from outside, so that this package stays light. */

/** What a path finds in an event body. Never throws; finds nothing in what it is not made for. */
export type FindValues = (data: unknown) => readonly unknown[];

export interface JsonPaths {
  /** Why a text is no path, or none that may be used, as it is said after "for"; undefined where it is. */
  readonly whyNone: (path: string) => string | undefined;
  /** Of a path that `whyNone` has no objection to. */
  readonly compile: (path: string) => FindValues;
}
