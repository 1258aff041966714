import { rmSync } from 'node:fs'
import { evaluateAll, ops, scalar, type Tensor, tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { type Cache, CausalLM, type KeysAndValues } from '../layers/network.ts'
import { goldenFolder, readGolden } from './golden.ts'

/** The plainest cache there is: what a block gave so far, and what it gives now, one behind the other. */
class GrowingCache implements Cache {
  #length = 0
  readonly #kept: KeysAndValues[] = []

  get offset(): Tensor {
    return scalar(this.#length, 'int32')
  }

  extend(block: number, keys: Tensor, values: Tensor): KeysAndValues {
    const before = this.#kept[block]
    const all = {
      keys: before === undefined ? keys : ops.concat([before.keys, keys], 1),
      values: before === undefined ? values : ops.concat([before.values, values], 1),
    }
    this.#kept[block] = all
    return all
  }

  /** To be called when a piece has gone through all blocks. */
  advance(length: number): void {
    this.#length += length
  }

  /** Of each block: (batch, positions, keyHeads, dim). */
  get shapes(): readonly (readonly number[])[] {
    return this.#kept.flatMap(({ keys, values }) => [keys.shape, values.shape])
  }
}

const [batch, length] = [2, 8]
/** Where each piece begins, and how many tokens it has. */
const pieces = [[0, 3], [3, 1], [4, 2], [6, 1], [7, 1]] as const // biome-ignore format: pairs
/** The first text is shorter, and filled up on the left, as prompts of several lengths are. */
const padding = 2
const mask = [padding, 0].map((empty) => Array.from({ length }, (_, i) => Number(i >= empty)))

const counts = (words: number) => (_: number, i: number) => mask.flat()[Math.floor(i / words)] !== 0
const floatsOf = async (x: Tensor) => Float32Array.from(await x.data(), Number)

/** Calls a function with the language model of a golden file, the number of its words, and texts of these. */
async function withLanguageModel(
  file: string,
  check: (network: CausalLM, words: number, ids: Tensor) => Promise<void>,
): Promise<void> {
  const golden = readGolden(file)
  const folder = goldenFolder(golden)
  try {
    const { network } = await fromPretrained(folder)
    if (!(network instanceof CausalLM)) throw new Error(`${file} is no language model`)
    const words = Number(golden.config.vocab_size)
    const ids = Array.from({ length: batch * length }, (_, i) => (7 * i * i + 3 * i + 1) % words)
    await check(network, words, tensor(ids, { dtype: 'int32' }).reshape([batch, length]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * A language model's logits are the same for texts as a whole and for their pieces, one after another, with a cache of keys
 * and values.
 *
 * @param file of `golden/`, without `.json`.
 */
export function testInPieces(file: string): void {
  test(`${file} gives the same in pieces, with a cache`, () =>
    withLanguageModel(file, async (network, words, ids) => {
      const attentionMask = tensor(mask, { dtype: 'int32' })
      const cache = new GrowingCache()
      const logits: Tensor[] = []
      for (const [from, count] of pieces) {
        const seen = attentionMask.slice([0, 0], [-1, from + count])
        const piece = ids.slice([0, from], [-1, count])
        logits.push(network.apply(piece, { attentionMask: seen, cache }))
        cache.advance(count)
      }
      const { blocks, keyHeads, dim } = network.cacheSizes
      expect(cache.shapes).toEqual(new Array(2 * blocks).fill([batch, length, keyHeads, dim]))

      const [whole, inPieces] = [network.apply(ids, { attentionMask }), ops.concat(logits, 1)]
      await evaluateAll([whole, inPieces])
      const [got, expected] = [await floatsOf(inPieces), await floatsOf(whole)]
      expectClose(got.filter(counts(words)), expected.filter(counts(words)), { scaled: 1e-5 })
    }))
}

/**
 * A text that is filled up on the left, with positions that are counted behind that, has the logits that it has alone.
 *
 * @param file of `golden/`, without `.json`.
 */
export function testFilledUp(file: string): void {
  test(`${file} gives the same for a text that is filled up on the left`, () =>
    withLanguageModel(file, async (network, words, ids) => {
      const given = {
        attentionMask: tensor(mask, { dtype: 'int32' }),
        positionIds: tensor(mask.map(placesIn), { dtype: 'int32' }),
      }
      const alone = ids.slice([0, padding], [1, -1])
      const [filledUp, expected] = [
        network.apply(ids, given).slice([0, padding], [1, -1]),
        network.apply(alone),
      ]
      await evaluateAll([filledUp, expected])
      expect(expected.shape).toEqual([1, length - padding, words])
      expectClose(await floatsOf(filledUp), await floatsOf(expected), { scaled: 1e-5 })
    }))
}

/** Places counted from the first one that counts; 0 before it. */
const placesIn = (row: readonly number[]): number[] => {
  const first = row.indexOf(1)
  return row.map((_, i) => Math.max(i - first, 0))
}
