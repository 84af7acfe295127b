/** What somebody may have meant who wrote a name that there is not. */

/** Edits that may lie between what was written and what was meant. */
const editsMax = 2;
/** Longer names are not looked at. */
const charactersMax = 64;

/** The nearest of the known names, if one is near. */
export function nearMiss(written: string, known: readonly string[]): string | undefined {
  if (written.length > charactersMax) return undefined;
  const plain = written.toLowerCase();
  const [near] = known
    .map((name) => ({ name, edits: distance(plain, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.min(editsMax, Math.ceil(name.length / 3)))
    .toSorted((a, b) => a.edits - b.edits);
  return near?.name;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
