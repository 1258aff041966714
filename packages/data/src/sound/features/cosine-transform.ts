/** The four kinds of discrete cosine transform. */
export type CosineTransformType = 1 | 2 | 3 | 4

/** What a transform of N numbers counts number n at frequency k, and what makes its matrix orthogonal, by n and k. */
interface Kind {
  readonly weight: (n: number, k: number, N: number) => number
  readonly orthogonal: (n: number, k: number, N: number) => number
}

const isEnd = (i: number, N: number): boolean => i === 0 || i === N - 1

/** SciPy's, https://docs.scipy.org/doc/scipy/reference/generated/scipy.fft.dct.html */
const kinds: Readonly<Record<CosineTransformType, Kind>> = {
  1: {
    weight: (n, k, N) => (isEnd(n, N) ? 1 : 2) * Math.cos((Math.PI * k * n) / (N - 1)),
    orthogonal: (n, k, N) =>
      (isEnd(n, N) ? Math.SQRT2 : 1) * Math.sqrt((isEnd(k, N) ? 1 : 2) / (4 * (N - 1))),
  },
  2: {
    weight: (n, k, N) => 2 * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * N)),
    orthogonal: (_, k, N) => Math.sqrt(1 / ((k === 0 ? 4 : 2) * N)),
  },
  3: {
    weight: (n, k, N) => (n === 0 ? 1 : 2) * Math.cos((Math.PI * (2 * k + 1) * n) / (2 * N)),
    orthogonal: (n, _, N) => Math.sqrt(1 / ((n === 0 ? 1 : 2) * N)),
  },
  4: {
    weight: (n, k, N) => 2 * Math.cos((Math.PI * (2 * k + 1) * (2 * n + 1)) / (4 * N)),
    orthogonal: (_n, _k, N) => Math.sqrt(1 / (2 * N)),
  },
}

/** The first `count` rows of the matrix of a cosine transform of `size` numbers, row by row: (count, size). */
export function cosineTransform(
  type: CosineTransformType,
  count: number,
  size: number,
  isOrthogonal: boolean,
): Float64Array {
  const { weight, orthogonal } = kinds[type]
  return Float64Array.from({ length: count * size }, (_, i) => {
    const [k, n] = [Math.floor(i / size), i % size]
    return weight(n, k, size) * (isOrthogonal ? orthogonal(n, k, size) : 1)
  })
}
