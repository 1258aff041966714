import { grad, ops, type Tensor, tensor } from 'typegrad'
import { range } from '../dimensions.ts'
import { graphSweep, integers } from './graph-case.ts'

/** Rows by index, and their gradient, which adds up updates of equal indices. */
export const gathers = graphSweep(
  {
    size: [1, 2, 3, 8, 33, 300],
    columns: [0, 1, 2, ...range(6, 18), 31, 33, 64, 100, 129],
    count: [0, 1, 2, 3, 16, 17, 40, 600],
    axis: [0, 1],
    dtype: ['int32', 'int64'] as const,
    threads: [1, 2],
  },
  ({ size, columns, count, axis, dtype }, random) => {
    const lead = axis === 1 ? 3 : 1
    if (lead * Math.max(size, count) * columns > 200_000) return undefined
    const shape = axis === 1 ? [lead, size, columns] : [size, columns]
    const x = integers(shape, random)
    const places = Array.from({ length: count }, () => random.below(size))
    const indices = tensor(dtype === 'int32' ? Int32Array.from(places) : BigInt64Array.from(places, BigInt), {
      shape: [count],
      dtype,
    })
    const taken = (t: Tensor): Tensor => ops.gather(t, indices, axis)
    const weights = integers(axis === 1 ? [lead, count, columns] : [count, columns], random)
    const y = new Float64Array(lead * count * columns)
    const gx = new Float64Array(x.data.length)
    for (let l = 0; l < lead; l++)
      places.forEach((place, i) => {
        for (let c = 0; c < columns; c++) {
          const [from, to] = [(l * size + place) * columns + c, (l * count + i) * columns + c]
          y[to] = x.data[from] as number
          gx[from] = (gx[from] as number) + (weights.data[to] as number)
        }
      })
    const toX = grad((t: Tensor) => taken(t).mul(weights.tensor).sum())(x.tensor)
    return {
      what: JSON.stringify({ size, columns, count, axis, dtype }),
      results: [
        { value: taken(x.tensor), expected: y },
        { value: toX, expected: gx },
      ],
    }
  },
)

/** Fused arithmetic over slices, transposes and broadcasts: what kernels read as ways of looking at memory. */
export const views = graphSweep(
  {
    far: [0, 1, 2, 3],
    near: [1, 2, 3, 5],
    inner: [0, ...range(1, 18), 24, 31, 33, 64, 65],
    x: ['whole', 'slice', 'transposed', 'row', 'column', 'scalar'] as const,
    y: ['whole', 'slice', 'transposed', 'row', 'column'] as const,
    end: ['none', 'where', 'concat'] as const,
    threads: [1, 2],
  },
  ({ far, near, inner, x: first, y: second, end }, random) => {
    const shape = [far, near, inner]
    const of = (kind: typeof first) => {
      const lying = {
        whole: shape,
        slice: [far + 1, near + 2, inner + 3],
        transposed: [near, far, inner],
        row: [inner],
        column: [far, near, 1],
        scalar: [],
      }[kind]
      const made = integers(lying, random)
      const value =
        kind === 'slice'
          ? ops.slice(made.tensor, [1, 1, 2], shape)
          : kind === 'transposed'
            ? made.tensor.transpose([1, 0, 2])
            : made.tensor
      const at = (i: number, j: number, k: number): number =>
        made.data[
          {
            whole: (i * near + j) * inner + k,
            slice: ((i + 1) * (near + 2) + j + 1) * (inner + 3) + k + 2,
            transposed: (j * far + i) * inner + k,
            row: k,
            column: i * near + j,
            scalar: 0,
          }[kind]
        ] as number
      return { value, at }
    }
    const [x, y] = [of(first), of(second)]
    const value = ops.add(x.value.mul(2), y.value.abs()).sub(1)
    // At least one of both is as large as the result, or there is nothing to compare.
    if (
      !['whole', 'slice', 'transposed'].includes(first) &&
      !['whole', 'slice', 'transposed'].includes(second)
    )
      return undefined
    const expected = new Float64Array(far * near * inner)
    for (let i = 0; i < far; i++)
      for (let j = 0; j < near; j++)
        for (let k = 0; k < inner; k++) {
          const sum = 2 * x.at(i, j, k) + Math.abs(y.at(i, j, k)) - 1
          expected[(i * near + j) * inner + k] = end === 'where' && sum <= 0 ? -7 : sum
        }
    const what = JSON.stringify({ shape, first, second, end })
    if (end === 'where')
      return { what, results: [{ value: ops.where(value.greater(0), value, -7), expected }] }
    if (end === 'concat')
      return { what, results: [{ value: ops.concat([value, value]), expected: [...expected, ...expected] }] }
    return { what, results: [{ value, expected }] }
  },
)
