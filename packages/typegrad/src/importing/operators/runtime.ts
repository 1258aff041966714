import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { attentionOperators, runtimeAttention } from './attention.ts'
import { convolution, withBias } from './convolutions.ts'
import { layerNormalized, rootMeanSquare } from './normalization.ts'
import { runtimeQuantized } from './quantized.ts'

const lastAxis = (x: Tensor): number[] => [x.rank - 1]

const sum = (parts: readonly (Tensor | undefined)[]): Tensor =>
  parts.filter((part) => part !== undefined).reduce((a, b) => ops.add(a, b))

/** A product whose operands are transposed, and which is scaled. */
const fusedMatMul: Operator = (call) => {
  if (call.int('transBatchA', 0) === 1 || call.int('transBatchB', 0) === 1)
    call.refuse('with batches transposed')
  const turned = (x: Tensor, name: string): Tensor => {
    if (call.int(name, 0) === 0 || x.rank < 2) return x
    const axes = x.shape.map((_, i) => i)
    return apply('transpose', [x], { permutation: [...axes.slice(0, -2), x.rank - 1, x.rank - 2] })
  }
  const made = ops.matmul(turned(call.input(0), 'transA'), turned(call.input(1), 'transB'))
  const alpha = call.float('alpha', 1)
  return alpha === 1 ? made : ops.mul(made, alpha)
}

/** input + skip + bias, normalised; the sum is the fourth output. */
const skipLayerNormalization: Operator = (call) => {
  const added = sum([call.input(0), call.input(1), call.optional(4)])
  const made = layerNormalized(
    added,
    lastAxis(added),
    call.float('epsilon', 1e-12),
    call.input(2),
    call.optional(3),
  )
  return [...made, added]
}

const skipSimplified: Operator = (call) => {
  const added = sum([call.input(0), call.input(1), call.optional(3)])
  const made = rootMeanSquare(added, lastAxis(added), call.float('epsilon', 1e-12), call.input(2))
  return [made, undefined, undefined, added]
}

/** Words, positions and segments looked up, added and normalised, as BERT begins. */
const embedLayerNormalization: Operator = (call) => {
  if (call.optional(8) !== undefined) call.refuse('with positions of its own')
  const [ids, segments] = [call.input(0), call.optional(1)]
  const length = ids.shape[1] as number
  const segmentTable = call.optional(4)
  const added = sum([
    ops.gather(call.input(2), ids),
    ops.stridedSlice(call.input(3), 0, 0, length),
    segments === undefined || segmentTable === undefined ? undefined : ops.gather(segmentTable, segments),
  ])
  const [made] = layerNormalized(added, [2], call.float('epsilon', 1e-12), call.input(5), call.input(6))
  const mask = call.optional(7)
  const counts = mask === undefined ? ops.mul(ops.sum(ids, 1), 0) : ops.sum(mask, 1)
  return [made, ops.cast(counts, 'int32'), added]
}

const activationsOfConv: Readonly<Record<string, (x: Tensor, call: NodeCall) => Tensor>> = {
  Relu: ops.relu,
  Sigmoid: ops.sigmoid,
  Tanh: ops.tanh,
  LeakyRelu: (x, call) => ops.leakyRelu(x, { negativeSlope: call.floats('activation_params')?.[0] ?? 0.01 }),
  Clip: (x, call) => {
    const [min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY] =
      call.floats('activation_params') ?? []
    return ops.clip(x, { min, max })
  },
}

const fusedConv: Operator = (call) => {
  const made = withBias(convolution(call, call.input(0), call.input(1)), call.optional(2))
  const name = call.string('activation', '')
  const activation = activationsOfConv[name] ?? call.refuse(`with the activation '${name}'`)
  const skip = call.optional(3)
  return activation(skip === undefined ? made : ops.add(made, skip), call)
}

/**
 * Operators of the domain `com.microsoft`: what ONNX Runtime's and Optimum's optimisers put in the place of several.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
export const runtime: Operators = {
  ...runtimeAttention,
  ...runtimeQuantized,
  BiasGelu: (call) => ops.gelu(ops.add(call.input(0), call.input(1)), { approximate: false }),
  EmbedLayerNormalization: embedLayerNormalization,
  FastGelu: (call) => ops.gelu(sum([call.input(0), call.optional(1)]), { approximate: true }),
  FusedConv: fusedConv,
  FusedMatMul: fusedMatMul,
  Gelu: (call) => ops.gelu(call.input(0), { approximate: false }),
  QuickGelu: (call) =>
    ops.mul(call.input(0), ops.sigmoid(ops.mul(call.input(0), call.float('alpha', 1.702)))),
  RotaryEmbedding: (call) => rotaryOf(call),
  SimplifiedLayerNormalization: (call) =>
    rootMeanSquare(call.input(0), lastAxis(call.input(0)), call.float('epsilon', 1e-5), call.input(1)),
  SkipLayerNormalization: skipLayerNormalization,
  SkipSimplifiedLayerNormalization: skipSimplified,
}

/** The positions stand before the tables here. */
const rotaryOf = (call: NodeCall): Tensor | readonly (Tensor | undefined)[] => {
  const [x, positions, cos, sin] = call.inputs
  const inputs = [x, cos, sin, positions]
  return (attentionOperators.RotaryEmbedding as Operator)(call.withInputs(inputs))
}
