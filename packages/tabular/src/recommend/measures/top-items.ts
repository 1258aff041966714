/**
 * The places of the `k` greatest scores, the greatest first; of equal ones the earlier item. What is left out is never among them.
 *
 * A heap of k keeps the least of the best at its root, so that of many items few are moved.
 */
export function topItems(scores: ArrayLike<number>, k: number, leftOut?: ReadonlySet<number>): Int32Array {
  const heap: number[] = []
  const isWorse = (a: number, b: number): boolean => {
    const [x, y] = [scores[a] as number, scores[b] as number]
    return x < y || (x === y && a > b)
  }
  for (let item = 0; item < scores.length; item++) {
    const isFull = heap.length === k
    if (isFull && !isWorse(heap[0] as number, item)) continue
    if (Number.isNaN(scores[item]) || leftOut?.has(item)) continue
    if (isFull) sink(heap, item, isWorse)
    else rise(heap, item, isWorse)
  }
  return Int32Array.from(heap.sort((a, b) => (isWorse(a, b) ? 1 : -1)))
}

type Order = (a: number, b: number) => boolean

/** Puts an item in the place of the root. */
function sink(heap: number[], item: number, isWorse: Order): void {
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isWorse(heap[child + 1] as number, heap[child] as number)) child += 1
    if (!isWorse(heap[child] as number, item)) break
    heap[at] = heap[child] as number
    at = child
  }
  heap[at] = item
}

/** Adds an item. */
function rise(heap: number[], item: number, isWorse: Order): void {
  let at = heap.length
  heap.push(item)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isWorse(item, heap[parent] as number)) break
    heap[at] = heap[parent] as number
    at = parent
  }
  heap[at] = item
}
