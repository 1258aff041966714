import { describe, expect, test } from 'vitest'
import { input, layers, model, ones, readKeras, sequential, type Tensor, writeKeras } from '../index.ts'

const x = ones([2, 4])
const dense = (name: string) => layers.dense({ units: 3, activation: 'tanh', name })

describe('models of parts of others', () => {
  test('what a layer of a sequence gives, after loading too', async () => {
    const made = sequential([input({ shape: [4] }), dense('first'), dense('second')])
    for (const whole of [made, await readKeras(await writeKeras(made))]) {
      const features = model({ inputs: whole.inputs, outputs: whole.getLayer('first').output })
      const wanted = whole.getLayer('first').apply(x)
      expect(await (await features.predict(x)).data()).toEqual(await wanted.data())
      expect(whole.outputs.map(({ shape }) => shape)).toEqual([[null, 3]])
      expect(whole.getLayer('second').input).toBe(whole.getLayer('first').output)
    }
  })

  test('a sequence that grows, and one without a shape', async () => {
    const late = sequential([dense('a')])
    expect(() => late.inputs).toThrow(/inputs: expected .*inputShape/)
    expect(() => late.getLayer('a').output).toThrow(/output: expected/)
    await late.predict(x)
    late.add(dense('b'))
    const features = model({ inputs: late.inputs, outputs: late.output })
    expect(await (await features.predict(x)).data()).toEqual(await (await late.predict(x)).data())
  })

  test('from the middle of a graph on, with the options of its calls', async () => {
    const place = input({ shape: [4] })
    const [first, drop, last] = [dense('first'), layers.dropout({ rate: 1 }), dense('last')]
    const h = first.apply(place)
    const whole = model({ inputs: place, outputs: last.apply(drop.apply(h, { training: true })) })
    const head = model({ inputs: h, outputs: [...whole.outputs, drop.output] })
    expect(head.modelInputs.map(({ shape }) => shape)).toEqual([[null, 3]])
    const [y, dropped] = await head.predict(first.apply(x))
    expect(await y?.data()).toEqual(await (await whole.predict(x)).data())
    expect(await dropped?.abs().max().item()).toBe(0)
    expect(head.weights).toEqual(last.weights)
    const again = await readKeras<readonly Tensor[]>(await writeKeras(head))
    expect(await (await again.predict(first.apply(x)))[0]?.data()).toEqual(await y?.data())
  })

  test('that leave out an input are refused', () => {
    const [a, b] = [input({ shape: [3], name: 'a' }), input({ shape: [3], name: 'b' })]
    const h = layers.add().apply([a, b])
    expect(() => model({ inputs: dense('d').apply(a), outputs: h })).toThrow(/inputs without 'a'/)
  })
})
