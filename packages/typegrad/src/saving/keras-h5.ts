import { FormatError } from '../base/errors.ts'
import { type Hdf5Content, readHdf5 } from '../formats/hdf5.ts'
import { parseConfig } from '../formats/keras-config.ts'
import type { Layer } from '../layers/base/layer.ts'
import { InputLayer } from '../layers/core/input.ts'
import type { AnyModel, Model, Prediction } from '../models/model.ts'
import type { Variable } from '../tensor/variable.ts'
import { readKerasWeights } from './keras-file.ts'
import { fromKeras } from './keras-reading.ts'
import { savedVariables } from './keras-variables.ts'
import type { ReadKerasOptions } from './load-options.ts'
import { type ModelMaker, readable, readInto, withBuildShape } from './reading.ts'

/** Reads the bytes of a whole model in Keras's older format, one HDF5 file; see `readKerasH5`. */
export async function readKerasH5With<P extends Prediction>(
  make: ModelMaker,
  bytes: Uint8Array,
  { compile = true, name = 'model.h5' }: ReadKerasOptions = {},
): Promise<Model<P>> {
  const { model, assign } = await readHdf5(bytes, name, (content) => {
    const attributes = content.attributes.get('') ?? {}
    const { model_config: configText, training_config: trainingText } = attributes
    if (typeof configText !== 'string')
      throw new FormatError({
        where: name,
        expected: 'a whole model, with its model_config',
        received: 'a file without, such as one of weights alone',
        fix: 'In Keras, save it with model.save.',
      })
    const config = parseConfig(configText, `${name}: model_config`)
    checkClass(config.class_name, name)
    const compileConfig =
      compile && typeof trainingText === 'string' ? training(trainingText, name) : undefined
    // A sequence without a layer of inputs says what it was built for among its options.
    const shape = (config.config as { build_input_shape?: unknown } | null | undefined)?.build_input_shape
    const described = {
      ...config,
      ...(Array.isArray(shape) ? { build_config: { input_shape: shape } } : {}),
      ...(compileConfig && { compile_config: compileConfig }),
    }
    const made = make(
      readable(name, () => withBuildShape(fromKeras(described, name))),
      name,
      compile,
    )
    return { model: made, assign: readState(made, content, name) }
  })
  assign()
  return model as Model<P>
}

/** What Keras calls models whose configuration says all of them; `Model` in its second version. */
const wholeClasses = new Set<unknown>(['Functional', 'Model', 'Sequential'])

/**
 * The format keeps no shape that a model was built for, and no package of its class: what a class of models has made of itself
 * when it was called cannot be made again. Keras does not know the class, and told of it finds "0 layers" that weights could go to.
 *
 * @throws FormatError for a class of one's own.
 */
function checkClass(className: unknown, name: string): void {
  if (typeof className !== 'string' || wholeClasses.has(className)) return
  throw new FormatError({
    where: name,
    expected: 'a functional or sequential model, whose configuration says what it is built for',
    received: `the class ${className}, of which this format keeps the weights alone`,
    fix: `Make one, call it once, and load them: await model.loadWeights('${name}'). A .keras file loads as a whole.`,
  })
}

/**
 * The order of this format: what is trained now comes first, also of layers within the layer. Weights that were frozen
 * one by one count as their layer says: Keras, which is not told of them, puts them there.
 */
export function olderOrder(layer: Layer): readonly Variable[] {
  const trained = new Set(layer.trainable ? trainedByLayers(layer) : [])
  const { weights } = layer
  return [
    ...weights.filter((weight) => trained.has(weight)),
    ...weights.filter((weight) => !trained.has(weight)),
  ]
}

const trainedByLayers = (layer: Layer): readonly Variable[] => [
  ...layer.ownWeights.filter((weight) => weight.trainable),
  ...(layer.trainable ? layer.freezableWeights : []),
  ...layer.sublayers.flatMap(trainedByLayers),
]

/** The optimizer stands under another name than in `.keras` files. */
function training(text: string, name: string): Record<string, unknown> {
  const { optimizer_config: optimizer, ...config } = parseConfig(text, `${name}: training_config`)
  return { ...config, optimizer }
}

