import { optimizers, type Tensor, tensor, valueAndGrad } from 'typegrad'
import { evaluateAll, ops } from 'typegrad/core'
import { type AnyLayer, deserializeLayer, type Layer, serialize, weightPlaces } from 'typegrad/layers'
import { expectClose, fromGolden, goldenValues } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { expectNetwork, expectWeights, golden, type NameOf } from '../testing/golden-networks.ts'
import { MemberScales } from './batch-ensemble-dense.ts'
import { FeatureTransformer } from './feature-transformer.ts'
import { PiecewiseLinearEmbeddings } from './piecewise-linear-embeddings.ts'
import { batchSizeFor, progressSchedules } from './progress.ts'
import { RealMLP } from './real-mlp.ts'
import { inputStatistics } from './start-real-mlp.ts'
import { TabM, type TabMOptions } from './tabm.ts'

const { bins, cardinalities } = golden
const architectures = { tabm: 'tabm', 'tabm-mini': 'mini', 'tabm-packed': 'packed' } as const

/** `blocks/0/input_scale` → `backbone.blocks.0.0.r`. */
const tabMName =
  (isTransposed: boolean): NameOf =>
  (path) => {
    const fixed: Readonly<Record<string, string>> = {
      scale: 'backbone.affine.weight',
      'head/kernel': 'output.weight',
      'head/bias': 'output.bias',
      'embedding/line/kernel': 'num_module.linear0.weight',
      'embedding/line/bias': 'num_module.linear0.bias',
      'embedding/pieces/kernel': 'num_module.linear.weight',
    }
    if (fixed[path] !== undefined) return fixed[path]
    const [, block, name = ''] = path.split('/')
    const parts: Readonly<Record<string, string>> = {
      kernel: isTransposed ? 'weight.T' : 'weight',
      input_scale: 'r',
      output_scale: 's',
      bias: 'bias',
    }
    return `backbone.blocks.${block}.0.${parts[name]}`
  }

const readAgain = (layer: Layer<never>): Layer<never> =>
  deserializeLayer(JSON.parse(JSON.stringify(serialize(layer)))) as unknown as Layer<never>

describe('TabM is that of the package tabm:', () => {
  test.each(golden.tabm.filter(({ options }) => isWhole || options.embedded))('$name', async (given) => {
    const { arch, embedded } = given.options as { arch: keyof typeof architectures; embedded: boolean }
    const options: TabMOptions = {
      numbers: 3,
      categories: cardinalities,
      outputs: 3,
      members: 3,
      blocks: 2,
      units: 8,
      dropout: 0,
      architecture: architectures[arch],
      ...(embedded && { embedding: new PiecewiseLinearEmbeddings({ bins, units: 4 }) }),
    }
    const network = new TabM(options)
    const nameOf = tabMName(arch !== 'tabm-packed')
    await expectNetwork(network, given, nameOf)
    expect(readAgain(network).getConfig()).toEqual(network.getConfig())

    const inputs = given.inputs.map((one) => fromGolden(one))
    const labels = fromGolden(golden.labels)
    const optimizer = optimizers.sgd({ learningRate: 0.2, momentum: 0.9 })
    for (const expected of given.losses) {
      // A mean over rows and members: each member learns by itself.
      const { value, grads } = valueAndGrad(() => {
        const shares = ops.logSoftmax(network.apply(inputs, { training: true }))
        return ops.oneHot(labels, 3).expandDims(1).mul(shares).sum(-1).mean().neg() as Tensor
      }, network.trainableWeights)
      optimizer.apply(grads, network.trainableWeights)
      await evaluateAll([value, ...network.weights.map((weight) => weight.value)])
      expectClose([await value.item()], [expected], { scaled: 1e-5 })
    }
    await expectWeights(network, given.trained, nameOf, 2e-5)
  })

  test('members begin with one scale for the columns of a feature', async () => {
    const width = golden.chunks.sizes.reduce((sum, size) => sum + size, 0)
    const runs = (values: readonly number[]): number[] => {
      const lengths: number[] = []
      values.forEach((value, i) => {
        if (i > 0 && value === values[i - 1]) lengths.push((lengths.pop() as number) + 1)
        else lengths.push(1)
      })
      return lengths
    }
    const scales = await new MemberScales('normal', golden.chunks.sizes).initialize([3, width]).data()
    const theirs = goldenValues(golden.chunks.r)
    for (const member of [0, 1, 2]) {
      const own = Array.from(scales.subarray(member * width, (member + 1) * width), Number)
      expect(runs(own)).toEqual(runs(theirs.slice(member * width, (member + 1) * width)))
    }
    const signs = await new MemberScales('signs').initialize([40, 40]).data()
    expect([...new Set(Array.from(signs, Number))].sort((a, b) => a - b)).toEqual([-1, 1])
  })
})

