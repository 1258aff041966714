import { ops } from 'typegrad/core'
import { around, range } from '../dimensions.ts'
import { graphSweep, integers, sizeOf } from './graph-case.ts'

/** A kernel sums the first axes from 2¹⁵ elements, 64 rows and 8 columns on; 2¹⁷ elements are a task. */
export const reductions = graphSweep(
  {
    rows: [0, 1, 2, 5, ...around(1, 64), 129, 515, 1030, 4100],
    columns: [0, ...range(1, 10), ...range(24, 34), 57, 63, ...range(89, 97), 255, 256, 260, 513],
    depth: [1, 2, 3],
    threads: [1, 2, 5],
    op: ['sum', 'sum', 'mean', 'max', 'variance', 'cumsum', 'softmax', 'squares'] as const,
    axes: ['first', 'last', 'all'] as const,
    keepDims: [false, true],
  },
  ({ rows, columns, depth, op, axes, keepDims }, random) => {
    const shape = [rows, depth, columns]
    if (sizeOf(shape) > 150_000) return undefined
    const { tensor: x, data } = integers(shape, random)
    const what = JSON.stringify({ shape, op, axes, keepDims })
    if (op === 'squares') {
      let total = 0
      for (const value of data) total += value * value
      return { what, results: [{ value: x.mul(x).sum(), expected: [total] }] }
    }
    const axis = axes === 'first' ? [0] : axes === 'last' ? [1, 2] : [0, 1, 2]
    const inner = axes === 'first' ? depth * columns : 1
    const outer = axes === 'last' ? rows : 1
    const length = axes === 'first' ? rows : axes === 'last' ? depth * columns : data.length
    if (op === 'cumsum' || op === 'softmax') {
      // Each element is summed by itself.
      if (data.length * (axes === 'first' ? rows : columns) > 1_000_000) return undefined
      const [at, size, step] = axes === 'first' ? [0, rows, depth * columns] : [2, columns, 1]
      const expected = new Float64Array(data.length)
      const value = op === 'cumsum' ? ops.cumsum(x, at) : ops.softmax(x, at)
      data.forEach((_, i) => {
        const place = Math.floor(i / step) % size
        const line = Array.from({ length: size }, (_, k) => data[i + (k - place) * step] as number)
        if (op === 'cumsum') expected[i] = line.slice(0, place + 1).reduce((a, b) => a + b, 0)
        else expected[i] = Math.exp(data[i] as number) / line.reduce((a, b) => a + Math.exp(b), 0)
      })
      return { what, results: [{ value, expected, tolerance: op === 'cumsum' ? 0 : 1e-6 }] }
    }
    // A largest element of none is an error, and a mean of none no number.
    if (length === 0 && op !== 'sum') return undefined
    const expected = Float64Array.from({ length: outer * inner }, (_, i) => {
      const lineOf = (k: number): number => data[axes === 'last' ? i * length + k : k * inner + i] as number
      let [total, most, squares] = [0, Number.NEGATIVE_INFINITY, 0]
      for (let k = 0; k < length; k++) {
        total += lineOf(k)
        most = Math.max(most, lineOf(k))
      }
      for (let k = 0; k < length; k++) squares += (lineOf(k) - total / length) ** 2
      return { sum: total, mean: total / length, max: most, variance: squares / length }[op]
    })
    const value = { sum: ops.sum, mean: ops.mean, max: ops.max, variance: ops.variance }[op](x, axis, {
      keepDims,
    })
    return { what, results: [{ value, expected, tolerance: op === 'sum' || op === 'max' ? 0 : 1e-4 }] }
  },
)
