import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  input,
  type LoadWeightsOptions,
  layers,
  type Model,
  model,
  readSafetensors,
  sequential,
  type Tensor,
  tensor,
  type Variable,
  writeSafetensors,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const golden = (name: string): string =>
  fileURLToPath(new URL(`../../golden/torch-weights/${name}`, import.meta.url))

interface Described {
  readonly shape: number[]
  readonly data: number[]
}
const outputs = JSON.parse(readFileSync(golden('outputs.json'), 'utf8')) as Readonly<
  Record<'attention' | 'convolution', { readonly x: Described; readonly y: Described }>
>
const tensorOf = ({ shape, data }: Described): Tensor => tensor(data).reshape(shape)

async function expectOutputs(made: Model, { x, y }: { readonly x: Described; readonly y: Described }) {
  const predicted = await made.predict(tensorOf(x))
  expect(predicted.shape).toEqual(y.shape)
  const values = await predicted.data()
  y.data.forEach((value, i) => {
    expect(Math.abs((values[i] as number) - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)))
  })
}

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-weights-'))
})
afterEach(() => rmSync(root, { recursive: true }))
const at = (name: string): string => join(root, name)

describe("PyTorch's checkpoints", () => {
  /** Two blocks of attention and an MLP, in layers of Keras's. */
  function attention(): Model {
    const x = input({ shape: [5, 8] })
    let h = x
    for (const i of [0, 1]) {
      const y = layers.layerNormalization({ epsilon: 1e-5, name: `ln1_${i}` }).apply(h)
      h = h.add(layers.multiHeadAttention({ numHeads: 2, keyDim: 4, name: `attn_${i}` }).apply([y, y]))
      const z = layers.layerNormalization({ epsilon: 1e-5, name: `ln2_${i}` }).apply(h)
      const hidden = layers.dense({ units: 12, activation: 'gelu', name: `up_${i}` }).apply(z)
      h = h.add(layers.dense({ units: 8, name: `down_${i}` }).apply(hidden))
    }
    return model({ inputs: x, outputs: layers.dense({ units: 3, name: 'head' }).apply(h) })
  }

  const attentionRules: LoadWeightsOptions = {
    split: {
      '**.in_proj_weight': ['**.query.weight', '**.key.weight', '**.value.weight'],
      '**.in_proj_bias': ['**.query.bias', '**.key.bias', '**.value.bias'],
    },
    map: {
      'h.*.ln_*.weight': (block, norm) => `ln${norm}_${block}/gamma`,
      'h.*.ln_*.bias': (block, norm) => `ln${norm}_${block}/beta`,
      'h.*.attn.out_proj.weight': 'attn_*/attention_output/kernel',
      'h.*.attn.out_proj.bias': 'attn_*/attention_output/bias',
      'h.*.attn.*.weight': 'attn_*/*/kernel',
      'h.*.attn.*.bias': 'attn_*/*/bias',
      'h.*.mlp.0.weight': 'up_*/kernel',
      'h.*.mlp.0.bias': 'up_*/bias',
      'h.*.mlp.2.weight': 'down_*/kernel',
      'h.*.mlp.2.bias': 'down_*/bias',
      'head.weight': 'head/kernel',
      'head.bias': 'head/bias',
    },
    transpose: { '**.weight': true },
    reshape: { '**.attn.**': true },
  }

  test('attention with a fused projection, and an MLP', async () => {
    const made = attention()
    const report = await made.loadWeights(golden('attention.safetensors'), attentionRules)
    expect(report.loaded).toHaveLength(made.weights.length)
    expect({ ...report, loaded: [] }).toEqual({
      loaded: [],
      missing: [],
      unexpected: [],
      mismatched: [],
      unused: [],
    })
    await expectOutputs(made, outputs.attention)
  })

  test('convolutions in bfloat16, with batch normalization', async () => {
    const made = sequential([
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        useBias: false,
        inputShape: [6, 7, 2],
        name: 'conv1',
      }),
      layers.batchNormalization({ epsilon: 1e-5, name: 'bn1' }),
      layers.activation({ activation: 'relu' }),
      layers.conv2d({ filters: 6, kernelSize: [2, 3], strides: 2, name: 'conv2' }),
      layers.batchNormalization({ epsilon: 1e-5, name: 'bn2' }),
      layers.activation({ activation: 'relu' }),
      layers.globalAveragePooling2d(),
      layers.dense({ units: 3, name: 'fc' }),
    ])
    await made.loadWeights(golden('convolution.safetensors'), {
      map: {
        'bn*.weight': 'bn*/gamma',
        'bn*.bias': 'bn*/beta',
        'bn*.running_mean': 'bn*/moving_mean',
        'bn*.running_var': 'bn*/moving_variance',
        '*.num_batches_tracked': null,
        '*.weight': '*/kernel',
        '*.bias': '*/bias',
      },
      transpose: { 'conv*.weight': [2, 3, 1, 0], 'fc.weight': true },
    })
    await expectOutputs(made, outputs.convolution)
  })

  test('the same from shards, and read instead of mapped', async () => {
    const file = await readSafetensors(golden('attention.safetensors'))
    const tensors: [string, Tensor][] = []
    for (const name of file.tensors.keys()) tensors.push([name, await file.tensor(name)])
    await writeSafetensors(at('model.safetensors'), tensors, { maxShardBytes: 1000 })
    const made = attention()
    await made.loadWeights(at('model.safetensors.index.json'), { ...attentionRules, mmap: false })
    await expectOutputs(made, outputs.attention)
  })
})

