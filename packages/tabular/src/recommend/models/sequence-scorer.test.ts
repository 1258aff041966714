import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { assignAll, golden } from '../../testing/golden-recommend.ts'
import { grouped } from '../interactions/interactions.ts'
import { SequenceNetwork } from '../networks/sequence-network.ts'
import { readScorer } from './blend.ts'
import { SequenceScorer } from './sequence-scorer.ts'

const { weights, sequences, states } = golden.sasrec
const [items, length, dimensions] = [9, 5, 8]

/** Interactions of users with sequences of items, in their order. */
const historyOf = (taken: readonly (readonly number[])[]) =>
  grouped(
    {
      users: Int32Array.from(taken.flatMap((own, user) => own.map(() => user))),
      items: Int32Array.from(taken.flat()),
      ratings: new Float64Array(taken.flat().length).fill(1),
      times: Float64Array.from(taken.flat(), (_, row) => row),
    },
    'users',
    taken.length,
  )

/** h · q_i of the state after the `step`th item of a sequence. */
function scoresAt(row: number, step: number): number[] {
  const state = states.data.slice((row * length + step) * dimensions, (row * length + step + 1) * dimensions)
  const vectors = weights[0]?.data ?? []
  return Array.from({ length: items }, (_, item) =>
    state.reduce((sum, value, d) => sum + value * (vectors[item * dimensions + d] as number), 0),
  )
}

test("scores are those of PyTorch's states after what users took last, and stay so when they are kept", async () => {
  const network = new SequenceNetwork({ items, length, dimensions, blocks: 2, heads: 2, rate: 0, seed: 1 })
  assignAll(network.weights, weights)
  const [first = [], second = [], third = []] = sequences
  // The state after three items of a sequence is that of the whole one's third; of a longer history the last five count; no history, no score.
  const history = historyOf([first, second.slice(0, 3), [4, 4, ...third], []])
  const scorer = await SequenceScorer.of(network, history)
  for (const [user, expected] of [
    scoresAt(0, 4),
    scoresAt(1, 2),
    scoresAt(2, 4),
    new Array(9).fill(0),
  ].entries())
    expectClose(scorer.all(user), expected, { scaled: 1e-5 })
  const kept = { kind: scorer.kind, scorer: await scorer.toSaved() }
  const again = readScorer(kept)
  expect(again.all(1)).toEqual(scorer.all(1))
  const informed = await again.informed?.(historyOf([second.slice(0, 4)]))
  expectClose(informed?.all(0) ?? [], scoresAt(1, 3), { scaled: 1e-5 })
  const [vectors] = kept.scorer.weights
  const damaged = kept.scorer.weights.map((one, i) => (i === 3 ? vectors : one))
  expect(() => readScorer({ ...kept, scorer: { ...kept.scorer, weights: damaged } })).toThrow(
    /weight 3: expected the shape \[8\], received 72 numbers/,
  )
})
