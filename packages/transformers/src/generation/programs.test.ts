import { createEngine, setRandomSeed, withEngine } from 'typegrad'
import { expect, test, vi } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import { generateIds } from './generate.ts'

test('generations of many lengths compile few programs, and none of them twice', async () => {
  setRandomSeed(1)
  const engine = await createEngine()
  const model = new PretrainedModel({ ...smallGPT2, n_layer: 1 }).to(engine)
  const loads = vi.spyOn(engine, 'load')
  const generate = (length: number) =>
    withEngine(engine, () =>
      generateIds(model, [Array.from({ length }, (_, i) => i % 61)], { maxNewTokens: 4 }),
    )
  // Behind 128 positions the room doubles.
  for (const length of [40, 126, 150]) await generate(length)
  // One that makes the weights; a chunk and a token for each of two rooms, and the way from one to the other.
  const { length } = loads.mock.calls
  expect(length).toBeLessThanOrEqual(6)
  for (const other of [1, 33, 97, 127, 180]) await generate(other)
  expect(loads.mock.calls.length).toBe(length)
}, 60_000)
