import { joinInSlices } from '../base/copy.ts'
import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError, StateError } from '../base/errors.ts'
import { nextTurn } from '../base/turn.ts'
import { paced } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { encodingParts } from '../onnx/encode.ts'
import { lowerGraph } from '../onnx/lower.ts'
import type { OnnxModel, OnnxTensor } from '../onnx/model.ts'
import { optimize } from '../onnx/optimize.ts'
import { evaluateAll, Tensor } from '../tensor/tensor.ts'
import { type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { leavesOf } from '../transforms/program.ts'
import { distinctNames } from './distinct-names.ts'
import type { AnyModel } from './model.ts'
import { forward } from './predictor.ts'

export interface ExportOptions {
  /** Samples a batch. Default: open, so that the model takes any number. */
  readonly batchSize?: number
}

/** A model's forward pass with its weights as constants, which the runtime can pack once. */
export async function exportOnnx(model: AnyModel, { batchSize }: ExportOptions): Promise<Uint8Array> {
  if (!model.built || model.modelInputs.some((port) => port.shape === undefined)) {
    throw new StateError({
      where: 'toOnnx',
      expected: 'a model that is built',
      received: 'one that has no weights yet',
      fix: 'Give its first layer an inputShape, or call it once.',
    })
  }
  const weights = await frozenWeights(model)
  const fixed = lowered(model, weights, batchSize ?? 7919)
  if (batchSize !== undefined) return joinInSlices(await paced(encodingParts(fixed)))
  await new Promise<void>(nextTurn)
  // Sizes that occur nowhere else: what differs between the two models is the batch.
  const open = openBatch(fixed, lowered(model, weights, 7927))
  return joinInSlices(await paced(encodingParts(open)))
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

  /** A forward pass may move on random numbers, which nobody looks at here. */
  assign(): void {}
}

async function frozenWeights(model: AnyModel): Promise<FrozenWeights> {
  const { weights } = model
  const [names, values] = [distinctNames(weights), weights.map((weight) => weight.value as Tensor)]
  await evaluateAll(values)
  const data: TypedArray[] = []
  for (const value of values) data.push(await value.data())
  const frozen = new FrozenWeights()
  weights.forEach((variable, i) => {
    frozen.add(variable, names[i] as string, data[i] as TypedArray)
  })
  return frozen
}

function lowered(model: AnyModel, weights: FrozenWeights, batchSize: number): OnnxModel {
  const placeholders = model.modelInputs.map(({ name, dtype, shape }) =>
    makeNode('input', [], { name, dtype, shape: (shape ?? []).map((d) => d ?? batchSize) }),
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

/** The model of two that differ in their batch alone, with the batch open. */
function openBatch(a: OnnxModel, b: OnnxModel): OnnxModel {
  const others = new Map(b.graph.initializers.map((tensor) => [tensor.name, tensor]))
  const shapes = new Set(
    a.graph.nodes.flatMap((node) => (node.op === 'Reshape' ? [node.inputs[1] as string] : [])),
  )
  const initializers = a.graph.initializers.map((tensor) => {
    const other = others.get(tensor.name)
    return other === undefined || same(tensor, other)
      ? tensor
      : opened(tensor, other, shapes.has(tensor.name))
  })
  const open = (values: OnnxModel['graph']['inputs'], twins: OnnxModel['graph']['inputs']) =>
    values.map((value, i) => ({
      ...value,
      shape: value.shape.map((d, axis) => (d === twins[i]?.shape[axis] ? d : 'batch')),
    }))
  return {
    ...a,
    graph: {
      ...a.graph,
      initializers,
      inputs: open(a.graph.inputs, b.graph.inputs),
      outputs: open(a.graph.outputs, b.graph.outputs),
    },
  }
}

const same = (a: OnnxTensor, b: OnnxTensor): boolean =>
  a.data === b.data ||
  (a.data.length === b.data.length &&
    Array.from(a.data as ArrayLike<unknown>).every((value, i) => value === b.data[i]))

/** A reshape's target whose one size that depends on the batch is left to the runtime. */
function opened(tensor: OnnxTensor, other: OnnxTensor, isShape: boolean): OnnxTensor {
  const { data } = tensor
  const differing = Array.from(data as ArrayLike<unknown>, (value, i) => value !== other.data[i])
  if (!isShape || !(data instanceof BigInt64Array) || differing.filter(Boolean).length !== 1) {
    throw new ArgumentError({
      where: 'toOnnx',
      expected: 'a model whose operations do not depend on the number of samples',
      received: `one that has it in '${tensor.name}'`,
      fix: 'Export for a fixed number: toOnnx({ batchSize: 1 }).',
    })
  }
  return { ...tensor, data: data.map((value, i) => (differing[i] ? -1n : value)) }
}
