import { tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { expect, test } from 'vitest'
import { ctcIds } from './ctc.ts'

/** Logits in which one class of each frame is the likeliest. */
const likeliest = (frames: readonly number[]) =>
  frames.map((best) => Array.from({ length: 4 }, (_, k) => (k === best ? 5 : -k)))

test('repetitions count once, unless a blank stands between', async () => {
  const logits = tensor([likeliest([0, 1, 1, 0, 1, 2, 2, 3]), likeliest([3, 3, 3, 3, 0, 0, 0, 0])])
  expect(await ctcIds(logits)).toEqual([[1, 1, 2, 3], [3]])
})

test('another blank, and fewer frames', async () => {
  const logits = tensor([likeliest([0, 3, 0, 1]), likeliest([2, 3, 2, 2])])
  expect(await ctcIds(logits, { blank: 3, frames: [3, 4] })).toEqual([
    [0, 0],
    [2, 2],
  ])
})

test('a blank that is no class is refused', async () => {
  await expect(ctcIds(tensor([likeliest([0])]), { blank: 4 })).rejects.toThrow(ArgumentError)
})