describe('rules', () => {
  const make = () =>
    sequential([
      layers.dense({ units: 3, inputShape: [2], name: 'a' }),
      layers.dense({ units: 1, name: 'b' }),
    ])
  const ones = (shape: number[], from = 1) =>
    tensor(Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, i) => from + i)).reshape(shape)
  const whole = () => ({
    'a.w': ones([3, 2]),
    'a.b': ones([3], 10),
    'b.w': ones([1, 3], 20),
    'b.b': ones([1], 30),
  })
  const rules: LoadWeightsOptions = {
    map: { '*.w': '*/kernel', '*.b': '*/bias' },
    transpose: { '*.w': true },
  }
  const expected = [1, 3, 5, 2, 4, 6, 10, 11, 12, 20, 21, 22, 30]

  test('names by structure serve as well', async () => {
    await writeSafetensors(at('x'), whole())
    const made = make()
    await made.loadWeights(at('x'), {
      ...rules,
      map: {
        'a.*': (what) => `layers/dense/${what === 'w' ? 'kernel' : 'bias'}`,
        'b.w': 'layers/dense_1/kernel',
        'b.b': 'b/bias',
      },
    })
    expect(await flatWeights(made)).toEqual(expected)
  })

  test('may be functions', async () => {
    await writeSafetensors(at('x'), { ...whole(), 'a.steps': ones([1]) })
    const made = make()
    await made.loadWeights(at('x'), {
      map: (name) => (name === 'a.steps' ? null : name.replace('.w', '/kernel').replace('.b', '/bias')),
      transpose: (_, { shape }) => (shape.length === 2 ? [1, 0] : undefined),
    })
    expect(await flatWeights(made)).toEqual(expected)
  })

  test('a file with the model’s own names needs no map', async () => {
    await writeSafetensors(at('x'), {
      'a/kernel': ones([2, 3]),
      'a/bias': ones([3]),
      'b/kernel': ones([3, 1]),
      'b/bias': ones([1]),
    })
    const made = make()
    await made.loadWeights(at('x'))
    expect(await flatWeights(made)).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 1, 2, 3, 1])
  })

  test('parts along any axis, of any sizes', async () => {
    // The columns of a: [3, 2]ᵀ beside [3, 1], which is b's kernel.
    await writeSafetensors(at('x'), { fused: ones([3, 3]), biases: ones([4]) })
    const made = make()
    await made.loadWeights(at('x'), {
      split: {
        fused: { into: ['a.w', 'b/kernel'], axis: -1, sizes: [2, 1] },
        biases: { into: ['a/bias', 'b/bias'], sizes: [3, 1] },
      },
      map: { 'a.w': 'a/kernel' },
      transpose: { 'a.w': true },
    })
    expect(await flatWeights(made)).toEqual([1, 4, 7, 2, 5, 8, 1, 2, 3, 3, 6, 9, 4])
  })

  test.each(['float64', 'float16', 'bfloat16', 'float8e4m3', 'float8e5m2'] as const)(
    'values of %s become those of the weights',
    async (dtype) => {
      await writeSafetensors(at('x'), whole(), { dtype })
      const made = make()
      await made.loadWeights(at('x'), rules)
      const close = dtype === 'float8e5m2' ? 2 : dtype === 'float8e4m3' ? 1 : 1e-9
      for (const [i, value] of (await flatWeights(made)).entries())
        expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(close)
    },
  )

  test('everything that does not fit is one error, and nothing is changed', async () => {
    const { 'b.b': _, ...rest } = whole()
    await writeSafetensors(at('x'), { ...rest, 'b.w': ones([1, 4]), extra: ones([1]), 'c.w': ones([2]) })
    const made = make()
    const before = await flatWeights(made)
    await expect(
      made.loadWeights(at('x'), { ...rules, transpose: { 'b.w': true, '*.v': true } }),
    ).rejects.toMatchObject({
      code: 'format',
      message: [
        `${at('x')}: expected tensors for all 4 weights of this model, received 1 that fit;`,
        "nothing for 'b/bias'; besides 'extra', 'c.w' as 'c/kernel';",
        "of another shape or dtype 'a.w' float32 [3, 2] for 'a/kernel' float32 [2, 3],",
        "'b.w' float32 [4, 1] for 'b/kernel' float32 [3, 1];",
        "rules for tensors that it does not have, transpose: '*.v'.",
        "Say which is which: map: { 'extra': 'b/bias' }, null for what is not needed; strict: false loads what fits.",
      ].join(' '),
    })
    expect(await flatWeights(made)).toEqual(before)
  })

  test('a forgotten transposition is what the error suggests', async () => {
    await writeSafetensors(at('x'), whole())
    await expect(make().loadWeights(at('x'), { ...rules, transpose: {} })).rejects.toThrow(
      /PyTorch keeps \[out, in\] where a kernel is \[in, out\]: transpose: \{ 'a\.w': true \}\.$/,
    )
  })

  test('a long list is cut', async () => {
    const many = Array.from({ length: 40 }, (_, i) => [`x.${i}`, ones([1])] as const)
    await writeSafetensors(at('x'), [...Object.entries(whole()), ...many])
    await expect(make().loadWeights(at('x'), rules)).rejects.toThrow(/'x\.7' and 32 more\. Leave out/)
  })

  test('strict: false loads what fits and says what does not', async () => {
    const { 'b.b': _, ...rest } = whole()
    await writeSafetensors(at('x'), { ...rest, 'b.w': ones([1, 4]), extra: ones([1]) })
    const made = make()
    const before = await flatWeights(made)
    const report = await made.loadWeights(at('x'), {
      ...rules,
      reshape: { nothing: true },
      strict: false,
    })
    expect(report).toEqual({
      loaded: ['a/kernel', 'a/bias'],
      missing: ['b/bias'],
      unexpected: ['extra'],
      mismatched: [
        { weight: 'b/kernel', tensor: 'b.w', expected: 'float32 [3, 1]', received: 'float32 [4, 1]' },
      ],
      unused: ["reshape: 'nothing'"],
    })
    expect(await flatWeights(made)).toEqual([...expected.slice(0, 9), ...before.slice(9)])
  })

  test.each<[string, LoadWeightsOptions, RegExp]>([
    [
      'an axis twice',
      { ...rules, transpose: { '*.w': [0, 0] } },
      /transpose of 'a\.w': expected each of the 2 axes/,
    ],
    ['axes of another rank', { ...rules, transpose: { '*.w': [0, 1, 2] } }, /received \[0, 1, 2\]/],
    [
      'parts that do not make up a tensor',
      { ...rules, split: { 'a.b': ['x', 'y'] } },
      /expected 2 parts that make up axis 0 of \[3\], received 3 to be cut into 2/,
    ],
    [
      'sizes that do not',
      { ...rules, split: { 'a.b': { into: ['x'], sizes: [2] } } },
      /received sizes \[2\]/,
    ],
    [
      'an axis that there is not',
      { ...rules, split: { 'a.b': { into: ['x'], axis: 1 } } },
      /an axis of its shape \[3\], received 1/,
    ],
    [
      'two tensors for a weight',
      { map: { '*.w': 'a/kernel' } },
      /map: expected one tensor for the weight 'a\/kernel', received '[ab]\.w' and '[ab]\.w'/,
    ],
    ['more stars than captures', { map: { '*.w': '*/*' } }, /map of '\*\.w': expected at most 1 stars/],
    [
      'a map that is a list',
      { map: ['a'] as never },
      /map: expected a table by names of the file, or a function/,
    ],
    ['a map to a number', { map: { a: 3 } as never }, /map of 'a': expected the name of a weight/],
    [
      'a function that returns a number',
      { map: (() => 3) as never },
      /map of '.*': expected the name of a weight/,
    ],
    ['a rule that is true', { transpose: true as never }, /transpose: \{ '\*\*\.weight': … \}/],
    ['an unknown option', { maps: {} } as never, /Did you mean map\?/],
  ])('refuse %s', async (_, options, message) => {
    await writeSafetensors(at('x'), whole())
    const made = make()
    const before = await flatWeights(made)
    await expect((async () => made.loadWeights(at('x'), options))()).rejects.toMatchObject({
      code: 'argument',
      message: expect.stringMatching(message),
    })
    expect(await flatWeights(made)).toEqual(before)
  })

  test('are refused for a file of HDF5', async () => {
    await expect(make().loadWeights(at('x.h5'), rules)).rejects.toMatchObject({
      code: 'argument',
      message: `loadWeights: map, transpose: expected a file of safetensors, for which these options are, received '${at('x.h5')}', a file of HDF5.`,
    })
    await expect(make().saveWeights(at('x.h5'), { dtype: 'bfloat16' })).rejects.toMatchObject({
      code: 'argument',
    })
  })
})

