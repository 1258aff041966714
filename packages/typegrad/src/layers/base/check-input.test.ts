import { expect, test } from 'vitest'
import type { HostArray } from '../../data/host-array.ts'
import { DataError, input, Layer, layers, model, sequential, type Tensor } from '../../index.ts'

/** Takes shares alone. */
class Share extends Layer {
  readonly className = 'Share'
  override checkInput(where: string, { data }: HostArray): undefined {
    const at = Array.from<number | bigint, number>(data, Number).findIndex((value) => value < 0 || value > 1)
    if (at === -1) return
    throw new DataError({
      where,
      expected: `shares for '${this.name}'`,
      received: `${data[at]} in sample ${at}`,
    })
  }
  call(x: Tensor): Tensor {
    return x
  }
}

test('a layer of any class looks at data that it takes as it comes, in models within models too', async () => {
  const inner = sequential([input({ shape: [1] }), new Share({ name: 'share' })])
  const [left, right] = [input({ shape: [1], name: 'left' }), input({ shape: [1], name: 'right' })]
  const whole = model({ inputs: [left, right], outputs: layers.add().apply([left, inner.apply(right)]) })
  const [first, second] = [
    [[7], [8]],
    [[0.25], [0.5]],
  ]
  expect(await (await whole.predict([first, second])).toArray()).toEqual([[7.25], [8.5]])
  await expect(whole.predict([second, first])).rejects.toThrow(
    "expected shares for 'share', received 7 in sample 0",
  )
  whole.compile({ loss: 'mse' })
  await expect(whole.fit([first, [[0], [1.5]]], [[0], [0]])).rejects.toThrow(/fit.*received 1\.5 in sample 1/)
})

test('embeddings say which index is none', async () => {
  const one = sequential([layers.embedding({ inputDim: 3, outputDim: 2, inputShape: [2], name: 'words' })])
  await expect(
    one.predict([
      [0, 1],
      [2, 3],
    ]),
  ).rejects.toThrow(/whole numbers from 0 to 2 for 'words'.*3 in sample 1/)
})
