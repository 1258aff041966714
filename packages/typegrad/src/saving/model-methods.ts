import { checkPath } from '../base/options.ts'
import type { TrainingState } from '../callbacks/callback.ts'
import { Model, type Predicted, type Prediction } from '../models/model.ts'
import { withMethods } from '../models/with-methods.ts'
import { type ExportOptions, exportOnnx } from './export-onnx.ts'
import {
  deleteFolder,
  loadTrainingState,
  loadWeightsFrom,
  saveModel,
  saveModelTo,
  saveWeightsTo,
} from './save.ts'

declare module '../models/model.ts' {
  /** How a model is kept. */
  interface Model<out P extends Prediction = Predicted> {
    /**
     * Writes the model into a folder: `config.json`, `model.safetensors`, and the optimizer's state beside
     * them; or, where the path ends in `.keras` or `.h5`, into a file that Keras opens. An older model there stays whole
     * until the new one is.
     */
    save(path: string): Promise<void>
    /**
     * Writes the weights alone, as safetensors; or, where the path ends in `.h5`, as Keras's `save_weights` lays them out
     * in a `.weights.h5` file, which its `load_weights` reads.
     */
    saveWeights(file: string): Promise<void>
    /** Reads weights that `saveWeights` wrote, or Keras into an `.h5` file. @throws FormatError naming weights that are missing or too many. */
    loadWeights(file: string): Promise<void>
    /** Keeps all that a training needs to go on: weights, optimizer, random numbers, and `state`. */
    saveTrainingState(folder: string, state: TrainingState): Promise<void>
    /** Puts back what `saveTrainingState` kept; undefined if there is no such folder. */
    loadTrainingState(folder: string): Promise<TrainingState | undefined>
    deleteTrainingState(folder: string): Promise<void>
    /** The model's prediction as an ONNX model with the weights inside, for any runtime. */
    toOnnx(options?: ExportOptions): Promise<Uint8Array>
  }
}

withMethods(Model, {
  save(path) {
    checkPath('save', path)
    return saveModelTo(this, path)
  },
  saveWeights(file) {
    checkPath('saveWeights', file)
    return saveWeightsTo(this, file)
  },
  loadWeights(file) {
    checkPath('loadWeights', file)
    return loadWeightsFrom(this, file)
  },
  saveTrainingState(folder, state) {
    return saveModel(this, folder, state)
  },
  loadTrainingState(folder) {
    return loadTrainingState(this, folder)
  },
  deleteTrainingState: deleteFolder,
  toOnnx(options = {}) {
    return exportOnnx(this, options)
  },
})
