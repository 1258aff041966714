import { readFileSync } from 'node:fs'
import { compile, type Tensor, tensor, Variable, valueAndGrad } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { beforeAll, expect, test } from 'vitest'
import type { RerankingLoss } from '../../reranking/losses/index.ts'
import * as rerankingLosses from '../../reranking/losses/index.ts'
import { hashedNumbers } from '../../testing/golden.ts'
import type { EmbeddingLoss, MatryoshkaOptions } from './index.ts'
import * as embeddingLosses from './index.ts'

interface Golden {
  readonly batch: number
  readonly width: number
  readonly cases: readonly {
    readonly name: keyof typeof makers
    readonly options: object
    readonly columns: number
    readonly labels: readonly number[] | readonly (readonly number[])[] | null
    readonly scale: number
    readonly loss: number
    readonly gradients: readonly (readonly number[])[]
    readonly matryoshka?: MatryoshkaOptions
  }[]
  readonly ranked: readonly {
    readonly name: keyof typeof rankers
    readonly options: object
    readonly counts: readonly number[]
    readonly labels: readonly number[] | readonly (readonly number[])[] | null
    readonly columns: boolean
    readonly loss: number
    readonly gradient: readonly number[]
  }[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../golden/embedding-losses.json', import.meta.url), 'utf8'),
) as Golden
const { batch, width } = golden

const makers = {
  multipleNegativesRanking: embeddingLosses.multipleNegativesRanking,
  multipleNegativesSymmetricRanking: embeddingLosses.multipleNegativesSymmetricRanking,
  triplet: embeddingLosses.triplet,
  cosineSimilarity: embeddingLosses.cosineSimilarity,
  cosent: embeddingLosses.cosent,
  angle: embeddingLosses.angle,
  contrastive: embeddingLosses.contrastive,
  onlineContrastive: embeddingLosses.onlineContrastive,
  batchAllTriplet: embeddingLosses.batchAllTriplet,
  batchHardTriplet: embeddingLosses.batchHardTriplet,
  batchSemiHardTriplet: embeddingLosses.batchSemiHardTriplet,
  meanSquaredError: embeddingLosses.meanSquaredError,
  softmax(options: object) {
    const loss = embeddingLosses.softmax(options as embeddingLosses.SoftmaxOptions)
    loss.prepare?.(width)
    const [kernel, bias] = loss.classifier.weights as [Variable, Variable]
    const [features, classes] = kernel.shape as readonly [number, number]
    kernel.assign(
      tensor(hashedNumbers('kernel', features * classes))
        .reshape([classes, features])
        .transpose(),
    )
    bias.assign(tensor(hashedNumbers('bias', classes)))
    return loss
  },
} satisfies Record<string, (options: never) => EmbeddingLoss>

const rankers = {
  binaryCrossEntropy: rerankingLosses.binaryCrossEntropy,
  listNet: rerankingLosses.listNet,
  lambda: rerankingLosses.lambda,
  rankNet: rerankingLosses.rankNet,
  marginMeanSquaredError: rerankingLosses.marginMeanSquaredError,
  multipleNegativesRanking: rerankingLosses.multipleNegativesRanking,
} satisfies Record<string, (options: never) => RerankingLoss>

/** A loss, and its gradients with respect to the embeddings or scores, beside Python's. */
interface Attempt {
  readonly name: string
  readonly call: () => Tensor
  readonly inputs: readonly Variable[]
  readonly loss: number
  readonly gradients: readonly Float32Array[]
}

function attemptOf({
  name,
  options,
  columns,
  labels,
  loss,
  gradients,
  matryoshka,
}: Golden['cases'][number]): Attempt {
  const made = (makers[name] as (given: object) => EmbeddingLoss)(options)
  const tried = matryoshka === undefined ? made : embeddingLosses.matryoshka(made, matryoshka)
  const inputs = Array.from(
    { length: columns },
    (_, i) => new Variable(tensor(hashedNumbers(`column ${i}`, batch * width)).reshape([batch, width])),
  )
  const given = labels === null ? undefined : tensor(labels as number[], { dtype: 'float32' })
  const call = () =>
    tried.call(
      inputs.map((x) => x.value),
      given,
    )
  const expected = gradients.map((values) => Float32Array.from(values))
  return { name: `${name} ${JSON.stringify(options)}`, call, inputs, loss, gradients: expected }
}

function rankingOf({
  name,
  options,
  counts,
  labels,
  columns,
  loss,
  gradient,
}: Golden['ranked'][number]): Attempt {
  const rows = counts.length
  const documents = Math.max(...counts)
  // Where each score stands among the scores of Python: row by row, or column by column.
  const starts = counts.map((_, i) => counts.slice(0, i).reduce((a, b) => a + b, 0))
  const placeOf = (row: number, document: number) =>
    columns ? document * rows + row : (starts[row] as number) + document
  const total = counts.reduce((a, b) => a + b, 0)
  const scores = hashedNumbers('scores', total).map((x) => 2 * x)
  const filled = (valueAt: (row: number, document: number) => number) =>
    counts.flatMap((count, i) => Array.from({ length: documents }, (_, j) => (j < count ? valueAt(i, j) : 0)))
  const matrixOf = (values: readonly number[]) => tensor(values).reshape([rows, documents])
  const labelAt = (row: number, document: number): number => {
    const given = labels?.[row] ?? 0
    if (typeof given === 'number') return given
    // Margins to the first document.
    if (name === 'marginMeanSquaredError') return document === 0 ? 0 : -(given[document - 1] as number)
    return given[document] as number
  }
  const lists = { labels: matrixOf(filled(labelAt)), counted: matrixOf(filled(() => 1)).cast('bool') }
  const tried = (rankers[name] as (given: object) => RerankingLoss)(options)
  const input = new Variable(matrixOf(filled((i, j) => scores[placeOf(i, j)] as number)))
  return {
    name: `re-ranking by ${name} ${JSON.stringify(options)}`,
    call: () => tried.call({ ...lists, scores: input.value }),
    inputs: [input],
    loss,
    gradients: [Float32Array.from(filled((i, j) => gradient[placeOf(i, j)] as number))],
  }
}

const attempts = [...golden.cases.map(attemptOf), ...golden.ranked.map(rankingOf)]
let results: readonly { readonly value: Tensor; readonly grads: readonly Tensor[] }[]
beforeAll(async () => {
  // All in one program.
  const run = compile(() =>
    attempts.map(({ call, inputs }) => {
      const { value, grads } = valueAndGrad(call, inputs)
      return { value, grads: [...grads] }
    }),
  )
  results = await run()
}, 60_000)

test.each(attempts.map(({ name }, i) => [i, name] as const))(
  '%i %s gives sentence-transformers’ loss and gradients',
  async (i) => {
    const { loss, gradients } = attempts[i] as Attempt
    const { value, grads } = results[i] as (typeof results)[number]
    expect(await value.item()).toBeCloseTo(loss, 5)
    for (const [j, expected] of gradients.entries()) {
      expectClose((await grads[j]?.data()) as Float32Array, expected, { scaled: 1e-5 })
    }
  },
)

test('options that cannot be are refused', () => {
  const { multipleNegativesRanking, matryoshka, cosent, softmax } = embeddingLosses
  expect(() => multipleNegativesRanking({ directions: ['anchorToAnchor'] })).toThrow(
    /'anchorToDocument' among/,
  )
  expect(() => matryoshka(cosent(), { dims: [4, 2], weights: [1] })).toThrow(/2 dims and 1 weights/)
  expect(() => matryoshka(cosent(), { dims: [8] }).prepare?.(4)).toThrow(/at most 4.*received 8/)
  expect(() => softmax({ classes: 2, features: [] })).toThrow(/features: expected one or more/)
  expect(() => rerankingLosses.lambda({ weighting: 'ndcg' as 'none' })).toThrow(
    /weighting: expected.*'ndcgLoss1'/,
  )
})
