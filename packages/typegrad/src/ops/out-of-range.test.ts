import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, layers, ops, setEngine, tensor } from '../index.ts'
import { createWebEngine, type Engine } from '../testing/engines.ts'

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  native: () => createEngine(),
  'native without kernels': () => createEngine({ kernels: false }),
  WebAssembly: () => createWebEngine(),
}

describe.each(Object.keys(engines))('an index beyond its axis, on the %s engine', (name) => {
  beforeAll(async () => {
    setEngine(await (engines[name] as () => Promise<Engine>)())
  })
  const x = tensor([1, 2, 3])

  it.each([3, -4])('gather names the index %i and the range', async (index) => {
    await expect(ops.gather(x, [0, index]).data()).rejects.toThrow(
      `gather: expected indices from -3 to 2, received ${index}.`,
    )
  })

  it('scatterAdd does as well, and adds nothing', async () => {
    await expect(ops.scatterAdd(x, [3], [1]).data()).rejects.toThrow(
      'scatterAdd: expected indices from -3 to 2, received 3.',
    )
    expect(await ops.scatterAdd(x, [-1], [1]).toArray()).toEqual([1, 2, 4])
  })

  it('takeAlongAxis as well', async () => {
    const beyond = ops.takeAlongAxis(x, [0, 3, 1])
    await expect(beyond.data()).rejects.toThrow('takeAlongAxis: expected indices from -3 to 2, received 3.')
    expect(await ops.takeAlongAxis(x, [-1, 0, 1]).toArray()).toEqual([3, 1, 2])
  })

  it('an embedding names itself', async () => {
    const words = layers.embedding({ inputDim: 10, outputDim: 2, name: 'words' })
    await expect(words.apply(tensor([[1, 12]], { dtype: 'int32' })).data()).rejects.toThrow(
      'words: expected indices from -10 to 9, received 12.',
    )
  })

  it('a layer is named whose call picks', async () => {
    const beyond = tensor([[1, 5]], { dtype: 'int32' })
    const picks = layers.lambda({ function: (x) => ops.gather(tensor([1, 2, 3]), x), name: 'picks' })
    await expect(picks.apply(beyond).data()).rejects.toThrow(
      'picks: expected indices from -3 to 2, received 5.',
    )
    const along = layers.lambda({ function: (x) => ops.takeAlongAxis(tensor([[1, 2, 3]]), x), name: 'along' })
    await expect(along.apply(tensor([[5]], { dtype: 'int32' })).data()).rejects.toThrow(
      'along: takeAlongAxis: expected indices from -3 to 2, received 5.',
    )
    // What comes behind the layer is not its own.
    const behind = ops.gather(picks.apply(tensor([0], { dtype: 'int32' })), [4])
    await expect(behind.data()).rejects.toThrow('gather: expected indices from -1 to 0, received 4.')
  })
})
