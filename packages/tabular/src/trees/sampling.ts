/** Rows in the order in which a tree is given them: the first `count` are those that it is grown from. Both parts ascend. */
export interface RowSample {
  readonly order: Uint32Array
  readonly count: number
}

/** @param draw whole numbers below a bound. */
export function drawRows(rows: number, share: number, draw: (bound: number) => number): RowSample {
  const order = new Uint32Array(rows)
  if (share >= 1) {
    for (let row = 0; row < rows; row++) order[row] = row
    return { order, count: rows }
  }
  const count = Math.max(1, Math.round(rows * share))
  let [inside, outside] = [0, count]
  // Knuth's algorithm S: each row is taken with the share of those that are still wanted.
  for (let row = 0; row < rows; row++) {
    if (draw(rows - row) < count - inside) order[inside++] = row
    else order[outside++] = row
  }
  return { order, count }
}

/** The places of the columns that a tree may split by, ascending; at least one. */
export function drawColumns(columns: number, share: number, draw: (bound: number) => number): Int32Array {
  const { order, count } = drawRows(columns, share, draw)
  return Int32Array.from(order.subarray(0, count))
}
