import { random, type Tensor, tensor } from 'typegrad'

export interface PissaOptions {
  readonly rank: number
  /** What the product of the factors is multiplied with in the adapter. */
  readonly scale: number
  /** Rounds of subspace iteration; undefined for as many as the singular values need to settle. */
  readonly rounds: number | undefined
}

/** Directions beside those that are asked for, which lets these settle sooner (Halko et al., section 4.2). */
const beside = 10
const mostRounds = 300

/**
 * Factors whose product, times the scale, is the best approximation of a weight of this rank: A = U √(S / scale) and
 * B = √(S / scale) Vᵀ of its largest singular values.
 *
 * Meng et al. 2024, "PiSSA", https://arxiv.org/abs/2404.02948. Singular vectors by subspace iteration: Halko, Martinsson and
 * Tropp 2009, https://arxiv.org/abs/0909.4061, algorithm 4.4.
 *
 * @param weight (inputs, outputs)
 * @returns a (inputs, rank), b (rank, outputs)
 */
export async function pissaFactors(
  weight: Tensor,
  { rank, scale, rounds }: PissaOptions,
): Promise<{ readonly a: Tensor; readonly b: Tensor }> {
  const [inputs, outputs] = weight.shape as readonly [number, number]
  const size = Math.min(rank + beside, inputs, outputs)
  // Orthonormal directions among the outputs, then among the inputs.
  let right = orthonormal(await numbersOf(random.normal([outputs, size])), outputs, size)
  let left: Float64Array
  let last = 0
  for (let round = 0; ; round++) {
    left = orthonormal(await numbersOf(weight.matmul(asTensor(right, outputs, size))), inputs, size)
    const back = await numbersOf(weight.transpose().matmul(asTensor(left, inputs, size)))
    // Squares of the singular values that the directions see.
    const seen = back.reduce((sum, value) => sum + value * value, 0)
    const isSettled = rounds === undefined ? Math.abs(seen - last) <= 1e-9 * seen : round >= rounds
    if (isSettled || round === mostRounds) return factors(left, back, { inputs, outputs, size, rank, scale })
    last = seen
    right = orthonormal(back, outputs, size)
  }
}

interface Sizes {
  readonly inputs: number
  readonly outputs: number
  readonly size: number
  readonly rank: number
  readonly scale: number
}

/**
 * @param left orthonormal columns Q, (inputs, size)
 * @param back Wᵀ Q, (outputs, size)
 */
function factors(left: Float64Array, back: Float64Array, { inputs, outputs, size, rank, scale }: Sizes) {
  // Eigenvectors E of (QᵀW)(QᵀW)ᵀ: U = Q E, and S Vᵀ = Eᵀ QᵀW.
  const gram = new Float64Array(size * size)
  for (let row = 0; row < outputs; row++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        gram[i * size + j] = at(gram, i * size + j) + at(back, row * size + i) * at(back, row * size + j)
  const { values, vectors } = symmetricEigen(gram, size)
  const order = Array.from(values.keys()).sort((i, j) => at(values, j) - at(values, i))
  const a = new Float32Array(inputs * rank)
  const b = new Float32Array(rank * outputs)
  for (const [k, column] of order.slice(0, rank).entries()) {
    const value = Math.sqrt(Math.max(0, at(values, column)))
    const root = Math.sqrt(value / scale)
    // A weight of lower rank than is asked for has no more directions.
    const share = value > 0 ? root / value : 0
    for (let row = 0; row < inputs; row++) a[row * rank + k] = root * along(left, row, vectors, column, size)
    for (let row = 0; row < outputs; row++)
      b[k * outputs + row] = share * along(back, row, vectors, column, size)
  }
  return { a: asTensor(a, inputs, rank), b: asTensor(b, rank, outputs) }
}

const at = (values: Float64Array, i: number): number => values[i] as number

/** A row of one matrix times a column of another. */
function along(rows: Float64Array, row: number, columns: Float64Array, column: number, size: number): number {
  let sum = 0
  for (let i = 0; i < size; i++) sum += at(rows, row * size + i) * at(columns, i * size + column)
  return sum
}

/** Columns made orthonormal, one after the other, twice, since once loses digits (modified Gram–Schmidt). */
function orthonormal(matrix: Float64Array, rows: number, size: number): Float64Array {
  const q = matrix.slice()
  const dot = (i: number, j: number): number => {
    let sum = 0
    for (let row = 0; row < rows; row++) sum += at(q, row * size + i) * at(q, row * size + j)
    return sum
  }
  for (let j = 0; j < size; j++) {
    const before = Math.sqrt(dot(j, j))
    for (let pass = 0; pass < 2; pass++)
      for (let i = 0; i < j; i++) {
        const share = dot(i, j)
        for (let row = 0; row < rows; row++)
          q[row * size + j] = at(q, row * size + j) - share * at(q, row * size + i)
      }
    const length = Math.sqrt(dot(j, j))
    // What lies in the others' span is nothing of its own.
    const factor = length > 1e-7 * before ? 1 / length : 0
    for (let row = 0; row < rows; row++) q[row * size + j] = at(q, row * size + j) * factor
  }
  return q
}

/** Eigenvalues and, in columns, eigenvectors of a symmetric matrix, by Jacobi's rotations. */
function symmetricEigen(matrix: Float64Array, size: number) {
  const m = matrix.slice()
  const vectors = new Float64Array(size * size)
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1
  const rotate = (values: Float64Array, first: number, second: number, cos: number, sin: number) => {
    const [x, y] = [at(values, first), at(values, second)]
    values[first] = cos * x - sin * y
    values[second] = sin * x + cos * y
  }
  for (let sweep = 0; sweep < 60; sweep++) {
    let largest = 0
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        const off = at(m, p * size + q)
        const [pp, qq] = [at(m, p * size + p), at(m, q * size + q)]
        if (Math.abs(off) <= 1e-15 * Math.sqrt(Math.abs(pp * qq))) continue
        largest = Math.max(largest, Math.abs(off))
        const theta = (qq - pp) / (2 * off)
        const tan = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const cos = 1 / Math.sqrt(tan * tan + 1)
        const sin = tan * cos
        for (let i = 0; i < size; i++) rotate(m, i * size + p, i * size + q, cos, sin)
        for (let i = 0; i < size; i++) rotate(m, p * size + i, q * size + i, cos, sin)
        for (let i = 0; i < size; i++) rotate(vectors, i * size + p, i * size + q, cos, sin)
      }
    if (largest === 0) break
  }
  return { values: Float64Array.from({ length: size }, (_, i) => at(m, i * size + i)), vectors }
}

const numbersOf = async (x: Tensor): Promise<Float64Array> =>
  Float64Array.from((await x.data()) as Float32Array)

const asTensor = (values: ArrayLike<number>, rows: number, columns: number): Tensor =>
  tensor(Float32Array.from(values)).reshape([rows, columns])