const realMLPName =
  (hidden: number): NameOf =>
  (path) => {
    const fixed: Readonly<Record<string, string>> = {
      scale: 'mlp.0.scale',
      missing: 'num_missing',
      vectors: 'cat_emb',
      'waves/frequencies': 'plr_weight_1',
      'waves/phases': 'plr_bias_1',
      'waves/mixing/kernel': 'plr_weight_2',
      'waves/mixing/bias': 'plr_bias_2',
      'waves/missing': 'plr_missing',
      'head/kernel': `mlp.${1 + 4 * hidden}.weight`,
      'head/bias': `mlp.${2 + 4 * hidden}.bias`,
    }
    if (fixed[path] !== undefined) return fixed[path]
    const [, block, name = ''] = path.split('/')
    const places: Readonly<Record<string, string>> = { kernel: '1.weight', bias: '2.bias', slope: '3.weight' }
    const [at, what] = (places[name] ?? '').split('.')
    return what === undefined ? undefined : `mlp.${Number(at) + 4 * Number(block)}.${what}`
  }

describe('RealMLP is that of pytabkit:', () => {
  const { x, categories, sizes } = golden.realMlp

  test.each(golden.realMlp.cases)('$name', async (given) => {
    const { act, embedding } = given.options as { act: 'selu' | 'mish'; embedding: string }
    const network = new RealMLP({
      numbers: 4,
      categories: sizes,
      outputs: 3,
      hidden: [8, 6],
      activation: act,
      frequencies: embedding === 'pbld' ? 5 : 0,
      categoryUnits: 4,
    })
    network.ensureBuilt([
      [9, 4],
      [9, 4],
    ])
    const raw = await network.rawFeatures([fromGolden(x), fromGolden(categories)]).data()
    const { center, spread } = inputStatistics(
      Float64Array.from(raw as Float32Array),
      network.statistics.center.shape[0] as number,
    )
    expectClose(center, goldenValues(given.median), { scaled: 1e-6 }, 'medians')
    expectClose(spread, goldenValues(given.scale), { scaled: 1e-6 }, 'scales')
    network.statistics.center.assign(fromGolden(given.median))
    network.statistics.spread.assign(fromGolden(given.scale))
    const nameOf = realMLPName(2)
    await expectNetwork(network, given, nameOf, 2e-5)
    expect(readAgain(network).getConfig()).toEqual(network.getConfig())
    for (const { path, weight } of weightPlaces<AnyLayer>(network)) {
      const name = nameOf(path)
      if (name === undefined) continue
      const { rate, decay } = network.factorsOf(weight)
      expect([path, rate, decay]).toEqual([path, ...(given.factors[name] ?? [])])
    }
  })

  test('schedules and sizes of batches', () => {
    const { times, schedules, batchSizes } = golden.realMlp
    expectClose(times.map(progressSchedules.coslog4), schedules.coslog4, { scaled: 1e-8 })
    expectClose(times.map(progressSchedules.flatCosine), schedules.flat_cos, { scaled: 1e-8 })
    for (const [rows, size] of batchSizes) expect(batchSizeFor(rows)).toBe(size)
  })
})

