/** What `entries.kind` says, in bits: the hot table keeps its width, and rows of older versions read as they are. */
import { derivedTypes, type DerivedType } from "@trunkline/events";

/** The row is a gap. */
const gapBit = 1;
const maybeDuplicateBit = 2;
/** From here on one bit for each type of `derivedTypes`, in their order. */
const derivedShift = 2;

export const gapKind = gapBit;

const bits = new Map<DerivedType, number>(
  derivedTypes.map((type, index) => [type, 1 << (index + derivedShift)]),
);

export function eventKind(maybeDuplicate: boolean, derived: readonly DerivedType[] = []): number {
  let kind = maybeDuplicate ? maybeDuplicateBit : 0;
  for (const type of derived) kind |= bits.get(type) ?? 0;
  return kind;
}

export function isGap(kind: number): boolean {
  return (kind & gapBit) !== 0;
}

export function isMaybeDuplicate(kind: number): boolean {
  return (kind & maybeDuplicateBit) !== 0;
}

/** One list for each combination: there are few, and many entries. */
const lists = new Map<number, readonly DerivedType[]>();

/** What was derived, in the order of `derivedTypes`. Bits of a later version are passed over. */
export function derivedOf(kind: number): readonly DerivedType[] {
  const set = (kind >> derivedShift) & ((1 << derivedTypes.length) - 1);
  let list = lists.get(set);
  if (list === undefined) {
    list = derivedTypes.filter((_, index) => (set & (1 << index)) !== 0);
    lists.set(set, list);
  }
  return list;
}
