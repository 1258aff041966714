import { describe, expect, test } from 'vitest'
import {
  compile,
  layers as factories,
  type Tensor,
  tensor,
  Variable,
  valueAndGrad,
  zeros,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'
import { type MaskRule, type MaskSource, maskRules, preprocessing } from '../../testing/mask-rules.ts'
import { layerClasses } from '../classes.ts'
import { withActivityPenalties } from './activity.ts'
import type { Layer } from './layer.ts'
import { type Mask, maskOf, remasked } from './masks.ts'
import type { Outputs } from './symbolic.ts'

interface Config {
  readonly [option: string]: unknown
}

interface MaskCase {
  readonly layer: string
  readonly config: Config
  readonly inputs: readonly GoldenTensor[]
  /** One for each input. */
  readonly masks: readonly (GoldenTensor | null)[]
  readonly training: boolean
  /** In Keras's order. */
  readonly weights: readonly { readonly name: string; readonly value: GoldenTensor }[]
  readonly outputs: readonly GoldenTensor[]
  readonly outputMasks: readonly (GoldenTensor | null)[]
  /** What the layer's activity costs. */
  readonly penalty: GoldenTensor
  readonly cotangents: readonly GoldenTensor[]
  /** Of Σ outputs · cotangents + penalty / 2; null for inputs that are not floating. */
  readonly inputGradients: readonly (GoldenTensor | null)[]
  readonly weightGradients: readonly GoldenTensor[]
  /** Weights that a call has changed, by name. */
  readonly updated: Readonly<Record<string, GoldenTensor>>
  readonly note?: string
}

const { cases } = readGolden<{ cases: readonly MaskCase[] }>('masks.json')

/** In configurations a layer inside of another one is { layer, config }. */
function make(layer: string, config: Config): Layer<Outputs> {
  const nested = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(nested)
    const { layer: name, config: options } = (value ?? {}) as { layer?: string; config?: Config }
    return name === undefined ? value : make(name, options as Config)
  }
  const options = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, nested(value)]))
  return (factories as unknown as Record<string, (options: Config) => Layer<Outputs>>)[layer]?.(
    options,
  ) as Layer<Outputs>
}

const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
/** Names of layers within others count through the process: their own weights' names are compared. */
const lastPart = (name: string): string => camelCase(name.slice(name.lastIndexOf('/') + 1))
const listed = (outputs: Outputs): readonly Tensor[] =>
  Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor]
const one = <T>(items: readonly T[]): T => (items.length === 1 ? items[0] : items) as T

/** What a layer gives for the inputs of a case. */
async function run(golden: MaskCase, isMasked: boolean) {
  const { training, cotangents, inputGradients } = golden
  const layer = make(golden.layer, golden.config)
  const inputs = golden.inputs.map((input, i) => new Variable(fromGolden(input), { name: `x${i}` }))
  const masks = golden.masks.map((mask) => (mask === null || !isMasked ? undefined : fromGolden(mask)))
  layer.ensureBuilt(one(inputs.map(({ shape }) => shape)) as number[])
  layer.setWeights(golden.weights.map(({ value }) => fromGolden(value)))
  const watched = [...inputs.filter((_, i) => inputGradients[i] !== null), ...layer.trainableWeights]
  const compute = compile((directions: readonly Tensor[], known: readonly Mask[]) => {
    let outputs: readonly Tensor[] = []
    let penalty = zeros([]) as Tensor
    const { grads } = valueAndGrad(() => {
      const given = inputs.map((input, i) => remasked(input.value as Tensor, known[i]))
      const { value, penalties } = withActivityPenalties(() =>
        listed(layer.apply(one(given) as Outputs, { training })),
      )
      outputs = value
      penalty = penalties.reduce((a, b) => a.add(b) as Tensor, penalty)
      const products = outputs.map((y, i) => y.mul(directions[i] as Tensor).sum() as Tensor)
      return products.reduce((a, b) => a.add(b) as Tensor, penalty.mul(0.5) as Tensor)
    }, watched)
    const outputMasks = outputs.map((y) => maskOf(y) ?? null)
    return { outputs, outputMasks, penalty, grads }
  })
  const results = await compute(
    cotangents.map((t) => fromGolden(t)),
    masks,
  )
  return { ...results, layer, watched }
}

function title({ layer, config, masks, inputs, training, note }: MaskCase): string {
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  const shapes = inputs.map(({ shape }, i) => `[${shape}]${masks[i] === null ? '' : ' masked'}`)
  const parts = [layer, ...options, `of ${shapes.join(', ')}`, ...(training ? ['training'] : [])]
  return `${parts.join(', ')}${note === undefined ? '' : ` (${note})`}`
}