/** `blocks/0/query/kernel` → `backbone.blocks.0.attention.W_q.weight`. */
const transformerName: NameOf = (path) => {
  const fixed: Readonly<Record<string, string>> = {
    gathering: 'cls_embedding.weight',
    'number_tokens/kernel': 'cont_embeddings.weight',
    'number_tokens/bias': 'cont_embeddings.bias',
    category_tokens: 'cat_embeddings.embeddings',
    category_bias: 'cat_embeddings.bias',
    'head_norm/gamma': 'backbone.output.normalization.weight',
    'head_norm/beta': 'backbone.output.normalization.bias',
    'head/kernel': 'backbone.output.linear.weight.T',
    'head/bias': 'backbone.output.linear.bias',
  }
  if (fixed[path] !== undefined) return fixed[path]
  const [, block, layer = '', weight = ''] = path.split('/')
  const parts: Readonly<Record<string, string>> = {
    attention_norm: 'attention_normalization',
    query: 'attention.W_q',
    key: 'attention.W_k',
    value: 'attention.W_v',
    mix: 'attention.W_out',
    feed_forward_norm: 'ffn_normalization',
    inner: 'ffn.linear1',
    outer: 'ffn.linear2',
  }
  const names: Readonly<Record<string, string>> = {
    kernel: 'weight.T',
    gamma: 'weight',
    bias: 'bias',
    beta: 'bias',
  }
  return `backbone.blocks.${block}.${parts[layer]}.${names[weight]}`
}

describe('the transformer is that of rtdl_revisiting_models:', () => {
  test.each(isWhole ? golden.transformer : golden.transformer.slice(1, 2))('$name', async (given) => {
    const { blocks, activation } = given.options as { blocks: number; activation: 'ReGLU' | 'ReLU' }
    const network = new FeatureTransformer({
      numbers: 3,
      categories: cardinalities,
      outputs: 2,
      blocks,
      units: 8,
      heads: 2,
      activation: activation === 'ReLU' ? 'relu' : 'reglu',
      attentionDropout: 0,
      dropout: 0,
    })
    // Its tables of categories are one here, one behind the other.
    const joined = (of: typeof given.weights): typeof given.weights => {
      const names = cardinalities.map((_, i) => `cat_embeddings.embeddings.${i}.weight`)
      const others = Object.entries(of).filter(([name]) => !names.includes(name))
      const tables = names.map((name) => of[name] as (typeof of)[string])
      const shape = [tables.reduce((sum, table) => sum + (table.shape[0] as number), 0), 8]
      const table = { shape, dtype: 'float32' as const, data: tables.flatMap(({ data }) => data) }
      return { ...Object.fromEntries(others), 'cat_embeddings.embeddings': table }
    }
    const one = { ...given, weights: joined(given.weights), weightGradients: joined(given.weightGradients) }
    await expectNetwork(network, one, transformerName, 2e-5)
    expect(readAgain(network).getConfig()).toEqual(network.getConfig())
  })
})

describe('networks refuse', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'nothing to learn from',
      () => new TabM({ outputs: 1 }),
      /numbers, categories or both, received neither/,
    ],
    [
      'an embedding of no numbers',
      () =>
        new TabM({
          outputs: 1,
          categories: [2],
          embedding: new PiecewiseLinearEmbeddings({ bins, units: 2 }),
        }),
      /numbers to embed/,
    ],
    [
      'columns without codes',
      () => new RealMLP({ outputs: 1, categories: [0] }),
      /how many codes.*0 for column 0/,
    ],
    [
      'heads that do not divide',
      () => new FeatureTransformer({ numbers: 1, outputs: 1, units: 9, heads: 2 }),
      /a multiple of the 2 heads, received 9/,
    ],
    [
      'inputs of other widths',
      () =>
        new TabM({ numbers: 2, outputs: 1, members: 2, units: 4 }).apply([
          tensor([[1, 2, 3]]),
        ] as readonly Tensor[]),
      /2 numbers of each row.*shape \[1, 3\]/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
