import { FormatError } from '../base/errors.ts'
import { withSavedOptions } from '../base/saved-options.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { readHdf5, writeHdf5 } from '../formats/hdf5.ts'
import { parseConfig } from '../formats/keras-config.ts'
import { readZip } from '../formats/zip.ts'
import { deserializeLayer } from '../layers/base/deserialize.ts'
import type { Layer } from '../layers/base/layer.ts'
import { snakeCaseName } from '../layers/base/naming.ts'
import type { Feature, FeatureCross } from '../layers/preprocessing/features/feature.ts'
import { FeatureSpace } from '../layers/preprocessing/features/feature-space.ts'
import { IndexLookup } from '../layers/preprocessing/index-lookup.ts'
import type { AnyModel } from '../models/model.ts'
import type { Variable } from '../tensor/variable.ts'
import { datasetsOf } from './keras-datasets.ts'
import { kerasArchive, readPlaces } from './keras-file.ts'
import { kerasValue } from './keras-options.ts'
import { fromKeras } from './keras-reading.ts'
import { kerasPlaces } from './keras-variables.ts'
import { toKeras } from './keras-writing.ts'
import type { ReadKerasOptions } from './load-options.ts'
import { readable } from './reading.ts'
import { join } from './structure.ts'
import { fillLookups, idfPlaces } from './vocabularies.ts'

/**
 * Keras's file of a FeatureSpace by itself: a `.keras` file whose configuration has a layer for each feature, in order, whose weights
 * and vocabularies stand below `preprocessors/`. What is said of crosses is enough to make their layers, which have neither.
 */
type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const module = 'keras.src.layers.preprocessing.feature_space'
const weightsFile = 'model.weights.h5'

/** Things with a class each, at the places where Keras keeps them: by the class, with a number from its second on. */
function placed<T>(all: readonly T[], classOf: (one: T) => string): (readonly [place: string, one: T])[] {
  const counts = new Map<string, number>()
  return all.map((one) => {
    const name = snakeCaseName(classOf(one))
    const count = counts.get(name) ?? 0
    counts.set(name, count + 1)
    return [`preprocessors/${count === 0 ? name : `${name}_${count}`}`, one] as const
  })
}

/** Floats that stay as they are have a layer of Keras's FeatureSpace alone, which runs beside TensorFlow's. */
const classInKeras = ({ className }: Layer): string => (className === 'Identity' ? 'TFDIdentity' : className)

/** Where the file has what layers have learned. */
function placesIn(
  space: FeatureSpace,
  of: (layer: AnyModel) => ReadonlyMap<string, Variable>,
): ReadonlyMap<string, Variable> {
  const layers = Object.values(space.preprocessors)
  return new Map(
    // Places are found by structure, which each layer has as a model has it.
    placed(layers, classInKeras).flatMap(([place, layer]) =>
      [...of(layer as unknown as AnyModel)].map(([path, variable]) => [join(place, path), variable] as const),
    ),
  )
}

const weightsOf = (layer: AnyModel): ReadonlyMap<string, Variable> => kerasPlaces(layer).variables

function layerConfig(layer: Layer): Json {
  const saved = toKeras(serialize(layer), '') as Json
  return layer.className === 'Identity'
    ? { ...saved, module, class_name: 'TFDIdentity', registered_name: 'TFDIdentity' }
    : saved
}

const ofFeatureSpace = (className: string, config: Json): Json => ({
  module,
  class_name: className,
  config,
  registered_name: className,
})

/** Writes the bytes of a `.keras` file; see `writeFeatureSpace`. */
export async function featureSpaceBytes(space: FeatureSpace): Promise<Uint8Array> {
  // Its layers are built then; a space that has not learned says so.
  space.getEncodedFeatures()
  const features = Object.entries(space.features)
  const config = {
    module: 'keras.utils',
    class_name: 'FeatureSpace',
    config: {
      features: Object.fromEntries(
        features.map(([name, { dtype, preprocessor, outputMode }]) => [
          name,
          ofFeatureSpace('Feature', {
            dtype,
            preprocessor: layerConfig(preprocessor),
            output_mode: kerasValue(outputMode, 'output_mode'),
          }),
        ]),
      ),
      output_mode: space.outputMode,
      crosses: space.crosses.map(({ featureNames, crossingDim, outputMode }) =>
        ofFeatureSpace('Cross', {
          feature_names: featureNames,
          crossing_dim: crossingDim,
          output_mode: kerasValue(outputMode, 'output_mode'),
        }),
      ),
      // What kinds by name alone would be made by: features and crosses say theirs.
      crossing_dim: 32,
      hashing_dim: 32,
      num_discretization_bins: 32,
    },
    registered_name: null,
    build_config: Object.fromEntries(
      features.map(([name, { preprocessor }]) => [
        name,
        // Lookups are not built for a shape.
        preprocessor instanceof IndexLookup ? {} : { input_shape: [null, 1] },
      ]),
    ),
  }
  const variables = new Map([...placesIn(space, weightsOf), ...placesIn(space, idfPlaces)])
  const datasets = await datasetsOf(variables)
  return kerasArchive(config, await writeHdf5({ datasets, attributes: new Map() }))
}