/** Without the first samples. */
const behind = (x: Tensor, samples: number): Tensor =>
  samples === 0
    ? x
    : x.slice(
        [samples, ...x.shape.slice(1).map(() => 0)],
        x.shape.map((size, i) => (i === 0 ? size - samples : size)),
      )

function behindGolden(golden: GoldenTensor, samples: number): GoldenTensor {
  if (samples === 0) return golden
  const [all, ...rest] = golden.shape as [number, ...number[]]
  const width = rest.reduce((a, b) => a * b, 1)
  return { ...golden, shape: [all - samples, ...rest], data: golden.data.slice(samples * width) }
}

async function compare(what: string, actual: Tensor, golden: GoldenTensor): Promise<void> {
  expect(actual.shape, `${what}: shape`).toEqual(golden.shape)
  expectClose(await actual.data(), goldenValues(golden), {}, what)
}

/**
 * Keras hands the mask of (batch, time, words) on behind a layer that has taken the words away, where it fits nothing.
 * Here a step counts if a word of it does.
 */
function fittingMask(mask: GoldenTensor | null, { shape }: GoldenTensor): GoldenTensor | null {
  if (mask === null || mask.shape.length <= 2) return mask
  if (mask.shape.length < shape.length && mask.shape.every((size, i) => size === shape[i])) return mask
  const [batch, time, ...rest] = mask.shape as [number, number, ...number[]]
  const words = rest.reduce((a, b) => a * b, 1)
  const values = goldenValues(mask)
  const data = Array.from({ length: batch * time }, (_, i) =>
    Math.max(...values.slice(i * words, (i + 1) * words)),
  )
  return { ...mask, shape: [batch, time], data }
}

/**
 * Samples (the first ones) whose keys are all masked. There Keras's `Attention` and `AdditiveAttention` lower all scores by
 * 1e9, which makes their softmax even whatever they are, and still has a gradient for them (tools/differential/keras-differs.md).
 */
function blindSamples({ layer, masks }: MaskCase): number {
  const mask = masks[1]
  if (!['attention', 'additiveAttention'].includes(layer) || mask == null) return 0
  const [samples, keys] = mask.shape as [number, number]
  const isBlind = (i: number) =>
    goldenValues(mask)
      .slice(i * keys, (i + 1) * keys)
      .every((value) => value === 0)
  return Array.from({ length: samples }, (_, i) => i).filter(isBlind).length
}

/** A kernel's gradient is by the normalized one, as on PyTorch and TensorFlow; these values come from JAX. */
const isOtherOnJax = (golden: MaskCase): boolean =>
  golden.training && /spectralNormalization/.test(golden.layer + JSON.stringify(golden.config))

describe('masks against Keras', () => {
  test.each(cases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
    const { outputs, outputMasks, penalty, grads, layer, watched } = await run(golden, true)
    expect(outputs.length).toBe(golden.outputs.length)
    for (const [i, y] of outputs.entries()) {
      const expected = golden.outputs[i] as GoldenTensor
      await compare(`output ${i}`, y, expected)
      const theirs = golden.outputMasks[i] ?? null
      const mask = golden.layer === 'timeDistributed' ? fittingMask(theirs, expected) : theirs
      const own = outputMasks[i] as Tensor | null
      expect(own === null, `mask of output ${i}: none`).toBe(mask === null)
      if (own !== null && mask !== null)
        await compare(`mask of output ${i}`, own.cast('float32') as Tensor, mask)
    }
    await compare('penalty', penalty, golden.penalty)
    const expected = [...golden.inputGradients.filter((g) => g !== null), ...golden.weightGradients]
    expect(grads.length).toBe(expected.length)
    for (const [i, g] of grads.entries()) {
      if (isOtherOnJax(golden) && (watched[i] as Variable).name.endsWith('/kernel')) continue
      const blind = blindSamples(golden)
      // What the scores of these give to weights is in the sums.
      if (blind > 0 && i >= golden.inputs.length) continue
      await compare(
        `gradient of ${(watched[i] as Variable).name}`,
        behind(g, blind),
        behindGolden(expected[i] as GoldenTensor, blind),
      )
    }
    for (const [i, weight] of layer.weights.entries()) {
      const { name, value } = golden.weights[i] as MaskCase['weights'][number]
      expect(lastPart(weight.name)).toBe(lastPart(name))
      await compare(`${name} after the call`, weight.value as Tensor, golden.updated[name] ?? value)
    }
  })
})

/**
 * Classes that the cases cannot show: what stands for them is below, Keras's jax spreads their mask over the wrong axes
 * (ConvLSTM), or they are no layers of a model.
 */
const shownElsewhere = [
  'ConvLSTM1D',
  'ConvLSTM2D',
  'ConvLSTM3D',
  'InputLayer',
  'Lambda',
  'ConvLSTMCell',
  'GRUCell',
  'LSTMCell',
  'SimpleRNNCell',
  'StackedRNNCells',
  'Normalization',
  'Pipeline',
  ...preprocessing,
]

