import { readFileSync } from 'node:fs'
import { tensor } from 'typegrad'
import { checkGradients, expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { hashedNumbers } from '../testing/golden.ts'
import { type PoolingMode, poolingModes, poolStates } from './pooling.ts'

interface GoldenPooling {
  readonly masks: Readonly<Record<string, readonly number[][]>>
  readonly cases: readonly {
    readonly side: string
    readonly modes: readonly PoolingMode[]
    readonly values: readonly number[]
  }[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/sentences.json', import.meta.url), 'utf8'),
) as GoldenPooling
const states = tensor(hashedNumbers('states', 3 * 5 * 4)).reshape([3, 5, 4])

describe('sentence-transformers’ pooling', () => {
  test.each(golden.cases)('$modes, padding on the $side', async ({ side, modes, values }) => {
    const pooled = poolStates(states, tensor(golden.masks[side] as number[][]), modes)
    expectClose(await pooled.data(), Float32Array.from(values), { scaled: 1e-6 })
  })
})

test.each(poolingModes)('%s: without a mask all tokens count', async (mode) => {
  const all = poolStates(states, tensor(new Array(3).fill([1, 1, 1, 1, 1])), [mode])
  expect(await poolStates(states, undefined, [mode]).toArray()).toEqual(await all.toArray())
})

test.each(poolingModes)('%s: gradients', async (mode) => {
  const mask = tensor([
    [0, 1, 1],
    [1, 1, 0],
  ])
  await checkGradients(
    (x) => poolStates(x, mask, [mode]),
    [tensor(hashedNumbers('x', 24), { dtype: 'float64' }).reshape([2, 3, 4])],
  )
})

test('modes that are none are refused', () => {
  expect(() => poolStates(states, undefined, [])).toThrow(/expected one or more of 'cls'.*received none/)
  expect(() => poolStates(states, undefined, ['sum' as PoolingMode])).toThrow(/received 'sum'/)
})
