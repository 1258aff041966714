import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { compile, input, layers, metrics, StateError, sequential, type Tensor, tensor } from '../index.ts'

/** Σ over pairs of a positive and a negative of their weights' product, where right, and half of it where equal. */
function areaOfPairs(
  labels: readonly number[],
  scores: readonly number[],
  weights: readonly number[],
): number {
  let [right, all] = [0, 0]
  labels.forEach((label, i) => {
    if (label === 0) return
    labels.forEach((other, j) => {
      if (other !== 0) return
      const pair = (weights[i] as number) * (weights[j] as number)
      const [a, b] = [scores[i] as number, scores[j] as number]
      all += pair
      right += a > b ? pair : a === b ? pair / 2 : 0
    })
  })
  return right / all
}

/** A sequence that looks random, the same each time. */
const series = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i + 1) * step) % 1)

describe('auc with exact', () => {
  const labels = series(200, 0.754877).map((v) => Number(v > 0.6))
  const scores = series(200, 0.56984).map((v) => Math.fround(Math.round(v * 40) / 40))
  const weights = series(200, 0.618034).map(Math.fround)

  test('is the share of pairs in the right order, however small the scores are', async () => {
    for (const factor of [1, 0.02, 1e-6]) {
      const auc = metrics.auc({ exact: true })
      const scaled = scores.map((score) => score * factor)
      for (const [from, to] of [
        [0, 70],
        [70, 71],
        [71, 200],
      ] as const) {
        auc.updateState(tensor(labels.slice(from, to)), tensor(scaled.slice(from, to)))
      }
      const ones = labels.map(() => 1)
      expect(await auc.result().item()).toBeCloseTo(areaOfPairs(labels, scores, ones), 6)
      auc.reset()
      expect(await auc.result().item()).toBe(0)
    }
  })

  test('heeds weights', async () => {
    const auc = metrics.auc({ exact: true })
    auc.updateState(tensor(labels), tensor(scores), tensor(weights))
    expect(await auc.result().item()).toBeCloseTo(areaOfPairs(labels, scores, weights), 6)
  })

  // scikit-learn's example of roc_auc_score and of precision_recall_curve: .75.
  test("gives scikit-learn's .75", async () => {
    const auc = metrics.auc({ exact: true })
    auc.updateState(tensor([0, 0, 1, 1]), tensor([0.1, 0.4, 0.35, 0.8]))
    expect(await auc.result().item()).toBeCloseTo(0.75, 6)
  })

  test('of precision and recall is what very many thresholds give', async () => {
    for (const curve of ['PR', 'PRGAIN'] as const) {
      const [exact, fine] = [metrics.auc({ exact: true, curve }), metrics.auc({ numThresholds: 4001, curve })]
      for (const auc of [exact, fine]) auc.updateState(tensor(labels), tensor(scores))
      expect(await exact.result().item()).toBeCloseTo(await fine.result().item(), 4)
    }
  })

  test('is gathered over the batches of fit and evaluate, and begins anew with each', async () => {
    const model = sequential([input({ shape: [1] }), layers.dense({ units: 1, kernelInitializer: 'ones' })])
    model.compile({
      optimizer: 'sgd',
      loss: 'mse',
      metrics: [metrics.auc({ exact: true }), 'mae'],
      weightedMetrics: [metrics.auc({ exact: true, name: 'weighted' })],
    })
    const x = scores.map((score) => score * 0.02)
    for (let i = 0; i < 2; i++) {
      const logs = await model.evaluate(x, labels, { batchSize: 64, sampleWeight: weights, verbose: 0 })
      expect(Object.keys(logs)).toEqual(['loss', 'auc', 'mae', 'weighted'])
      expect(logs.auc).toBeCloseTo(
        areaOfPairs(
          labels,
          scores,
          labels.map(() => 1),
        ),
        6,
      )
      expect(logs.weighted).toBeCloseTo(areaOfPairs(labels, scores, weights), 6)
    }
    const { history } = await model.fit(x, labels, {
      batchSize: 50,
      epochs: 2,
      verbose: 0,
      validationData: [x, labels],
    })
    expect(history.auc?.length).toBe(2)
    expect(history.val_auc?.[1]).toBeCloseTo(
      areaOfPairs(
        labels,
        scores,
        labels.map(() => 1),
      ),
      6,
    )
  })

  test('has no thresholds and one label', () => {
    expect(() => metrics.auc({ exact: true, multiLabel: true })).toThrow(ArgumentError)
    expect(() => metrics.auc({ exact: true, thresholds: [0.5] })).toThrow(ArgumentError)
  })

  test("is refused in a compiled function of one's own", async () => {
    const auc = metrics.auc({ exact: true })
    const step = compile((y: Tensor, p: Tensor) => {
      auc.updateState(y, p)
      return p.sum()
    })
    await expect(step(tensor([1]), tensor([1]))).rejects.toThrow(StateError)
  })
})
