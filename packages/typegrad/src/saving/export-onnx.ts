import { ArgumentError, StateError } from '../base/errors.ts'
import { checked, count, optionsOf } from '../base/options.ts'
import { batchName } from '../layers/base/sizes.ts'
import type { AnyModel } from '../models/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { forward } from '../training/predictor.ts'
import { type ExportedInput, exportFunction } from './export-function.ts'

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
  const { batchSize = batchName } = checked('toOnnx', options, exportChecks)
  if (!model.built || model.modelInputs.some((port) => port.shape === undefined)) {
    throw new StateError({
      where: 'toOnnx',
      expected: 'a model that is built',
      received: 'one that has no weights yet',
      fix: 'Give its first layer an inputShape, or call it once.',
    })
  }
  if (model.hostPrefix !== undefined) throw beginsOnHost(model)
  const inputs = model.modelInputs.map(
    ({ name, dtype, shape = [], sizes = shape }): [string, ExportedInput] => [
      name,
      {
        dtype,
        shape: sizes.map((size, axis) => (axis === 0 && typeof size !== 'number' ? batchSize : size)),
      },
    ],
  )
  return await exportFunction({
    inputs: Object.fromEntries(inputs),
    weights: model.weights,
    call: (given) => {
      const results = forward(
        model,
        inputs.map(([name]) => given[name] as Tensor),
      )
      return Object.fromEntries(
        model.modelOutputs.map(({ name }, i) => [outputName(name, model), results[i] as Tensor]),
      )
    },
  })
}

/** ONNX has neither TensorFlow's hashes nor Keras's splitting of texts. */
const beginsOnHost = (model: AnyModel): ArgumentError =>
  new ArgumentError({
    where: `${model.name}.toOnnx`,
    expected: 'a model of tensors alone',
    received: 'one that begins with layers that work on the host, in JavaScript',
    fix: "Export what is behind them: model({ inputs: model.getLayer('…').output, outputs: model.outputs }).toOnnx(), with the name of the last layer on the host.",
  })

/** An output may not bear the name of an input, as in a model that gives back what it got. */
const outputName = (name: string, model: AnyModel): string =>
  model.modelInputs.some((port) => port.name === name) ? `${name}_output` : name
