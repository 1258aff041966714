/** A batch of matrices in memory: all orders in which their four axes may lie. */
export type Order = readonly [number, number, number, number]

/** Axes: the two of the batch, rows, columns; the slowest first. */
const orders = (last: readonly number[]): Order[] => {
  const all: Order[] = []
  for (const a of [0, 1, 2, 3])
    for (const b of [0, 1, 2, 3])
      for (const c of [0, 1, 2, 3])
        for (const d of [0, 1, 2, 3])
          if (new Set([a, b, c, d]).size === 4 && last.includes(d)) all.push([a, b, c, d])
  return all
}

export const allOrders = orders([0, 1, 2, 3])
/** Those in which rows or columns lie without gaps. */
export const dense = orders([2, 3])
/** Those in which columns do. */
export const byRows = orders([3])

/** Floats from one element to the next along each axis. */
export function stridesOfOrder(sizes: readonly [number, number, number, number], order: Order): number[] {
  const strides = [0, 0, 0, 0]
  let step = 1
  for (const axis of order.toReversed()) {
    strides[axis] = step
    step *= sizes[axis] as number
  }
  return strides
}