/** Reads the bytes of a `.keras` file; see `readFeatureSpace`. */
export async function featureSpaceOf(
  bytes: Uint8Array,
  { name = 'features.keras', compile: _, ...limits }: ReadKerasOptions,
): Promise<FeatureSpace> {
  const files = readZip(bytes, name, limits, ['config.json', weightsFile])
  const where = `${name}: config.json`
  const config = parseConfig(new TextDecoder().decode(files.get('config.json')), where)
  if (config.class_name !== 'FeatureSpace' || !isObject(config.config))
    throw new FormatError({
      where,
      expected: 'a FeatureSpace',
      received: String(config.class_name),
      fix: 'Models are read by loadModel and readKeras.',
    })
  const { features, crosses, output_mode: outputMode } = config.config
  const told = Object.entries(isObject(features) ? features : {}).map(
    ([feature, saved]) => [feature, featureJson(saved, `${where}: '${feature}'`)] as const,
  )
  const layers = placed(
    told.map(([, { preprocessor }]) => preprocessor),
    (layer) => String(layer.class_name),
  )
  const weightsAt = `${name}: ${weightsFile}`
  const assign = await readHdf5(files.get(weightsFile) as Uint8Array, weightsAt, ({ datasets }) => {
    fillLookups(layers, () => readZip(bytes, name, limits), datasets, name)
    const space = readable(where, () =>
      withSavedOptions(() => {
        const made = new FeatureSpace({
          features: Object.fromEntries(told.map(([feature, saved]) => [feature, madeFeature(saved, where)])),
          crosses: (Array.isArray(crosses) ? crosses : []).map((cross) => crossOf(cross, where)),
          outputMode: outputMode as 'concat',
        })
        made.takeAsAdapted()
        made.getEncodedFeatures()
        return made
      }),
    )
    return { space, put: readPlaces(placesIn(space, weightsOf), datasets, weightsAt) }
  })
  assign.put()
  return assign.space
}

interface FeatureJson {
  readonly dtype: Feature['dtype']
  readonly preprocessor: Json
  readonly outputMode: Feature['outputMode']
}

const dtypes = ['float32', 'int32', 'int64', 'string'] as const
const modes = { int: 'int', one_hot: 'oneHot', float: 'float' } as const

/** @throws FormatError for what is no feature. */
function featureJson(saved: unknown, where: string): FeatureJson {
  const config = isObject(saved) && isObject(saved.config) ? saved.config : {}
  const { preprocessor, output_mode: mode } = config
  const dtype = dtypes.find((one) => one === config.dtype)
  if (dtype !== undefined && isObject(preprocessor) && typeof mode === 'string' && Object.hasOwn(modes, mode))
    return { dtype, preprocessor, outputMode: modes[mode as keyof typeof modes] }
  throw new FormatError({
    where,
    expected: `a feature: a dtype (${dtypes.join(', ')}), a preprocessor and an output_mode (${Object.keys(modes).join(', ')})`,
    received: JSON.stringify(saved)?.slice(0, 200) ?? 'nothing',
  })
}

function madeFeature({ dtype, preprocessor, outputMode }: FeatureJson, where: string): Feature {
  const layer = deserializeLayer(fromKeras(preprocessor, where) as SerializedObject)
  return { dtype, preprocessor: layer, outputMode }
}

/** @throws FormatError for what is no cross. */
function crossOf(saved: unknown, where: string): FeatureCross {
  const config = isObject(saved) && isObject(saved.config) ? saved.config : {}
  const { feature_names: featureNames, crossing_dim: crossingDim, output_mode: mode } = config
  const isNames = Array.isArray(featureNames) && featureNames.every((name) => typeof name === 'string')
  if (isNames && typeof crossingDim === 'number' && (mode === 'int' || mode === 'one_hot'))
    return { featureNames, crossingDim, outputMode: modes[mode] }
  throw new FormatError({
    where,
    expected: 'crosses: feature_names, a crossing_dim and an output_mode (int, one_hot)',
    received: JSON.stringify(saved)?.slice(0, 200) ?? 'nothing',
  })
}