test('a model that was loaded and forgotten keeps nothing', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await writeSafetensors(at('x'), { 'a/kernel': tensor([[1]]), 'a/bias': tensor([2]) })
  const load = async () => {
    const made = sequential([layers.dense({ units: 1, inputShape: [1], name: 'a' })])
    await made.loadWeights(at('x'))
    return new WeakRef(made.weights[0] as Variable)
  }
  const kept = await load()
  for (let i = 0; i < 50 && kept.deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    collect()
  }
  expect(kept.deref()).toBeUndefined()
})

describe('weights that typegrad saved', () => {
  const make = () =>
    sequential([
      layers.dense({ units: 3, inputShape: [2] }),
      layers.batchNormalization(),
      layers.dense({ units: 1 }),
    ])

  test.each(['bfloat16', 'float16', 'float8e5m2'] as const)(
    'in %s and in shards come back',
    async (dtype) => {
      const [saved, loaded] = [make(), make()]
      await saved.saveWeights(at('m.safetensors'), { dtype: { '**/kernel': dtype }, maxShardBytes: 20 })
      const file = await readSafetensors(at('m.safetensors'))
      expect(file.tensors.get('layers/dense/kernel')?.stored).toBe(dtype)
      expect(file.tensors.get('layers/dense/bias')?.stored).toBe('float32')
      const report = await loaded.loadWeights(at('m.safetensors'))
      expect(report.loaded).toHaveLength(8)
      const [a, b] = [await flatWeights(saved), await flatWeights(loaded)]
      // Half of the last bit that is kept: 2⁻³ for two bits of fraction.
      a.forEach((value, i) => {
        expect(Math.abs(value - (b[i] as number))).toBeLessThanOrEqual(Math.abs(value) / 8)
      })
      expect(a).not.toEqual(b)
    },
  )

  test('are checked against their checksums, unless that is not wanted', async () => {
    await make().saveWeights(at('m'))
    const bytes = readFileSync(at('m'))
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1
    writeFileSync(at('m'), bytes)
    const made = make()
    const before = await flatWeights(made)
    await expect(made.loadWeights(at('m'))).rejects.toThrow(/expected the checksum/)
    expect(await flatWeights(made)).toEqual(before)
    await made.loadWeights(at('m'), { verify: false })
    expect(await flatWeights(made)).not.toEqual(before)
  })

  test('train on from a mapped file, which stays as it is', async () => {
    const made = make()
    await made.saveWeights(at('m'))
    const bytes = readFileSync(at('m'))
    await made.loadWeights(at('m'))
    made.compile({ optimizer: 'sgd', loss: 'mse' })
    const before = await flatWeights(made)
    await made.fit(
      [
        [1, 2],
        [3, 4],
      ],
      [[1], [2]],
      { epochs: 3, verbose: 0 },
    )
    expect(await flatWeights(made)).not.toEqual(before)
    expect(readFileSync(at('m')).equals(bytes)).toBe(true)
    // Saving over the file that its own weights were mapped from.
    await made.loadWeights(at('m'))
    await made.saveWeights(at('m'))
    expect(readFileSync(at('m')).equals(bytes)).toBe(true)
  })
})
