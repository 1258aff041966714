import type { Box } from '../annotations/task.ts'
import { type F1, f1Of } from './f1.ts'
import { maximumMatching } from './matching.ts'

/** How far two rectangles overlap: their intersection by their union, 0 to 1 (Jaccard's index). */
export function intersectionOverUnion(a: Omit<Box, 'class'>, b: Omit<Box, 'class'>): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  const shared = Math.max(0, width) * Math.max(0, height)
  const together = a.width * a.height + b.width * b.height - shared
  return together === 0 ? 0 : shared / together
}

/**
 * Precision, recall and F1 of one person's boxes by another's. As many pairs are made as can be, of boxes of one class that
 * overlap by at least `overlap`; swapping the two swaps precision and recall, and F1 stays.
 *
 * @param overlap the least intersection over union of a pair. Default 0.5, as PASCAL VOC and COCO's AP50 have it.
 * @returns the counts too, so that those of many pictures can be added up; 1 for two people who have drawn nothing.
 * @example
 * boxF1([{ class: 'cat', x: 0, y: 0, width: 10, height: 10 }], [{ class: 'cat', x: 1, y: 0, width: 10, height: 10 }]).f1 // 1
 */
export function boxF1(found: readonly Box[], expected: readonly Box[], overlap = 0.5): F1 {
  const allowed = found.map((box) =>
    expected.flatMap((other, i) =>
      other.class === box.class && intersectionOverUnion(box, other) >= overlap ? [i] : [],
    ),
  )
  return f1Of(maximumMatching(allowed).length, found.length, expected.length)
}

/** Whether two people have drawn the same boxes: each of one overlaps one of the other by half. */
export const boxesAgree = (a: readonly Box[], b: readonly Box[]): boolean => boxF1(a, b).f1 === 1