/** Weights of a whole model and its optimizer's state. @returns what changes the model. */
function readState(model: AnyModel, content: Hdf5Content, name: string): () => void {
  const places = weightsInOrder(model, content, 'model_weights', name)
  if (model.isCompiled && content.attributes.has('optimizer_weights')) {
    if (!model.optimizer.built) model.optimizer.build(model.trainableWeights)
    const saved = namesOf(content, 'optimizer_weights', 'weight_names', name)
    const variables = savedVariables(model.optimizer, saved.length)
    if (variables.length > 0) places.push(...inOrder(content, 'optimizer_weights', variables, name))
  }
  return readFrom(content, places, name)
}

/**
 * The weights of an `.h5` file into a model that is there: one that Keras's `save_weights` wrote, by structure, one of
 * Keras 2, or a whole model.
 *
 * @returns what changes the model.
 * @throws FormatError for what does not belong to the model.
 */
export function readH5Weights(model: AnyModel, bytes: Uint8Array, name: string): () => void {
  return readHdf5(bytes, name, (content) => {
    for (const root of ['', 'model_weights'])
      if (isOlder(content, root)) return readFrom(content, weightsInOrder(model, content, root, name), name)
    return readKerasWeights(model, content.datasets, name)
  })
}

const isOlder = ({ attributes }: Hdf5Content, root: string): boolean => {
  const found = attributes.get(root) ?? {}
  return 'layer_names' in found || 'layer_names0' in found
}

/** Weights go by their order in each layer, layers by their order in the model. */
function weightsInOrder(model: AnyModel, content: Hdf5Content, root: string, name: string) {
  const layers = model.layers.filter(
    (layer) => !((layer as Layer) instanceof InputLayer) && layer.weights.length > 0,
  )
  const groups = namesOf(content, root, 'layer_names', name)
    .map((layer) => (root === '' ? layer : `${root}/${layer}`))
    .filter((group) => namesOf(content, group, 'weight_names', name).length > 0)
  if (groups.length !== layers.length)
    throw new FormatError({
      where: name,
      expected: `weights of ${layers.length} layers (${layers.map((layer) => layer.name).join(', ')})`,
      received: `those of ${groups.length}`,
    })
  const places = layers.flatMap((layer, i) => inOrder(content, groups[i] as string, olderOrder(layer), name))
  const [own, { ownWeights }] = [ownWeightsGroup(root), model as unknown as Layer]
  // Files of Keras before 2.6 have no such group.
  if (ownWeights.length > 0 || content.attributes.has(own))
    places.push(...inOrder(content, own, ownWeights, name))
  return places
}

/** Where the weights stand that a class of models has beside those of its layers: those made to be trained first. */
export const ownWeightsGroup = (root: string): string =>
  `${root === '' ? '' : `${root}/`}top_level_model_weights`

function readFrom(
  content: Hdf5Content,
  places: readonly (readonly [string, Variable])[],
  name: string,
): () => void {
  return readInto(
    places,
    (path) => {
      const dataset = content.datasets.get(path)
      if (dataset !== undefined) return dataset
      throw new FormatError({
        where: name,
        expected: `the array '${path}'`,
        received: 'nothing of that name',
      })
    },
    name,
  )
}

function inOrder(
  content: Hdf5Content,
  group: string,
  variables: readonly Variable[],
  file: string,
): (readonly [string, Variable])[] {
  const names = namesOf(content, group, 'weight_names', file)
  if (names.length !== variables.length)
    throw new FormatError({
      where: `${file}: '${group}'`,
      expected: `${variables.length} arrays (${variables
        .map((variable) => variable.name)
        .slice(0, 6)
        .join(', ')})`,
      received: `${names.length}`,
      fix: 'Configuration and weights are of two models.',
    })
  return variables.map((variable, i) => [`${group}/${names[i]}`, variable])
}

/** A list of names; long ones go on under the same name with a number. */
function namesOf({ attributes }: Hdf5Content, group: string, key: string, file: string): readonly string[] {
  const found = attributes.get(group) ?? {}
  const whole = found[key]
  if (Array.isArray(whole)) return whole
  const parts: string[] = []
  for (let i = 0; Array.isArray(found[`${key}${i}`]); i++)
    parts.push(...(found[`${key}${i}`] as readonly string[]))
  if (parts.length > 0) return parts
  throw new FormatError({ where: `${file}: '${group}'`, expected: `a list ${key}`, received: 'none' })
}
