import { checked, checkPath } from '../base/options.ts'
import type { TrainingState } from '../callbacks/callback.ts'
import { Model, type Predicted, type Prediction } from '../models/model.ts'
import { withMethods } from '../models/with-methods.ts'
import { type ExportOptions, exportOnnx } from './export-onnx.ts'
import { type LoadWeightsOptions, loadWeightsChecks, type WeightsReport } from './load-weights-options.ts'
import {
  deleteFolder,
  loadTrainingState,
  loadWeightsFrom,
  type SaveWeightsOptions,
  saveModel,
  saveModelTo,
  saveWeightsChecks,
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
     *
     * @example
     * await model.saveWeights('model.safetensors', { dtype: 'bfloat16', maxShardBytes: 5e9 })
     * await model.saveWeights('adapter.safetensors', { only: 'trainable' })
     */
    saveWeights(file: string, options?: SaveWeightsOptions): Promise<void>
    /**
     * Reads weights: those that `saveWeights` wrote, Keras's of an `.h5` file, or any checkpoint of safetensors (one file,
     * or the `index.json` of several), whose names and layouts `options` translate. Values of another width become the
     * weights' own. A file is mapped where that is possible, and weights whose elements it has as they are then take no
     * memory of their own until they are trained (see `readSafetensors` on files that must not change meanwhile).
     *
     * Nothing is changed unless everything fits, or `strict` is false. Of a file that `saveWeights` made of a part of the
     * weights, all others stay as they are.
     *
     * @returns which weights were loaded; with `strict: false` also what did not fit.
     * @throws FormatError naming all weights that are missing, tensors that are too many, and those of another shape or
     * dtype; ArgumentError for rules that cannot be.
     * @example
     * // nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)) of PyTorch
     * await model.loadWeights('model.safetensors', {
     *   map: { '0.weight': 'hidden/kernel', '0.bias': 'hidden/bias', '2.weight': 'out/kernel', '2.bias': 'out/bias' },
     *   transpose: { '*.weight': true },
     * })
     */
    loadWeights(file: string, options?: LoadWeightsOptions): Promise<WeightsReport>
    /** Keeps all that a training needs to go on: weights, optimizer, random numbers, and `state`. */
    saveTrainingState(folder: string, state: TrainingState): Promise<void>
    /**
     * Puts back what `saveTrainingState` kept; undefined if there is no such folder.
     *
     * @param accept looks at `extra` before anything is changed, and throws to leave all as it is.
     */
    loadTrainingState(folder: string, accept?: (extra: unknown) => void): Promise<TrainingState | undefined>
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
  saveWeights(file, options = {}) {
    checkPath('saveWeights', file)
    return saveWeightsTo(this, file, checked('saveWeights', options, saveWeightsChecks))
  },
  loadWeights(file, options = {}) {
    checkPath('loadWeights', file)
    return loadWeightsFrom(this, file, checked('loadWeights', options, loadWeightsChecks))
  },
  saveTrainingState(folder, state) {
    return saveModel(this, folder, state)
  },
  loadTrainingState(folder, accept) {
    return loadTrainingState(this, folder, accept)
  },
  deleteTrainingState: deleteFolder,
  toOnnx(options = {}) {
    return exportOnnx(this, options)
  },
})
