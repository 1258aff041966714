import { joinInSlices } from '../base/copy.ts'
import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError, ShapeError, StateError } from '../base/errors.ts'
import { checked, count, optionsOf } from '../base/options.ts'
import { nextTurn } from '../base/turn.ts'
import { paced } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { lowerGraph } from '../lowering/lower.ts'
import type { AnyModel } from '../models/model.ts'
import { encodingParts } from '../onnx/encode.ts'
import type { OnnxModel } from '../onnx/model.ts'
import { optimize } from '../passes/optimize.ts'
import { evaluateAll, Tensor } from '../tensor/tensor.ts'
import { type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { forward } from '../training/predictor.ts'
import { leavesOf } from '../transforms/program.ts'
import { distinctNames } from './distinct-names.ts'
import { DependsOnSizes, type OpenSize, openModel, type Three } from './open-sizes.ts'

export interface ExportOptions {
  /**
   * Samples a batch. Default: open, so that the model takes any number. Other sizes that the inputs leave open stay
   * open, each under a name of its own: `<input>_axis1`.
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
  return joinInSlices(await paced(encodingParts(opened)))
}

async function openOrFixed(model: AnyModel, weights: FrozenWeights, batchSize?: number): Promise<OnnxModel> {
  const sizes = openSizes(model, batchSize, false)
  if (sizes.length === 0) return lowered(model, weights, () => batchSize ?? 1)
  let traces: Awaited<ReturnType<typeof traced>>
  try {
    traces = await traced(model, weights, sizes, batchSize)
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause
    // Inputs that have to agree: sizes along the same axis are one.
    sizes.splice(0, sizes.length, ...openSizes(model, batchSize, true))
    traces = await traced(model, weights, sizes, batchSize)
  }
  try {
    return openModel(traces, sizes)
  } catch (cause) {
    if (!(cause instanceof DependsOnSizes)) throw cause
    const names = sizes.map(({ name }) => `'${name}'`).join(', ')
    throw new ArgumentError({
      where: 'toOnnx',
      expected: `a model that says how its operations follow from its open sizes (${names})`,
      received: `one that has them in ${cause.message}`,
      fix: 'Fix the number of samples, toOnnx({ batchSize: 1 }), or give the inputs a shape without null.',
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

/**
 * The open sizes of a model's inputs: the batch, which all share, and others, each with a name of its own.
 *
 * @param areShared whether those along the same axis of several inputs are one.
 */
function openSizes(model: AnyModel, batchSize: number | undefined, areShared: boolean): OpenSize[] {
  const found = new Map<string, Omit<OpenSize, 'stand'>>()
  for (const { name: input, shape } of model.modelInputs)
    for (const [axis, size] of (shape ?? []).entries()) {
      if (size !== null || (axis === 0 && batchSize !== undefined)) continue
      const name = axis === 0 ? 'batch' : areShared ? `axis${axis}` : `${input}_axis${axis}`
      if (!found.has(name)) found.set(name, { name, input, axis })
    }
  return [...found.values()].map((size, i) => ({
    ...size,
    // Beyond the table, primes of a kind: 563 + 20 i, and further apart in the other traces.
    stand: stands[i] ?? [563 + 20 * i, 1051 + 34 * i, 797 + 26 * i],
  }))
}

async function traced(
  model: AnyModel,
  weights: FrozenWeights,
  sizes: readonly OpenSize[],
  batchSize: number | undefined,
): Promise<readonly [OnnxModel, OnnxModel, OnnxModel]> {
  const models: OnnxModel[] = []
  for (const trace of [0, 1, 2] as const) {
    if (trace > 0) await new Promise<void>(nextTurn)
    models.push(
      lowered(model, weights, (input, axis) => {
        if (axis === 0 && batchSize !== undefined) return batchSize
        const names = axis === 0 ? ['batch'] : [`${input}_axis${axis}`, `axis${axis}`]
        // Every open place is one of the sizes.
        return (sizes.find(({ name }) => names.includes(name)) as OpenSize).stand[trace]
      }),
    )
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

/** @param sizeOf what stands for an open size of an input. */
function lowered(
  model: AnyModel,
  weights: FrozenWeights,
  sizeOf: (input: string, axis: number) => number,
): OnnxModel {
  const placeholders = model.modelInputs.map(({ name, dtype, shape }) =>
    makeNode('input', [], { name, dtype, shape: (shape ?? []).map((d, axis) => d ?? sizeOf(name, axis)) }),
  )
  const results = withScope(weights, () =>
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
