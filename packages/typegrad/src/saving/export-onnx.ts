import { joinInSlices } from '../base/copy.ts'
import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError, ShapeError, StateError } from '../base/errors.ts'
import { checked, count, optionsOf } from '../base/options.ts'
import { nextTurn } from '../base/turn.ts'
import { paced } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { batchName } from '../layers/base/sizes.ts'
import { lowerGraph } from '../lowering/lower.ts'
import type { AnyModel } from '../models/model.ts'
import { encodePartsWork } from '../onnx/encode.ts'
import type { OnnxModel } from '../onnx/model.ts'
import { optimize } from '../passes/optimize.ts'
import { evaluateAll, Tensor } from '../tensor/tensor.ts'
import { type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { forward } from '../training/predictor.ts'
import { leavesOf } from '../transforms/program.ts'
import { distinctNames } from './distinct-names.ts'
import { DependsOnSizes, type OpenSize, openModel, type Three } from './open-sizes.ts'
import { OpenSlices } from './open-slices.ts'

export interface ExportOptions {
  /**
   * Samples a batch. Default: open, so that the model takes any number. Other sizes that the inputs leave open stay
   * open under the names that they have in `input({ shape: ['length', 8] })`, and others each under one of its own:
   * `<input>_axis1`.
   */
  readonly batchSize?: number
}

const exportChecks = optionsOf<ExportOptions>()({ batchSize: count })

/** A model's forward pass with its weights as constants, which the runtime can pack once. */
export async function exportOnnx(model: AnyModel, options: ExportOptions): Promise<Uint8Array> {
  const { batchSize } = checked('toOnnx', options, exportChecks)
  if (!model.built || model.modelInputs.some((port) => port.shape === undefined)) {
    throw new StateError({
      where: 'toOnnx',
      expected: 'a model that is built',
      received: 'one that has no weights yet',
      fix: 'Give its first layer an inputShape, or call it once.',
    })
  }
  const weights = await frozenWeights(model)
  const opened = await openOrFixed(model, weights, batchSize)
  return joinInSlices(await paced(encodePartsWork(opened)))
}

async function openOrFixed(model: AnyModel, weights: FrozenWeights, batchSize?: number): Promise<OnnxModel> {
  let places = openPlaces(model, batchSize, false)
  if (places.sizes.length === 0) return lowered(model, weights, () => batchSize ?? 1)
  let slices = new OpenSlices()
  let traces: Awaited<ReturnType<typeof traced>>
  try {
    traces = await traced(model, weights, places, slices)
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause
    // Inputs that have to agree: sizes without a name along the same axis are one.
    places = openPlaces(model, batchSize, true)
    slices = new OpenSlices()
    traces = await traced(model, weights, places, slices)
  }
  const { sizes } = places
  try {
    while (slices.place(sizes)) traces = await traced(model, weights, places, slices)
    return openModel(traces, [...sizes, ...slices.sizes])
  } catch (cause) {
    if (!(cause instanceof DependsOnSizes)) throw cause
    const names = sizes.map(({ name }) => `'${name}'`).join(', ')
    throw new ArgumentError({
      where: 'toOnnx',
      expected: `a model that says how its operations follow from its open sizes (${names})`,
      received: `one that has them in ${cause.message}`,
      fix: 'Fix the number of samples, toOnnx({ batchSize: 1 }), or give the inputs a shape of numbers alone.',
    })
  }
}

/** Sizes that occur nowhere else, as different from trace to trace as windows and strides need. */
const stands: readonly Three[] = [
  [211, 307, 401],
  [509, 1021, 757],
  [523, 1031, 761],
  [541, 1033, 769],
  [547, 1039, 773],
  [557, 1049, 787],
]

/** What is open in a model's inputs. */
interface OpenPlaces {
  readonly sizes: readonly OpenSize[]
  /** What stands in a trace for a size of an input; a number where it is none of `sizes`. */
  readonly stand: (input: string, axis: number, trace: 0 | 1 | 2) => number
}

/**
 * The open sizes of a model's inputs: the batch, which all share, those that have a name, and others, to each of which
 * the file gives one: `<input>_axis1`.
 *
 * @param areShared whether those without a name along the same axis of several inputs are one.
 */
function openPlaces(model: AnyModel, batchSize: number | undefined, areShared: boolean): OpenPlaces {
  const inputs = model.modelInputs.map(({ name, shape = [], sizes = shape }) => ({ name, sizes }))
  const given = new Set(inputs.flatMap(({ sizes }) => sizes).filter((size) => typeof size === 'string'))
  const made = (name: string): string => (given.has(name) ? made(`${name}_`) : name)
  const found = new Map<string, OpenSize>()
  const places = new Map<string, OpenSize>()
  for (const { name: input, sizes } of inputs)
    for (const [axis, size] of sizes.entries()) {
      if (typeof size === 'number' || (axis === 0 && batchSize !== undefined)) continue
      const unnamed = areShared ? `axis${axis}` : `${input}_axis${axis}`
      const name = axis === 0 ? batchName : (size ?? made(unnamed))
      const i = found.size
      // Beyond the table, primes of a kind: 563 + 20 i, and further apart in the other traces.
      const stand = stands[i] ?? ([563 + 20 * i, 1051 + 34 * i, 797 + 26 * i] as const)
      const known = found.get(name) ?? { name, input, axis, stand }
      found.set(name, known)
      places.set(`${axis} ${input}`, known)
    }
  return {
    sizes: [...found.values()],
    // Only a fixed number of samples is in no place.
    stand: (input, axis, trace) => places.get(`${axis} ${input}`)?.stand[trace] ?? batchSize ?? 1,
  }
}

async function traced(
  model: AnyModel,
  weights: FrozenWeights,
  { stand }: OpenPlaces,
  slices: OpenSlices,
): Promise<readonly [OnnxModel, OnnxModel, OnnxModel]> {
  const models: OnnxModel[] = []
  for (const trace of [0, 1, 2] as const) {
    if (trace > 0) await new Promise<void>(nextTurn)
    const scope: VariableScope = {
      read: (variable) => weights.read(variable),
      assign: () => weights.assign(),
      slice: (asked, length) => slices.meet(trace, asked, length),
    }
    models.push(lowered(model, weights, (input, axis) => stand(input, axis, trace), scope))
  }
  return models as [OnnxModel, OnnxModel, OnnxModel]
}

/** The weights at one moment, whatever is trained beside. */
class FrozenWeights implements VariableScope {
  readonly #nodes = new Map<Variable, Node>()
  /** Data of the weights by their nodes, with a name for each. */
  readonly embedded = new Map<Node, { readonly name: string; readonly data: TypedArray }>()

  add(variable: Variable, name: string, data: TypedArray): void {
    const { shape, dtype } = variable
    const node = makeNode('data', [], { source: { host: data, shape, dtype } })
    this.#nodes.set(variable, node)
    this.embedded.set(node, { name, data })
  }

  read(variable: Variable): Node {
    return this.#nodes.get(variable) ?? variable.node
  }

  /** A forward pass may move on random numbers, which an export does not need. */
  assign(): void {}
}

async function frozenWeights(model: AnyModel): Promise<FrozenWeights> {
  const { weights } = model
  const [names, values] = [distinctNames(weights), weights.map((weight) => weight.value)]
  await evaluateAll(values)
  const data: TypedArray[] = []
  for (const value of values) data.push(await value.data())
  const frozen = new FrozenWeights()
  weights.forEach((variable, i) => {
    frozen.add(variable, names[i] as string, data[i] as TypedArray)
  })
  return frozen
}

/**
 * @param sizeOf what stands for an open size of an input.
 * @param scope what else stands for something in the trace.
 */
function lowered(
  model: AnyModel,
  weights: FrozenWeights,
  sizeOf: (input: string, axis: number) => number,
  scope: VariableScope = weights,
): OnnxModel {
  const placeholders = model.modelInputs.map(({ name, dtype, shape }) =>
    makeNode('input', [], { name, dtype, shape: (shape ?? []).map((d, axis) => d ?? sizeOf(name, axis)) }),
  )
  const results = withScope(scope, () =>
    forward(
      model,
      placeholders.map((node) => new Tensor(node)),
    ),
  )
  const outputs = optimize(results.map(({ node }) => node))
  const others = leavesOf(outputs).flatMap((node, i) => {
    if (node.kind !== 'data' || weights.embedded.has(node) || node.params.source.host === null) return []
    return [[node, { name: `value_${i}`, data: node.params.source.host }] as const]
  })
  return lowerGraph({
    inputs: placeholders,
    outputs,
    inputNames: model.modelInputs.map((port) => port.name),
    outputNames: model.modelOutputs.map((port) => outputName(port.name, model)),
    embedded: new Map([...weights.embedded, ...others]),
    isPlain: true,
  })
}

/** An output may not bear the name of an input, as in a model that gives back what it got. */
const outputName = (name: string, model: AnyModel): string =>
  model.modelInputs.some((port) => port.name === name) ? `${name}_output` : name
