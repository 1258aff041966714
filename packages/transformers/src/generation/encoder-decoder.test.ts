import { setRandomSeed, type Tensor, tensor } from 'typegrad'
import { beforeAll, describe, expect, test } from 'vitest'
import { attend, attendAcross, splitHeads } from '../layers/attention.ts'
import { embedding, linear } from '../layers/linear.ts'
import { EncoderDecoder, type NetworkContext, networkInputs } from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { architectureNames } from '../models/registry.ts'
import { generationModel, optionsOf, readGeneration } from '../testing/generation-golden.ts'
import { argMax } from './choice.ts'
import { nGramDraft } from './draft.ts'
import { generateIds } from './generate.ts'

const words = 31
const stddev = 0.7

/** As small as an encoder and a decoder can be: attention to itself, and to what was read. */
class Tiny extends EncoderDecoder {
  readonly className = 'Tiny'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly maxPositions = 40
  readonly cacheSizes = { blocks: 1, keyHeads: 2, dim: 4 }
  readonly shared = embedding(words, 8, stddev)
  readonly positions = embedding(40, 8, stddev)
  readonly q = linear(8, { stddev })
  readonly k = linear(8, { stddev })
  readonly v = linear(8, { stddev })
  readonly crossK = linear(8, { stddev })
  readonly crossV = linear(8, { stddev })

  #embedded(ids: Tensor, context: NetworkContext): Tensor {
    const positions = this.positions.apply(positionsOf(ids.shape[1] as number, context))
    return this.shared.apply(ids).add(positions)
  }

  #mixed(x: Tensor, context: NetworkContext, causal: boolean): Tensor {
    const [q, k, v] = [this.q, this.k, this.v].map((layer) => splitHeads(layer.apply(x), 2))
    return x.add(attend(q as Tensor, k as Tensor, v as Tensor, context, { causal }).reshape(x.shape))
  }

  override encode(ids: Tensor, context: NetworkContext): Tensor {
    return this.#mixed(this.#embedded(ids, context), context, false)
  }

  override decode(ids: Tensor, context: NetworkContext): Tensor {
    const x = this.#mixed(this.#embedded(ids, context), context, true)
    const make = () => {
      const states = context.encoderStates as Tensor
      return {
        keys: splitHeads(this.crossK.apply(states), 2),
        values: splitHeads(this.crossV.apply(states), 2),
      }
    }
    const kept = context.cache?.cross?.(0, make) ?? make()
    return x.add(attendAcross(splitHeads(this.q.apply(x), 2), kept, context).reshape(x.shape))
  }

  head(states: Tensor): Tensor {
    return this.shared.reverse(states)
  }

  encoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return [this.encode(ids, context)]
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return [this.decode(ids, context)]
  }
}

const prompts = [[3, 17, 30, 5, 9], [22, 8], Array.from({ length: 18 }, (_, i) => (i * 11) % words)]
const begin = [1, 4]

describe('an encoder–decoder', () => {
  let network: Tiny
  let expected: (readonly number[])[] = []
  beforeAll(async () => {
    setRandomSeed(7)
    network = new Tiny()
    const answers = await generateIds(network, prompts, options)
    expected = answers.map(([one]) => one?.ids ?? [])
  }, 60_000)
  const options = { maxNewTokens: 20, decoderIds: begin }

  test('answers with a cache as without', async () => {
    for (const [i, prompt] of prompts.entries()) {
      const encoderStates = network.encode(tensor([prompt], { dtype: 'int32' }), { training: false })
      const ids = tensor([[...begin, ...(expected[i] ?? [])]], { dtype: 'int32' })
      const states = network.decode(ids, { training: false, encoderStates })
      const scores = (await network.head(states).data()) as Float32Array
      const best = Array.from({ length: 20 }, (_, at) => {
        const row = begin.length - 1 + at
        return argMax(scores.subarray(row * words, (row + 1) * words))
      })
      expect(expected[i]).toEqual(best)
    }
    // They are answers to something.
    expect(new Set(expected.map((ids) => ids.join())).size).toBe(3)
  })

  test('prompts beside each other are answered as alone', async () => {
    for (const [i, prompt] of prompts.entries())
      expect((await generateIds(network, [prompt], options))[0]?.[0]?.ids).toEqual(expected[i])
  })

  test('with a draft, and of a tensor', async () => {
    const drafted = await generateIds(network, prompts, { ...options, draft: nGramDraft() })
    expect(drafted.map(([one]) => one?.ids)).toEqual(expected)
    const ids = tensor([prompts[0], [...(prompts[0] ?? [])].reverse()] as number[][], { dtype: 'int32' })
    for (const draft of [undefined, nGramDraft()]) {
      const answers = await generateIds(network, ids, { ...options, ...(draft !== undefined && { draft }) })
      expect(answers[0]?.[0]?.ids).toEqual(expected[0])
      expect(answers.length).toBe(2)
    }
  })

  test('one beam more finds an answer that is at least as likely', async () => {
    const scored = { maxNewTokens: 8, decoderIds: begin, logProbs: true }
    const [greedy = []] = await generateIds(network, prompts.slice(0, 1), scored)
    const [beams = []] = await generateIds(network, prompts.slice(0, 1), {
      ...scored,
      beams: 8,
      lengthPenalty: 0,
    })
    const sum = greedy[0]?.logProbs?.reduce((a, b) => a + b, 0) ?? 0
    expect(beams[0]?.score).toBeGreaterThanOrEqual(sum - 1e-4)
  })

  test('refuses what it cannot read', async () => {
    await expect(generateIds(network, prompts)).rejects.toThrow(/tokens that an answer begins with/)
    await expect(generateIds(network, [new Array<number>(41).fill(1)], options)).rejects.toThrow(
      /prompts of 1 to 40 tokens \(the encoder tells 40 positions apart\)/,
    )
    await expect(generateIds(network, prompts, { decoderIds: [99] })).rejects.toThrow(/decoderIds/)
  })
})

describe.runIf(architectureNames().includes('t5'))("T5's answers are those of Python's generate", () => {
  test.each(readGeneration('generation-t5').cases.map((one) => [JSON.stringify(one.options), one] as const))(
    '%s',
    async (_, one) => {
      const model = await generationModel('generation-t5')
      const answers = await generateIds(model, one.prompts, optionsOf(one))
      expect(answers.map((all) => all.map(({ ids }) => ids))).toEqual(one.answers)
    },
  )
})
