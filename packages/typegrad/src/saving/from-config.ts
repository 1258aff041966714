import { FormatError, UnknownNameError } from '../base/errors.ts'
import { UnregisteredError } from '../base/registered.ts'
import { withSavedOptions } from '../base/saved-options.ts'
import { isSerialized, type SerializedObject } from '../base/serialization.ts'
import { deserializeLayer, registerLayer } from '../layers/base/deserialize.ts'
import type { Layer } from '../layers/base/layer.ts'
import { withSharedLayers } from '../layers/base/sharing.ts'
import type { SymbolicShape } from '../layers/base/symbolic.ts'
import { Functional } from '../models/functional.ts'
import { functionalOptions } from '../models/functional-config.ts'
import type { AnyModel } from '../models/model.ts'
import { Sequential } from '../models/sequential.ts'
import { restoreWeightState, type WeightState } from '../models/weight-state.ts'
import type { CompileOptions } from '../training/compile-options.ts'
import { readable } from './reading.ts'

/** The model that a configuration describes, without its weights. */
export function modelOf(value: unknown, where: string, compile: boolean): AnyModel {
  const config = value as SavedModel
  if (!isSerialized(config)) {
    throw new FormatError({
      where,
      expected: 'a class_name and a config',
      received: 'neither',
      fix: 'The file is damaged: save the model again.',
    })
  }
  const model = readable(where, () => {
    const made = withSavedOptions(() =>
      withSharedLayers(() => deserializeLayer(config)),
    ) as unknown as AnyModel
    const shape = config.buildConfig?.inputShape
    if (!made.built && shape != null) made.ensureBuilt(shape)
    return made
  })
  const { compileConfig, weightState } = config
  if (weightState != null) readable(where, () => restoreWeightState(where, model, weightState))
  if (compile && compileConfig != null) readable(where, () => compileAgain(model, compileConfig))
  return model
}

interface SavedModel extends SerializedObject {
  readonly buildConfig?: { readonly inputShape?: SymbolicShape | null }
  readonly compileConfig?: Record<string, unknown> | null
  readonly weightState?: WeightState | null
}

/** The saved names and configurations are identifiers that `compile` takes; null is what was not given. */
function compileAgain(model: AnyModel, config: Record<string, unknown>): void {
  const options = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
  try {
    withSavedOptions(() => model.compile(options as CompileOptions))
  } catch (cause) {
    // A package whose import is missing says so itself.
    if (!(cause instanceof UnknownNameError) || cause instanceof UnregisteredError) throw cause
    throw new UnknownNameError({
      where: 'loadModel',
      expected: "an optimizer, losses and metrics of the library's",
      received: `others (${cause.message})`,
      fix: 'Load the model with { compile: false } and call compile with your own.',
    })
  }
}

registerLayer('Sequential', (config) => {
  const { layers, ...options } = config as { layers: SerializedObject[]; name?: string }
  return new Sequential(layers.map(deserializeLayer), options) as unknown as Layer
})

registerLayer('Functional', (config) => new Functional(functionalOptions(config)) as unknown as Layer)
