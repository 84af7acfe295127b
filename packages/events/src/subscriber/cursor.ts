/** Where one cursor lies beside another. */

const shape = /^(?<journal>\w+)-(?<position>\d+)$/u;

/**
 * Where `cursor` lies as seen from `other`. `apart` where they are of two journals, or one of them is not of the form that
 * a relay writes: then nothing is known.
 */
export function compareCursors(
  cursor: string,
  other: string,
): "before" | "same" | "after" | "apart" {
  if (cursor === other) return "same";
  const one = shape.exec(cursor)?.groups;
  const two = shape.exec(other)?.groups;
  // The beginning of any journal.
  if (other === "0" && one !== undefined) return "after";
  if (one === undefined || two === undefined || one["journal"] !== two["journal"]) return "apart";
  const distance = Number(one["position"]) - Number(two["position"]);
  return distance === 0 ? "same" : distance > 0 ? "after" : "before";
}
