import { grad, ops, type Tensor, tensor } from 'typegrad'
import { around, range } from '../dimensions.ts'
import { graphSweep, integers, sums } from './graph-case.ts'

/** Narrow tiles: from 2²³ multiplications on, 64 rows, 64 elements of a row, 32 columns. */
export const products = graphSweep(
  {
    rows: [0, 1, 2, 7, ...around(1, 64), 66, 67, 70, 130, 515],
    inner: [0, 1, 3, ...around(1, 64), 66, 72, 511, 513, 1024],
    columns: [0, 1, 5, ...around(1, 32), 40, 47, 64, 65, 100, 257],
    threads: [1, 2, 5],
    isTransposed: ['none', 'a', 'b', 'both'] as const,
    end: ['none', 'bias', 'relu', 'bias and relu'] as const,
    isDeep: [false, true],
    hasGradient: [false, false, false, true],
  },
  ({ rows, inner, columns, isTransposed, end, isDeep, hasGradient }, random) => {
    if (rows * inner * columns > 12_000_000) return undefined
    const [turnsA, turnsB] = [
      isTransposed === 'a' || isTransposed === 'both',
      isTransposed === 'b' || isTransposed === 'both',
    ]
    const a = integers(turnsA ? [inner, rows] : [rows, inner], random)
    const b = integers(turnsB ? [columns, inner] : [inner, columns], random)
    const bias = integers([columns], random)
    const aAt = (i: number, k: number): number => a.data[turnsA ? k * rows + i : i * inner + k] as number
    const bAt = (k: number, j: number): number => b.data[turnsB ? j * inner + k : k * columns + j] as number
    const hasBias = end.startsWith('bias')
    const hasRelu = end.endsWith('relu')
    const expected = new Float64Array(rows * columns)
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < inner; k++) {
        const factor = aAt(i, k)
        for (let j = 0; j < columns; j++)
          expected[i * columns + j] = (expected[i * columns + j] as number) + factor * bAt(k, j)
      }
      for (let j = 0; j < columns; j++) {
        const sum = (expected[i * columns + j] as number) + (hasBias ? (bias.data[j] as number) : 0)
        expected[i * columns + j] = hasRelu ? Math.max(0, sum) : sum
      }
    }
    const depth = isDeep && !turnsA && rows % 2 === 0 ? [2, rows / 2, inner] : undefined
    const product = (x: Tensor, y: Tensor): Tensor => {
      const left: Tensor = turnsA ? x.transpose() : depth ? x.reshape(depth) : x
      return ops.matmul(left, turnsB ? y.transpose() : y)
    }
    let value = product(a.tensor, b.tensor)
    if (hasBias) value = value.add(bias.tensor)
    if (hasRelu) value = ops.relu(value)
    const what = JSON.stringify({ rows, inner, columns, isTransposed, end, isDeep })
    if (!hasGradient || rows * inner * columns > 4_000_000) return { what, results: [{ value, expected }] }
    const weights = integers([rows, columns], random)
    const [ga, gb] = grad(([x, y]: readonly Tensor[]) =>
      product(x as Tensor, y as Tensor)
        .reshape([rows, columns])
        .mul(weights.tensor)
        .sum(),
    )([a.tensor, b.tensor]) as [Tensor, Tensor]
    const w = (i: number, j: number): number => weights.data[i * columns + j] as number
    return {
      what,
      results: [
        { value, expected },
        {
          value: ga,
          expected: sums(rows * inner, columns, (at, j) => {
            const [i, k] = turnsA ? [at % rows, Math.floor(at / rows)] : [Math.floor(at / inner), at % inner]
            return w(i, j) * bAt(k, j)
          }),
        },
        {
          value: gb,
          expected: sums(inner * columns, rows, (at, i) => {
            const [k, j] = turnsB
              ? [at % inner, Math.floor(at / inner)]
              : [Math.floor(at / columns), at % columns]
            return w(i, j) * aAt(i, k)
          }),
        },
      ],
    }
  },
)

