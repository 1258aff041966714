import { rmSync } from 'node:fs'
import { ops, type Tensor, tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { EncoderDecoder, type NetworkContext } from '../layers/network.ts'
import { goldenFolder, readGolden } from '../testing/golden.ts'
import { TinyCache } from '../testing/tiny-cache.ts'

/** The network of a golden file. */
async function networkOf(file: string): Promise<EncoderDecoder> {
  const folder = goldenFolder(readGolden(file))
  const { network } = await fromPretrained(folder)
  rmSync(folder, { recursive: true, force: true })
  if (network instanceof EncoderDecoder) return network
  throw new Error(`${file} is of no encoder–decoder`)
}

const int32 = (values: readonly (readonly number[])[]): Tensor => tensor(values, { dtype: 'int32' })

describe.each(['t5', 't5-gated', 'bart', 'mbart', 'marian', 'transformer'])('%s', (file) => {
  // Of the source's padding one side each; of the answer more tokens than T5's buckets tell apart.
  const source = int32([
    [9, 17, 30, 5, 0, 0],
    [0, 0, 8, 33, 7, 12],
  ])
  const encoderMask = int32([
    [1, 1, 1, 1, 0, 0],
    [0, 0, 1, 1, 1, 1],
  ])
  const answer = int32([
    [3, 23, 4, 17, 9, 30, 2, 8, 11, 5, 6, 31, 20, 14],
    [3, 8, 31, 7, 30, 22, 19, 4, 2, 12, 33, 1, 16, 25],
  ])

  test('decodes piece by piece what it decodes at once', async () => {
    const network = await networkOf(file)
    const encoderStates = network.encode(source, { training: false, attentionMask: encoderMask })
    const whole = network.head(network.decode(answer, { training: false, encoderStates, encoderMask }))
    // More than there will be tokens: what nothing was written to must not count.
    const cache = new TinyCache(20)
    const pieces: Tensor[] = []
    let from = 0
    for (const length of [3, 1, 10]) {
      const ids = answer.slice([0, from], [2, length])
      // The encoder's states are needed for the first piece alone.
      const context: NetworkContext = {
        ...{ training: false, cache, encoderMask },
        encoderStates: from === 0 ? encoderStates : undefined,
      }
      pieces.push(network.head(network.decode(ids, context)))
      await cache.advance(length)
      from += length
    }
    expectClose(await ops.concat(pieces, 1).data(), (await whole.data()) as Float32Array)
  })

  test('says what is missing', async () => {
    const network = await networkOf(file)
    expect(() => network.decode(answer, { training: false })).toThrow(
      'decode: expected encoderStates, or a cache that keeps keys and values over them, received neither.',
    )
    expect(() => network.outputs(source, { training: false })).toThrow(
      'decoderInputIds: expected ids that the decoder begins with, (batch, length), received none.',
    )
  })
})
