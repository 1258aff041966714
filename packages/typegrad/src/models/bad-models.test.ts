import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deserializeLayer } from '../doors/layers.ts'
import {
  FormatError,
  input,
  layers,
  model,
  optimizers,
  StateError,
  type SymbolicTensor,
  sequential,
  tensor,
} from '../index.ts'

describe('a functional graph', () => {
  const chain = () => {
    const x = input({ shape: [2], name: 'x' })
    const first = layers.dense({ units: 2, name: 'first' }).apply(x)
    const second = layers.dense({ units: 2, name: 'second' }).apply(first)
    return { x, first, second }
  }

  test('with a cycle names the layers around it', () => {
    const { x, first, second } = chain()
    // Nothing in the API lets a layer take what comes after it.
    ;(first.application.inputs as SymbolicTensor[])[0] = second
    expect(() => model({ inputs: x, outputs: second })).toThrow(
      "model: expected layers without a cycle, received 'second' → 'first' → 'second'.",
    )
  })

  test('so does a file with one, and one with an input that is missing', () => {
    const { x, second } = chain()
    const config = JSON.parse(JSON.stringify(model({ inputs: x, outputs: second, name: 'm' }).getConfig()))
    const history = config.layers[1].inboundNodes[0].args[0].config.kerasHistory
    history[0] = 'second'
    expect(() => deserializeLayer({ className: 'Functional', config })).toThrow(
      expect.objectContaining({
        code: 'format',
        message: expect.stringContaining("received 'first' → 'second' → 'first'."),
      }),
    )
    history[0] = 'nowhere'
    expect(() => deserializeLayer({ className: 'Functional', config })).toThrow(
      "config.json: 'm': expected layers that can be put in an order, received 'first', one of whose inputs is missing.",
    )
  })

  test('with an input that is missing names it', () => {
    const { x, second } = chain()
    const idle = input({ shape: [2], name: 'idle' })
    const both = layers.add().apply([second, idle])
    expect(() => model({ inputs: x, outputs: both })).toThrow(
      "received inputs without 'idle'. Add it to inputs.",
    )
  })

  test('with two layers of one name names them', () => {
    const { x, second } = chain()
    const twin = layers.dense({ units: 1, name: 'first' }).apply(second)
    const text = "expected layers of different names, received two named 'first'"
    expect(() => model({ inputs: x, outputs: twin })).toThrow(`model: ${text}`)
    const twins = [layers.dense({ units: 1, name: 'first' }), layers.dense({ units: 1, name: 'first' })]
    expect(() => sequential(twins)).toThrow(`sequential: ${text}`)
  })
})

describe('getLayer', () => {
  const made = sequential([
    layers.dense({ units: 1, inputShape: [2], name: 'a' }),
    layers.flatten({ name: 'b' }),
  ])
  test('by name and by place', () => {
    expect([made.getLayer('b').name, made.getLayer(0).name, made.getLayer(-1).name]).toEqual(['b', 'a', 'b'])
  })
  test('says what there is', () => {
    expect(() => made.getLayer('c')).toThrow("getLayer: expected one of 'a', 'b', received 'c'.")
    expect(() => made.getLayer(2)).toThrow('getLayer: expected a place among the 2 layers, received 2.')
    expect(() => made.getLayer(0.5)).toThrow('received 0.5')
  })
})

test.each(['mse', 'sparseTopKCategoricalAccuracy', 'auc'])(
  '%s on labels of a wrong shape says the shapes',
  async (metric) => {
    const made = sequential([layers.dense({ units: 3, inputShape: [2] })])
    made.compile({
      optimizer: 'sgd',
      loss: (_, yPred) => yPred.square().mean(-1),
      metrics: [metric],
    })
    const labels = [
      [1, 0],
      [0, 1],
    ]
    await expect(
      made.fit(
        [
          [1, 2],
          [3, 4],
        ],
        labels,
        { verbose: 0 },
      ),
    ).rejects.toThrow(/\[2, 3\].*\[2, 2\]|\[2, 2\].*\[2, 3\]/)
  },
)

describe("another model's optimizer", () => {
  const line = (name: string, units: number) => sequential([layers.dense({ units, inputShape: [1], name })])

  test('is refused before a step, and the weight is named', async () => {
    const optimizer = optimizers.adam()
    const [mine, other] = [line('mine', 1), line('other', 1)]
    mine.compile({ optimizer, loss: 'mse' })
    await mine.fit([1], [1], { verbose: 0 })
    other.compile({ optimizer, loss: 'mse' })
    const training = other.fit([1], [1], { verbose: 0 })
    await expect(training).rejects.toThrow(StateError)
    await expect(training).rejects.toThrow(/received other\/kernel \[1, 1\], which is none of them/)
  })

  test("is refused as a file's state, and the model stays as it was", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'typegrad-other-'))
    try {
      const [mine, other] = [line('mine', 1), line('mine', 1)]
      mine.compile({ optimizer: 'adam', loss: 'mse' })
      await mine.saveTrainingState(join(folder, 'state'), { extra: {}, tensors: {} })
      other.compile({ optimizer: 'sgd', loss: 'mse' })
      other.setWeights([tensor([[5]]), tensor([6])])
      const loading = other.loadTrainingState(join(folder, 'state'))
      await expect(loading).rejects.toThrow(FormatError)
      await expect(loading).rejects.toThrow(/optimizer\.safetensors: expected the \d+ tensors of this model/)
      expect(await other.getWeights()[0]?.item()).toBe(5)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
