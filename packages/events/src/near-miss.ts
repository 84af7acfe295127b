/** What somebody may have meant who wrote a name that there is not. */

/** Edits that may lie between what was written and what was meant. */
const editsMax = 2;
/** A longer text is nobody's misspelt name, and is not compared. */
const writtenCharactersMax = 120;

/** The nearest of the known names, if one is near. Takes time that grows with their number, not with what was written. */
export function nearMiss(written: string, known: readonly string[]): string | undefined {
  if (written.length > writtenCharactersMax) return undefined;
  const plain = written.toLowerCase();
  const [near] = known
    .map((name) => ({ name, edits: distance(plain, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.min(editsMax, Math.ceil(name.length / 3)))
    // Two edits make nearly any short name into any other.
    .filter(({ name, edits }) => edits < 2 || name.length > 5 || name[0] === plain[0])
    .toSorted((a, b) => a.edits - b.edits);
  return near?.name;
}

/** Levenshtein distance, for names of a few dozen characters. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > editsMax) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