describe('the table', () => {
  const byClass = new Map<string, MaskCase[]>()
  for (const golden of cases) {
    const { className } = make(golden.layer, golden.config)
    byClass.set(className, [...(byClass.get(className) ?? []), golden])
  }

  test('has all classes that Keras has, each with cases of Keras', () => {
    const shown = [...byClass.keys(), ...shownElsewhere].sort()
    expect(shown).toEqual(Object.keys(maskRules).sort())
    const { cases: catalogue } = readGolden<{ cases: readonly { module: string; name: string }[] }>(
      'catalogue.json',
    )
    const inKeras = catalogue.filter(({ module, name }) => module === 'layers' && layerClasses.has(name))
    expect(inKeras.length).toBeGreaterThan(80)
    expect(inKeras.map(({ name }) => name).filter((name) => !(name in maskRules))).toEqual([])
  })

  test.each([...byClass])('says what %s makes of a mask', async (className, found) => {
    const { heeds, output } = maskRules[className] as MaskRule
    for (const golden of found) {
      const [first = null] = golden.masks
      const [mask = null] = golden.outputMasks
      const flat = (m: GoldenTensor | null) => m && [...goldenValues(m)]
      const expectations: Readonly<Record<MaskSource, () => void>> = {
        same: () => expect(flat(mask), title(golden)).toEqual(flat(first)),
        none: () => expect(mask, title(golden)).toBeNull(),
        sequences: () => {
          if (mask !== null) expect(flat(mask), title(golden)).toEqual(flat(first))
        },
        wrapped: () =>
          expect(mask !== null, title(golden)).toBe(JSON.stringify(golden.config).includes('dense')),
        made: () => expect(mask?.shape ?? golden.inputs[0]?.shape).toBeDefined(),
        either: () => expect(mask !== null, title(golden)).toBe(golden.masks.every((m) => m !== null)),
        joined: () => expect(mask !== null, title(golden)).toBe(golden.masks.some((m) => m !== null)),
        fitting: () => expect(mask !== null, title(golden)).toBe(first !== null),
        option: () => expect.unreachable(),
      }
      expectations[output]()
    }
    const changed = []
    for (const golden of found) {
      const { outputs, layer } = await run(golden, false)
      const values = [...outputs, ...layer.weights.map((weight) => weight.value as Tensor)]
      const masked = [
        ...golden.outputs,
        ...golden.weights.map(({ name, value }) => golden.updated[name] ?? value),
      ]
      for (const [i, value] of values.entries()) {
        const own = await value.data()
        const theirs = goldenValues(masked[i] as GoldenTensor)
        changed.push(own.some((v, k) => !(Math.abs(Number(v) - (theirs[k] as number)) < 1e-4)))
      }
    }
    expect(changed.includes(true), `${className} heeds masks`).toBe(heeds)
  })
})

test('masked steps of images change nothing: what follows the last step is padding', async () => {
  const layer = factories.convLSTM2d({ filters: 2, kernelSize: 2, padding: 'same' })
  const steps = Array.from({ length: 24 }, (_, i) => Math.sin(i))
  const [whole, short] = [
    tensor(steps, { shape: [1, 4, 2, 3, 1] }),
    tensor(steps.slice(0, 12), { shape: [1, 2, 2, 3, 1] }),
  ] as Tensor[]
  const mask = tensor([[true, true, false, false]], { dtype: 'bool' }) as Tensor
  const masked = layer.apply(remasked(whole as Tensor, mask))
  expectClose(await masked.data(), Array.from(await layer.apply(short as Tensor).data(), Number))
})

describe('a lambda', () => {
  const x = () =>
    remasked(tensor([[[1], [2]]]) as Tensor, tensor([[true, false]], { dtype: 'bool' }) as Tensor)

  test('ends the mask, of which its function is told', async () => {
    let seen: Mask
    const layer = factories.lambda((t, { mask }) => {
      seen = mask
      return t.mul(2)
    })
    expect(maskOf(layer.apply(x()))).toBeUndefined()
    expect(await seen?.toArray()).toEqual([[1, 0]])
  })

  test('has the mask that an option makes', async () => {
    const kept = factories.lambda({ function: (t: Tensor) => t.mul(2) as Tensor, mask: (_, mask) => mask })
    expect(await maskOf(kept.apply(x()))?.toArray()).toEqual([[1, 0]])
    const given = tensor([[false, true]], { dtype: 'bool' }) as Tensor
    const fixed = factories.lambda({ function: (t: Tensor) => t.mul(2) as Tensor, mask: given })
    expect(await maskOf(fixed.apply(x()))?.toArray()).toEqual([[0, 1]])
  })
})
