import { expect, test } from 'vitest'
import {
  type Callback,
  callbacks,
  DataError,
  Dataset,
  input,
  layers,
  model,
  ShapeError,
  sequential,
  tensor,
} from '../index.ts'

/** x ↦ 2·x₀ + 3·x₁. */
function linear() {
  const made = sequential([layers.dense({ units: 1, useBias: false, inputShape: [2] })])
  made.setWeights([tensor([[2], [3]])])
  return made
}
const rows = Array.from({ length: 7 }, (_, i) => [i, 10 * i] as [number, number])
const expected = rows.map(([a, b]) => [2 * a + 3 * b])

test('batches of whatever kind give what the samples in memory give', async () => {
  const made = linear()
  async function* asynchronous() {
    yield rows.slice(0, 4)
    yield rows.slice(4)
  }
  const samples = Dataset.fromTensors([rows]).batch(3)
  for (const stream of [asynchronous, asynchronous(), new Set([rows.slice(0, 3), rows.slice(3)]), samples]) {
    expect(await (await made.predict(stream)).toArray()).toEqual(expected)
  }
  expect(await (await made.predict(rows, { batchSize: 3, steps: 2 })).toArray()).toEqual(expected.slice(0, 6))
  expect(await (await made.predict(asynchronous, { steps: 1 })).toArray()).toEqual(expected.slice(0, 4))
})

test("labels of evaluate's batches are left aside", async () => {
  const labelled = new Set([[tensor(rows), tensor(expected)] as const])
  expect(await (await linear().predict(labelled)).toArray()).toEqual(expected)
})

test('several inputs and outputs', async () => {
  const [a, b] = [input({ shape: [1] }), input({ shape: [1] })]
  const both = model({
    inputs: [a, b],
    outputs: [layers.add().apply([a, b]), layers.subtract().apply([a, b])],
  })
  const x = [tensor([[1], [2]]), tensor([[10], [20]])] as const
  for (const stream of [new Set([x]), new Set([[x, [0, 0]]])] as unknown as Set<typeof x>[]) {
    const [sum, difference] = await both.predict(stream)
    expect(await sum.toArray()).toEqual([[11], [22]])
    expect(await difference.toArray()).toEqual([[-9], [-18]])
  }
})

test('callbacks hear of the batches', async () => {
  const calls: string[] = []
  const watch: Callback = callbacks.lambdaCallback({
    onPredictBegin: () => void calls.push('begin'),
    onPredictBatchBegin: (batch) => void calls.push(`batch ${batch}`),
    onPredictBatchEnd: (batch, [output]) => void calls.push(`${batch}: ${output?.shape}`),
    onPredictEnd: () => void calls.push('end'),
  })
  await linear().predict(rows, { batchSize: 4, callbacks: [watch] })
  expect(calls).toEqual(['begin', 'batch 0', '0: 4,1', 'batch 1', '1: 3,1', 'end'])
})

test('a batch that does not fit is named, and so is a stream without any', async () => {
  const wrong = new Set([rows, [[1, 2, 3]]])
  await expect(linear().predict(wrong)).rejects.toThrow(/^predict, batch 1: .*samples of shape \[batch, 2\]/)
  await expect(linear().predict(new Set([[[1, Number.NaN]]]))).rejects.toThrow('predict, batch 0')
  await expect(linear().predict(new Set<number[][]>())).rejects.toThrow(DataError)
  const sequences = sequential([layers.dense({ units: 1, inputShape: [null, 2] })])
  const lengths = new Set([
    [[[1, 2]]],
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])
  await expect(sequences.predict(lengths)).rejects.toThrow(ShapeError)
})