/** Products of a batch: from 2²⁰ multiplications on, 12 rows, 16 elements of a row, 32 columns. */
export const batchProducts = graphSweep(
  {
    batch: [1, 2],
    heads: [0, 1, 2, 3, 5],
    rows: [0, 1, ...around(1, 12), 45, 64, 71],
    inner: [0, 1, ...around(1, 16), 24, 40, 64, 65],
    columns: [0, 1, ...around(1, 32), 40, 48, 65, 128],
    threads: [1, 2, 5, 16],
    /** Whether heads lie beside each other in memory, in which product, and whether the second matrix is turned. */
    layout: ['apart', 'beside', 'result beside', 'all beside'] as const,
    isTransposed: [false, true],
  },
  ({ batch, heads, rows, inner, columns, layout, isTransposed }, random) => {
    if (batch * heads * rows * inner * columns > 4_000_000) return undefined
    const isBeside = layout === 'beside' || layout === 'all beside'
    const of = (n: number, k: number) => {
      const made = integers(isBeside ? [batch, n, heads, k] : [batch, heads, n, k], random)
      const value = isBeside ? made.tensor.transpose([0, 2, 1, 3]) : made.tensor
      const at = (m: number, i: number, j: number): number => {
        const [outer, head] = [Math.floor(m / heads), m % heads]
        return made.data[
          isBeside ? ((outer * n + i) * heads + head) * k + j : ((outer * heads + head) * n + i) * k + j
        ] as number
      }
      return { value, at }
    }
    const a = of(rows, inner)
    const b = isTransposed ? of(columns, inner) : of(inner, columns)
    const bAt = (m: number, k: number, j: number): number => (isTransposed ? b.at(m, j, k) : b.at(m, k, j))
    const product = ops.matmul(a.value, isTransposed ? b.value.transpose([0, 1, 3, 2]) : b.value)
    const isResultBeside = layout === 'result beside' || layout === 'all beside'
    const expected = sums(batch * heads * rows * columns, inner, (at, k) => {
      const j = at % columns
      const rest = Math.floor(at / columns)
      const [outer, head, i] = isResultBeside
        ? [Math.floor(rest / heads / rows), rest % heads, Math.floor(rest / heads) % rows]
        : [Math.floor(rest / rows / heads), Math.floor(rest / rows) % heads, rest % rows]
      const m = outer * heads + head
      return a.at(m, i, k) * bAt(m, k, j)
    })
    const value = isResultBeside ? product.transpose([0, 2, 1, 3]) : product
    return {
      what: JSON.stringify({ batch, heads, rows, inner, columns, layout, isTransposed }),
      results: [{ value, expected }],
    }
  },
)

/** Causal attention, whose products sum one side of the diagonal alone. */
export const attention = graphSweep(
  {
    heads: [1, 2, 3],
    length: [1, 2, 11, 12, 13, 16, ...range(31, 34), 45, 64, 65, 70],
    size: [8, 16, 17, 32, 33, 40, 64],
    threads: [1, 2, 5],
    hasGradient: [false, true],
  },
  ({ heads, length, size, hasGradient }, random) => {
    const make = (): { value: Tensor; data: Float32Array } => {
      const data = random.floats(2 * heads * length * size)
      return { value: tensor(data, { shape: [2, heads, length, size] }), data }
    }
    const [q, k, v] = [make(), make(), make()]
    const attend = ([queries, keys, values]: readonly Tensor[]): Tensor => {
      const scores = ops.matmul(queries as Tensor, (keys as Tensor).transpose([0, 1, 3, 2]) as Tensor)
      return ops.matmul(ops.maskedSoftmax(scores, { causal: true }), values as Tensor) as Tensor
    }
    const at = (data: Float32Array, m: number, i: number, j: number) =>
      data[(m * length + i) * size + j] as number
    const expected = new Float64Array(q.data.length)
    for (let m = 0; m < 2 * heads; m++)
      for (let i = 0; i < length; i++) {
        const weights = Array.from({ length: i + 1 }, (_, n) => {
          let score = 0
          for (let j = 0; j < size; j++) score += at(q.data, m, i, j) * at(k.data, m, n, j)
          return score
        })
        const most = Math.max(...weights)
        const powers = weights.map((score) => Math.exp(score - most))
        const total = powers.reduce((a, b) => a + b, 0)
        for (let j = 0; j < size; j++) {
          let sum = 0
          powers.forEach((power, n) => {
            sum += (power / total) * at(v.data, m, n, j)
          })
          expected[(m * length + i) * size + j] = sum
        }
      }
    const all = [q.value, k.value, v.value]
    const gradients = hasGradient
      ? grad((inputs: readonly Tensor[]) => attend(inputs).square().sum())(all)
      : []
    return {
      what: JSON.stringify({ heads, length, size }),
      results: [
        { value: attend(all), expected, tolerance: 1e-5 },
        ...gradients.map((value) => ({ value, tolerance: 1e-4 })),
      ],
    }
  },
)
