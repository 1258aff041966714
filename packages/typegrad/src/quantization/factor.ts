import { DataError } from '../base/errors.ts'
import type { Work } from '../base/work.ts'

/** What a dot product of two slices of one matrix is, summed in four parts. */
function dot(data: Float64Array, a: number, b: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let i = 0
  for (; i + 3 < length; i += 4) {
    s0 += (data[a + i] as number) * (data[b + i] as number)
    s1 += (data[a + i + 1] as number) * (data[b + i + 1] as number)
    s2 += (data[a + i + 2] as number) * (data[b + i + 2] as number)
    s3 += (data[a + i + 3] as number) * (data[b + i + 3] as number)
  }
  for (; i < length; i++) s0 += (data[a + i] as number) * (data[b + i] as number)
  return s0 + s1 + (s2 + s3)
}

/** Rows that are made together, so that a row above is read once for all of them: a large matrix fits no cache. */
const rowsAtOnce = 8

/** Rows above that are read before the event loop may have a turn. */
const pieces = 64

/**
 * The upper triangular U with a positive diagonal for which U ᵀ · U = H⁻¹: the Cholesky factor of an inverse, without the
 * inverse. H = R · Rᵀ with an upper triangular R is the Cholesky factor L of H with its rows and columns in reverse order,
 * reversed in the same way; and U = R⁻¹.
 *
 * @param h symmetric and positive definite, (size, size) row by row; it is written over.
 * @returns U in the memory of `h`.
 * @throws DataError for a matrix that is not positive definite.
 */
export function* inverseFactor(h: Float64Array, size: number): Work<Float64Array> {
  const l = h.reverse()
  for (let first = 0; first < size; first += rowsAtOnce) {
    const end = Math.min(first + rowsAtOnce, size)
    for (let j = 0; j < end; j++) {
      const other = j * size
      for (let i = Math.max(first, j); i < end; i++) {
        const row = i * size
        const rest = (l[row + j] as number) - dot(l, row, other, j)
        if (i > j) {
          l[row + j] = rest / (l[other + j] as number)
          continue
        }
        if (!(rest > 0)) throw notDefinite(size - 1 - i, rest)
        l[row + i] = Math.sqrt(rest)
        l.fill(0, row + i + 1, row + size)
      }
      if (j % pieces === 0) yield
    }
    yield
  }
  // L⁻¹ in the place of L: row i is (eᵢ − Σ L[i, k] · L⁻¹[k]) / L[i, i], which needs rows above alone.
  const sums = Array.from({ length: rowsAtOnce }, () => new Float64Array(size))
  for (let first = 0; first < size; first += rowsAtOnce) {
    const end = Math.min(first + rowsAtOnce, size)
    for (const sum of sums) sum.fill(0, 0, end)
    for (let k = 0; k < end; k++) {
      const above = k * size
      if (k >= first) {
        const [sum, scale] = [sums[k - first] as Float64Array, 1 / (l[above + k] as number)]
        for (let j = 0; j < k; j++) l[above + j] = -scale * (sum[j] as number)
        l[above + k] = scale
      }
      for (let i = Math.max(first, k + 1); i < end; i++) {
        const [sum, factor] = [sums[i - first] as Float64Array, l[i * size + k] as number]
        for (let j = 0; j <= k; j++) sum[j] = (sum[j] as number) + factor * (l[above + j] as number)
      }
      if (k % pieces === 0) yield
    }
    yield
  }
  return l.reverse()
}

const notDefinite = (place: number, pivot: number) =>
  new DataError({
    where: 'gptq: hessian',
    expected: 'a positive definite matrix',
    received: `one whose pivot ${place} is ${pivot}`,
    fix: 'Calibrate with more texts, or raise the damping.',
  })
