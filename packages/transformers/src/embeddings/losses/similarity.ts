import { ops, type Tensor } from 'typegrad'

/** How alike two embeddings are, the larger the more: their cosine or dot product, or their distance below 0. */
export const similarityNames = ['cosine', 'dot', 'euclidean', 'manhattan'] as const

export type SimilarityName = (typeof similarityNames)[number]

/**
 * The root of sums of squares. At 0, where it has no derivative, its gradient is 0, as PyTorch's norms have it.
 */
export const rootOf = (squares: Tensor): Tensor => squares.maximum(1e-24).sqrt()

const lengthOf = (x: Tensor): Tensor => rootOf(x.square().sum(-1))

/** Each of (m, width) less each of (n, width): (m, n, width). */
const differences = (a: Tensor, b: Tensor): Tensor => a.expandDims(1).sub(b.expandDims(0))

interface Similarity {
  /** Of row i of one with row i of the other: (n, width) twice → (n). */
  readonly pairs: (a: Tensor, b: Tensor) => Tensor
  /** Of each row of one with each of the other: (m, width), (n, width) → (m, n). */
  readonly matrix: (a: Tensor, b: Tensor) => Tensor
}

export const similarities: Readonly<Record<SimilarityName, Similarity>> = {
  cosine: {
    pairs: (a, b) => ops.normalize(a).mul(ops.normalize(b)).sum(-1),
    matrix: (a, b) => ops.normalize(a).matmul(ops.normalize(b).transpose()),
  },
  dot: {
    pairs: (a, b) => a.mul(b).sum(-1),
    matrix: (a, b) => a.matmul(b.transpose()),
  },
  euclidean: {
    pairs: (a, b) => lengthOf(a.sub(b)).neg(),
    matrix: (a, b) => lengthOf(differences(a, b)).neg(),
  },
  manhattan: {
    pairs: (a, b) => a.sub(b).abs().sum(-1).neg(),
    matrix: (a, b) => differences(a, b).abs().sum(-1).neg(),
  },
}

/**
 * AnglE's similarity: |cos + sin| of the angle in the complex plane, whose real and imaginary parts are the two halves of an
 * embedding.
 *
 * Li and Li 2023, https://arxiv.org/abs/2309.12871, as sentence-transformers computes it.
 *
 * @returns (n)
 */
export function angleSimilarity(x: Tensor, y: Tensor): Tensor {
  const [a, b] = [ops.normalize(even(x)), ops.normalize(even(y))]
  const [a1, a2] = halves(a)
  const [b1, b2] = halves(b)
  const cosines = a.mul(b).sum(-1)
  const sines = a2.mul(b1).sub(a1.mul(b2)).sum(-1)
  return cosines.add(sines).abs()
}

/** With a 0 more where the width is odd. */
function even(x: Tensor): Tensor {
  const width = x.shape[1] as number
  return width % 2 === 0
    ? x
    : ops.pad(x, [
        [0, 0],
        [0, 1],
      ])
}

function halves(x: Tensor): readonly [Tensor, Tensor] {
  const [rows, width] = x.shape as readonly [number, number]
  return [x.slice([0, 0], [rows, width / 2]), x.slice([0, width / 2], [rows, width / 2])]
}
