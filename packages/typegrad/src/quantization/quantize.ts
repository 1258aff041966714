import { ArgumentError, DataError } from '../base/errors.ts'
import { boolean, checked, func, oneOf, optionsOf, positive, wholeFrom } from '../base/options.ts'
import { onnxModel } from '../importing/index.ts'
import type { AnyModel } from '../models/model.ts'
import { decodeModel } from '../onnx/decode.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxModel } from '../onnx/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { namedInputs, type ProgramInputs, QuantizedProgram, sizesOf } from './quantized-program.ts'
import { type CalibrationMethod, type Range, type RangeFinder, rangeFinder } from './ranges.ts'
import { rewriteDynamic, rewriteStatic } from './rewrite.ts'
import { type Site, sitesOf } from './sites.ts'

export interface QuantizeWeightsOptions {
  /** Whether each column of a matrix and each filter of a convolution has a scale, and not all one. Default true. */
  readonly perChannel?: boolean
  /**
   * Whether weights have 7 bits of the 8: processors without VNNI (most before 2019) add up pairs of products in 16 bits, where
   * larger weights do not fit and sums become wrong. Default true.
   */
  readonly reduceRange?: boolean
  /** Which weights, by their names, such as `dense/kernel`. Default: matrices of products, kernels of convolutions, tables. */
  readonly filter?: (name: string) => boolean
}

export interface QuantizeStaticOptions extends QuantizeWeightsOptions {
  /**
   * How the range of an activation follows from the values that the calibration has met: `'minMax'`, all of them;
   * `'percentile'`, all but the outermost; `'entropy'`, what loses the least information (TensorRT's). Default `'minMax'`.
   */
  readonly method?: CalibrationMethod
  /** Of percentiles: how many values are within the range, in percent. Default 99.999. */
  readonly percentile?: number
  /** Bins of the histograms of percentiles and entropy. Default 2048. */
  readonly bins?: number
  /** Whether ranges of activations are symmetric about 0. Default false. */
  readonly symmetric?: boolean
}

const weightChecks = optionsOf<QuantizeWeightsOptions>()({
  perChannel: boolean,
  reduceRange: boolean,
  filter: func,
})
const staticChecks = optionsOf<QuantizeStaticOptions>()({
  ...weightChecks,
  method: oneOf('minMax', 'percentile', 'entropy'),
  percentile: positive,
  bins: wholeFrom(128),
  symmetric: boolean,
})

/**
 * A model whose weights and activations have 8 bits, by ranges that were calibrated: a quarter of the size, and products and
 * convolutions in integers. Its file has pairs of QuantizeLinear and DequantizeLinear, which ONNX Runtime and others
 * make integer operations of. Works for every model that exports to ONNX: convolutional networks, transformers, imported files.
 *
 * Weights: int8, symmetric. Activations: uint8. Biases of convolutions: int32.
 *
 * Jacob et al. 2018, https://arxiv.org/abs/1712.05877; Wu et al. 2020, https://arxiv.org/abs/2004.09602
 *
 * @param calibration batches of inputs as they will come; some hundred samples.
 * @throws ArgumentError for options that are none, no batches, and a model without weights that can be int8; ShapeError for
 * batches of another shape; DataError for activations that are not finite.
 * @example
 * const program = await quantizeStatic(model, [images.slice([0], [256])], { method: 'entropy' })
 * const { dense } = await program.predict(test)
 * await writeFile('model-int8.onnx', program.bytes)
 */
export async function quantizeStatic(
  model: AnyModel,
  calibration: Iterable<ProgramInputs> | AsyncIterable<ProgramInputs>,
  options: QuantizeStaticOptions = {},
): Promise<QuantizedProgram> {
  const {
    method = 'minMax',
    percentile = 99.999,
    bins = 2048,
    symmetric: isSymmetric = false,
    ...weights
  } = checked('quantizeStatic', options, staticChecks)
  if (percentile > 100) {
    throw new ArgumentError({
      where: 'quantizeStatic: percentile',
      expected: 'a number from 0 to 100',
      received: String(percentile),
    })
  }
  const { exported, sites, rewriting } = await startOf('quantizeStatic', model, weights)
  const finders = new Map<string, RangeFinder>()
  for (const name of sites.flatMap(({ input, output }) => [input, output]))
    if (name !== undefined) finders.set(name, rangeFinder({ method, percentile, bins }))
  await calibrate(exported, calibration, finders)
  const ranges = new Map<string, Range>()
  for (const [name, finder] of finders) ranges.set(name, finder.range())
  return new QuantizedProgram(
    rewriteStatic(exported, sites, ranges, { ...rewriting, isSymmetric }),
    namesOf(sites),
  )
}

