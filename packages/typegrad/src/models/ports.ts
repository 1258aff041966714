import { ShapeError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { formatSymbolicShape } from '../layers/symbolic.ts'
import type { Model } from './model.ts'
import type { Ports } from './source.ts'

/** What a model says about its data, the labels judged by its losses. */
export function portsOf(model: Model): Ports {
  return {
    inputs: model.modelInputs,
    outputs: model.modelOutputs.length === 0 ? [{ name: 'output', shape: undefined }] : model.modelOutputs,
    checkLabels(output, labels) {
      const port = model.modelOutputs[output]
      if (port?.shape === undefined || !model.isCompiled) return
      const shape = port.shape.map((d, i) => d ?? labels.shape[i] ?? 1)
      if (sizeOf(labels.shape) === 0) {
        throw new ShapeError({
          where: `output '${port.name}'`,
          expected: `labels for outputs of shape ${formatSymbolicShape(port.shape)}`,
          received: formatShape(labels.shape),
        })
      }
      model.compiled('fit').lossOf(output)?.validate(labels, shape)
    },
  }
}
