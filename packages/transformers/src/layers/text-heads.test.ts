import { tensor } from 'typegrad'
import { describe, expect, test } from 'vitest'
import { lastStates } from './text-heads.ts'

describe('the states of the last position that counts', () => {
  // Three texts of three positions with one feature each.
  const states = tensor([[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]) // biome-ignore format: texts
  const of = async (counted?: readonly (readonly boolean[])[]) =>
    await lastStates(states, counted && tensor(counted, { dtype: 'bool' })).toArray()

  test('with padding on either side', async () => {
    const [right, left, hole] = [[true, true, false], [false, true, true], [true, false, true]] // biome-ignore format: rows
    expect(await of([right, left, hole] as boolean[][])).toEqual([[2], [6], [9]])
  })

  test('without padding', async () => expect(await of()).toEqual([[3], [6], [9]]))

  test('the first one where none counts', async () => {
    const none = [false, false, false]
    expect(await of([none, [true, true, true], none])).toEqual([[1], [6], [7]])
  })
})