/**
 * A model whose weights have 8 bits, and whose products round what they multiply them with at each call: no calibration is
 * needed, which suits transformers, whose activations differ from text to text. Products alone become integers, and tables of
 * words int8; convolutions stay floats (`quantizeStatic` is for them).
 *
 * @throws ArgumentError for options that are none, and a model without products with weights.
 * @example
 * const program = await quantizeDynamic(model)
 * const { logits } = await program.predict({ input_ids, attention_mask })
 */
export async function quantizeDynamic(
  model: AnyModel,
  options: QuantizeWeightsOptions = {},
): Promise<QuantizedProgram> {
  const weights = checked('quantizeDynamic', options, weightChecks)
  const { exported, sites, rewriting } = await startOf('quantizeDynamic', model, weights, isProduct)
  return new QuantizedProgram(
    rewriteDynamic(exported, sites, { ...rewriting, isSymmetric: false }),
    namesOf(sites),
  )
}

const isProduct = ({ node }: Site): boolean => node.op !== 'Conv'

const namesOf = (sites: readonly Site[]): readonly string[] => [
  ...new Set(sites.map(({ weight }) => weight.name)),
]

async function startOf(
  where: string,
  model: AnyModel,
  { perChannel = true, reduceRange = true, filter = () => true }: QuantizeWeightsOptions,
  suits: (site: Site) => boolean = () => true,
) {
  const exported = decodeModel(await model.toOnnx())
  const all = sitesOf(exported.graph).filter(suits)
  const sites = all.filter(({ weight }) => filter(weight.name))
  if (sites.length === 0) {
    throw new ArgumentError({
      where,
      expected: 'a model with weights that can be int8',
      received:
        all.length === 0
          ? 'one without any'
          : `a filter that fits none of ${namesOf(all).slice(0, 8).join(', ')}`,
    })
  }
  return { exported, sites, rewriting: { isPerChannel: perChannel, reducesRange: reduceRange } }
}

/** Shows the range finders what the float model computes for each batch. */
async function calibrate(
  exported: OnnxModel,
  batches: Iterable<ProgramInputs> | AsyncIterable<ProgramInputs>,
  finders: ReadonlyMap<string, RangeFinder>,
): Promise<void> {
  const { inputs } = exported.graph
  const taken = new Set(inputs.map(({ name }) => name))
  const computed = [...finders.keys()].filter((name) => !taken.has(name))
  const probe = await onnxModel(encodeModel(exported), computed.length > 0 ? { outputs: computed } : {})
  const read = new Set(probe.modelInputs.map(({ name }) => name))
  let count = 0
  for await (const batch of batches) {
    const given = namedInputs('quantizeStatic: calibration', inputs, batch)
    sizesOf('quantizeStatic: calibration', inputs, given)
    const byName = new Map<string, Tensor>(inputs.map(({ name }, i) => [name, given[i] as Tensor]))
    const values = await probe.run(Object.fromEntries([...byName].filter(([name]) => read.has(name))))
    for (const [name, finder] of finders) {
      const data = await ((values[name] ?? byName.get(name)) as Tensor).data()
      if (!(data instanceof Float32Array) || !data.every(Number.isFinite)) {
        throw new DataError({
          where: `quantizeStatic: calibration`,
          expected: 'finite activations',
          received: `NaN or infinity in '${name}', in batch ${count}`,
        })
      }
      finder.add(data)
    }
    count++
  }
  if (count > 0) return
  throw new ArgumentError({
    where: 'quantizeStatic: calibration',
    expected: 'a batch of inputs at least',
    received: 'none',
  })
}
