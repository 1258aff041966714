import { describe, expect, it } from 'vitest'
import { ops, tensor, zeros } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Case {
  readonly options: Readonly<Record<string, unknown>>
  readonly lengths: readonly number[]
  readonly logits: GoldenTensor
  readonly decoded: GoldenTensor
  readonly scores: GoldenTensor
}
const { paths } = readGolden<{ paths: readonly Case[] }>('patches-and-paths.json')

describe('ctcDecode', () => {
  it.each(paths.map((golden) => [JSON.stringify([golden.options, golden.lengths]), golden] as const))(
    'spells what Keras spells for %s',
    async (_, { options, lengths, logits, decoded, scores }) => {
      const found = await ops.ctcDecode(fromGolden(logits), {
        strategy: options.strategy === 'beam_search' ? 'beamSearch' : 'greedy',
        sequenceLengths: lengths,
        beamWidth: (options.beam_width as number) ?? 100,
        topPaths: (options.top_paths as number) ?? 1,
        mergeRepeated: options.merge_repeated !== false,
        maskIndex: (options.mask_index as number) ?? 0,
      })
      expect(found.decoded.shape).toEqual(decoded.shape)
      expect([...(await found.decoded.data())]).toEqual(goldenValues(decoded))
      expectClose(await found.scores.data(), goldenValues(scores))
    },
  )

  it('adds up every way to spell a path: probabilities of all paths of two steps add up to 1', async () => {
    const { scores } = await ops.ctcDecode(
      tensor([
        [
          [0.3, -1, 0.8],
          [1.2, 0.1, -0.4],
        ],
      ]),
      {
        strategy: 'beamSearch',
        topPaths: 7, // nothing, 1, 2, 11, 12, 21, 22; of which 11 and 22 would need a blank between
      },
    )
    const total = (await scores.data()).reduce((sum, score) => sum + Math.exp(score), 0)
    expect(total).toBeCloseTo(1, 6)
  })

  it('names what does not fit', async () => {
    await expect(ops.ctcDecode(zeros([2, 3]))).rejects.toThrow(
      'expected inputs of shape (batch, steps, classes)',
    )
    await expect(ops.ctcDecode(zeros([1, 2, 3]), { topPaths: 2 })).rejects.toThrow(
      'ctcDecode: topPaths: expected a whole number from 1 to 1, received 2',
    )
    await expect(ops.ctcDecode(zeros([1, 2, 3]), { sequenceLengths: [3] })).rejects.toThrow(
      'ctcDecode: sequenceLengths: expected 1 whole numbers from 0 to 2, received [3]',
    )
  })
})
