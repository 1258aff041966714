import { FormatError } from '../base/errors.ts'
import {
  parseModelJson,
  type ReadShard,
  type TfjsModelJson,
  type TfjsWeight,
  tfjsWeights,
} from '../formats/tfjs-weights.ts'
import type { AnyModel, Model, Prediction } from '../models/model.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { fromKeras2 } from './keras-2.ts'
import { fromKeras } from './keras-reading.ts'
import { type ModelMaker, readable, readInto, withBuildShape } from './reading.ts'
import { tfjsPlaces } from './tfjs-variables.ts'

/** Reads a layers model of TensorFlow.js; see `readTfjs`. */
export async function readTfjsWith<P extends Prediction>(
  make: ModelMaker,
  modelJson: TfjsModelJson,
  readShard: ReadShard,
  name: string,
): Promise<Model<P>> {
  const json = parseModelJson(modelJson, name)
  const where = `${name}: modelTopology`
  const model = make(
    readable(where, () => withBuildShape(fromKeras(fromKeras2(topology(json, name), where), where))),
    where,
    false,
  )
  const weights = await tfjsWeights(json, readShard, name)
  readState(model, weights, name)()
  return model as Model<P>
}

/** The model's configuration, which the converter from Python has wrapped. */
function topology(json: Record<string, unknown>, name: string): unknown {
  const { format, modelTopology } = json
  const found = modelTopology as { class_name?: unknown; model_config?: unknown } | null | undefined
  if (format === 'graph-model' || typeof found !== 'object' || found === null)
    throw new FormatError({
      where: name,
      expected: "a layers model of TensorFlow.js's, with its modelTopology",
      received: format === 'graph-model' ? 'a graph model' : 'none',
      fix: 'Its weights alone are read by readTfjsWeights.',
    })
  return found.model_config ?? found
}

function readState(model: AnyModel, weights: ReadonlyMap<string, TfjsWeight>, name: string): () => void {
  const names = [...weights.values()].filter(({ ofOptimizer }) => !ofOptimizer).map((weight) => weight.name)
  return readInto(
    tfjsPlaces(model, names, name),
    (path) => {
      const { dtype, shape, data } = weights.get(path) as TfjsWeight
      return { dtype, shape, read: () => data }
    },
    name,
  )
}

/** Reads the weights of any model of TensorFlow.js; see `readTfjsWeights`. */
export async function readTfjsTensors(
  modelJson: TfjsModelJson,
  readShard: ReadShard,
  name: string,
): Promise<Map<string, Tensor>> {
  const weights = await tfjsWeights(parseModelJson(modelJson, name), readShard, name)
  return new Map([...weights].map(([key, { data, shape, dtype }]) => [key, fromData(data, shape, dtype)]))
}
