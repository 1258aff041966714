import { expect, test } from 'vitest'
import {
  createEngine,
  defaultEngine,
  evaluateAll,
  random,
  setEngine,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../index.ts'
import { independentParts } from './independent-parts.ts'

const nodes = (tensors: readonly Tensor[]) => tensors.map(({ node }) => node)

test('outputs that share a computation belong together, those that share leaves do not', () => {
  const x = tensor([1, 2])
  const shared = x.exp()
  const [a, b, c, d] = [shared.add(1), x.sin(), shared.mul(2), x.cos().add(x.sin())] as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  expect(independentParts(nodes([a, b, c, d]))).toEqual([[0, 2], [1], [3]])
  // An output that another one is made from, a leaf, and the same one twice.
  expect(independentParts(nodes([shared, x, a, b, b]))).toEqual([[0, 2], [1], [3, 4]])
  expect(independentParts(nodes([a.mul(b).mul(d), d, c]))).toEqual([[0, 1, 2]])
})

test('many tensors of few kinds are computed by few models, with the numbers that they would have had', async () => {
  const loaded: number[] = []
  const inner = await createEngine()
  setEngine({
    name: inner.name,
    language: inner.language,
    device: inner.device,
    kernelSupport: inner.kernelSupport,
    allocate: (...args) => inner.allocate(...args),
    upload: (...args) => inner.upload(...args),
    write: (...args) => inner.write(...args),
    read: (storage) => inner.read(storage),
    load: (model, kernels) => {
      loaded.push(model.length)
      return inner.load(model, kernels)
    },
  })
  const draw = () => {
    setRandomSeed(9)
    return Array.from({ length: 120 }, (_, i) => random.normal([3 + (i % 2), 2]))
  }
  const together = draw()
  await evaluateAll(together)
  expect(loaded.length).toBe(2)
  const alone = draw()
  for (const [i, one] of alone.entries()) expect(await one.data()).toEqual(await together[i]?.data())
  setEngine(await defaultEngine())
})
