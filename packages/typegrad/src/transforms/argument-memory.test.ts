import { expect, test, vi } from 'vitest'
import { getEngine } from '../engine/select.ts'
import { compile, type Tensor, tensor } from '../index.ts'

test('small arguments take no memory of their own at each call, and never each other’s values', async () => {
  const double = compile((x: Tensor) => x.mul(2))
  const at = (i: number) => tensor([i, i + 0.5])
  await double(at(0))
  const engine = getEngine()
  if (engine === undefined) throw new Error('the first call starts an engine')
  const [upload, allocate] = [vi.spyOn(engine, 'upload'), vi.spyOn(engine, 'allocate')]
  // None is awaited before the next begins.
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => double(at(i))))
  for (const [i, result] of results.entries()) expect(await result.toArray()).toEqual([2 * i, 2 * i + 1])
  expect(upload).not.toHaveBeenCalled()
  expect(allocate).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

test('what the engine knows is read where it stands, and large ones keep theirs', async () => {
  const sum = compile((x: Tensor) => x.sum())
  const small = await tensor([1, 2, 3]).add(1).evaluate()
  expect(await (await sum(small)).item()).toBe(9)
  const large = tensor(new Float32Array(5000).fill(1))
  expect(await (await sum(large)).item()).toBe(5000)
  const engine = getEngine()
  if (engine === undefined) throw new Error('the first call starts an engine')
  const upload = vi.spyOn(engine, 'upload')
  expect(await (await sum(large)).item()).toBe(5000)
  expect(upload).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})
