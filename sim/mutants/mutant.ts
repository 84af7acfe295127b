/**
 * A mutant: one deliberate bug, as a change of the sources' text. The product knows nothing of it:
 * `scripts/mutants.ts` changes a copy.
 */
export interface Mutant {
  readonly name: string;
  /** Of which part it is: session, rotation, seam, gap, carriage, journal, delivery, token, budget, schema, filter, gateway, intake, legacy, subscriber, direct. */
  readonly room: string;
  readonly file: string;
  /** Occurs exactly once in the file; where it does no more, the mutant is stale. */
  readonly find: string;
  readonly replace: string;
  readonly caughtBy: Catcher;
}

/** Unit tests, by file; or simulated worlds, by their seeds. */
export type Catcher =
  | { readonly tests: readonly [string, ...string[]] }
  | { readonly worlds: readonly [from: number, to: number] };
