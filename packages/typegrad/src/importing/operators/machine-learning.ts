import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

const float = (x: Tensor): Tensor => ops.cast(x, 'float32')

const row = (values: readonly number[]): Tensor => constant(values, [values.length], 'float32')

/** What scikit-learn's models make of their scores. */
function transformed(call: NodeCall, scores: Tensor): Tensor {
  const name = call.string('post_transform', 'NONE')
  if (name === 'NONE') return scores
  if (name === 'SOFTMAX') return ops.softmax(scores)
  if (name === 'LOGISTIC') return ops.sigmoid(scores)
  return call.refuse(`with the transform ${name}`)
}

/** x · coefficientsᵀ + intercepts; a row of coefficients for each output. */
function linear(call: NodeCall, rows: number): Tensor {
  const x = float(call.input(0))
  const features = x.shape.at(-1) as number
  const coefficients = constant(call.floats('coefficients') ?? [], [rows, features], 'float32')
  const made = ops.matmul(x, ops.transpose(coefficients))
  const intercepts = call.floats('intercepts') ?? []
  return intercepts.length === 0 ? made : ops.add(made, row(intercepts))
}

/** The classes' numbers, and a score for each. Classes with names have to be asked for by their scores. */
const linearClassifier: Operator = (call) => {
  const labels = call.ints('classlabels_ints')
  const rows = (call.floats('coefficients') ?? []).length / ((call.input(0).shape.at(-1) as number) || 1)
  const scores = linear(call, rows)
  const both = rows === 1 ? ops.concat([ops.neg(scores), scores], 1) : scores
  const probabilities =
    rows === 1 && call.string('post_transform', 'NONE') === 'SOFTMAX'
      ? ops.softmax(both)
      : transformed(call, both)
  const found = ops.argMax(both, 1)
  const classes =
    labels === undefined ? undefined : ops.gather(constant(labels, [labels.length], 'int64'), found)
  return [classes, probabilities]
}

/** (x − offset) · scale */
const scaler: Operator = (call) =>
  ops.mul(ops.sub(float(call.input(0)), row(call.floats('offset') ?? [0])), row(call.floats('scale') ?? [1]))

const normalizer: Operator = (call) => {
  const x = float(call.input(0))
  const norm = call.string('norm', 'MAX')
  if (norm === 'L1') return ops.div(x, ops.sum(ops.abs(x), -1, { keepDims: true }))
  if (norm === 'L2') return ops.div(x, ops.sqrt(ops.sum(ops.square(x), -1, { keepDims: true })))
  return ops.div(x, ops.max(ops.abs(x), -1, { keepDims: true }))
}

/** Elements along the last axis. */
const arrayFeatureExtractor: Operator = (call) => {
  const x = call.input(0)
  const picked = ops.gather(x, ops.reshape(call.input(1), [-1]), x.rank - 1)
  return x.rank === 1 ? ops.reshape(picked, [1, -1]) : picked
}

/** Operators of the domain `ai.onnx.ml` that networks of scikit-learn need; https://onnx.ai/onnx/operators/#ai-onnx-ml. */
export const machineLearning: Operators = {
  ArrayFeatureExtractor: arrayFeatureExtractor,
  Binarizer: (call) => float(ops.greater(call.input(0), call.float('threshold', 0))),
  LinearClassifier: linearClassifier,
  LinearRegressor: (call) => transformed(call, linear(call, call.int('targets', 1))),
  Normalizer: normalizer,
  Scaler: scaler,
}
