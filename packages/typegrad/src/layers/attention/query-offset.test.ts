// Causal attention whose queries begin somewhere among the keys.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  FormatError,
  input,
  layers,
  model,
  ops,
  random,
  readKeras,
  setRandomSeed,
  type Tensor,
  tensor,
  writeKeras,
} from '../../index.ts'

interface Saved {
  readonly shape: number[]
  readonly data: number[]
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../../golden/query-offsets.json', import.meta.url), 'utf8'),
) as { cases: { queryOffset: number; inputs: Saved[]; rows: number[]; output: Saved }[] }
const restored = ({ data, shape }: Saved): Tensor => tensor(Float32Array.from(data), { shape })

describe.each(cases)('offset $queryOffset', ({ queryOffset, inputs, rows, output }) => {
  const given = inputs.map(restored)
  const [queries, keys] = given.map(({ shape }) => shape[1] as number) as [number, number]
  const wanted = output.data.map((value, i) =>
    rows[Math.floor(i / 4) % queries] === 1 ? expect.closeTo(value, 5) : expect.any(Number),
  )

  test('as PyTorch has it', async () => {
    const attention = layers.attention({ useCausalMask: true, queryOffset })
    expect([...(await attention.apply(given).data())]).toEqual(wanted)
    // Of the call, which goes before the layer's.
    const other = layers.attention({ queryOffset: 100 })
    const told = other.apply(given, { useCausalMask: true, queryOffset })
    expect([...(await told.data())]).toEqual(wanted)
  })

  if (queryOffset === keys - queries)
    test('is the end', async () => {
      const attention = layers.attention({ useCausalMask: true, queryOffset: 'end' })
      expect([...(await attention.apply(given).data())]).toEqual(wanted)
    })
})

test('queries one after another have the answers that all of them have at once', async () => {
  setRandomSeed(3)
  const heads = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, useCausalMask: true, slidingWindow: 2 })
  const grouped = layers.groupQueryAttention({
    headDim: 2,
    numQueryHeads: 4,
    numKeyValueHeads: 2,
    useCausalMask: true,
  })
  const x = random.normal([2, 3, 5])
  for (const layer of [heads, grouped]) {
    const whole = layer.apply([x, x])
    const steps = Array.from({ length: 3 }, (_, at) => {
      const [query, seen] = [x.slice([0, at, 0], [2, 1, 5]), x.slice([0, 0, 0], [2, at + 1, 5])]
      return layer.apply([query, seen], { queryOffset: at })
    })
    const wanted = Array.from<number | bigint, unknown>(await whole.data(), (value) =>
      expect.closeTo(Number(value), 5),
    )
    expect([...(await ops.concat(steps, 1).data())]).toEqual(wanted)
  }
})

test('is kept in configurations, refused in files of Keras, and checked', async () => {
  const [query, value] = [input({ shape: [2, 4] }), input({ shape: [5, 4] })]
  const made = (options: object) =>
    model({
      inputs: [query, value],
      outputs: layers.attention({ useCausalMask: true, ...options }).apply([query, value]),
    })
  expect(layers.attention({ queryOffset: 3 }).getConfig()).toMatchObject({ queryOffset: 3 })
  await expect(writeKeras(made({ queryOffset: 'end' }))).rejects.toThrow(FormatError)
  await expect(writeKeras(made({ queryOffset: 3 }))).rejects.toThrow(/queryOffset: 3/)
  expect((await readKeras(await writeKeras(made({ queryOffset: 0 })))).layers).toHaveLength(3)
  expect(() => layers.attention({ queryOffset: 0.5 })).toThrow(ArgumentError)
  const x = tensor([[[1, 2]]])
  expect(() => layers.attention().apply([x, x], { queryOffset: 'start' } as never)).toThrow(
    /whole number or 'end'/,
  )
})
