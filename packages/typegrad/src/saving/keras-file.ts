import { FormatError } from '../base/errors.ts'
import { checkOptions } from '../base/options.ts'
import { type Hdf5Attribute, type Hdf5Dataset, readHdf5, writeHdf5 } from '../formats/hdf5.ts'
import { parseConfig } from '../formats/keras-config.ts'
import { pythonJson } from '../formats/python-json.ts'
import { readZip, writeZip } from '../formats/zip.ts'
import { settleConstants } from '../layers/operations/constants.ts'
import type { AnyModel, Model, Prediction } from '../models/model.ts'
import { checkBuilt } from './built.ts'
import { datasetsOf, kerasVersion } from './keras-datasets.ts'
import { fromKeras } from './keras-reading.ts'
import { type KerasPlaces, kerasPlaces, optimizerPlaces, savedVariables } from './keras-variables.ts'
import { kerasConfig } from './keras-writing.ts'
import { type ReadKerasOptions, readKerasChecks } from './load-options.ts'
import type { Places } from './places.ts'
import { type ModelMaker, readable, readInto } from './reading.ts'
import { optimizerToSave } from './saved-optimizer.ts'
import { fillVocabularies, hasVocabularies, idfPlaces } from './vocabularies.ts'

/** Refuses options that reading a file does not have. */
export const checkReading = (where: string, options: ReadKerasOptions | undefined): void =>
  checkOptions(where, options, readKerasChecks)

const weightsFile = 'model.weights.h5'
/** Reads the bytes of a `.keras` file; see `readKeras`. */
export async function readKerasWith<P extends Prediction>(
  make: ModelMaker,
  bytes: Uint8Array,
  { compile = true, name = 'model.keras', ...limits }: ReadKerasOptions = {},
): Promise<Model<P>> {
  const files = readZip(bytes, name, limits, ['config.json', weightsFile])
  // readZip gives what it was asked for.
  const [configBytes, weights] = [files.get('config.json'), files.get(weightsFile)] as [
    Uint8Array,
    Uint8Array,
  ]
  const where = `${name}: config.json`
  const config = parseConfig(new TextDecoder().decode(configBytes), where)
  if (config.class_name === 'FeatureSpace')
    throw new FormatError({
      where,
      expected: 'a model',
      received: 'a FeatureSpace by itself',
      fix: 'Read it by loadFeatureSpace or readFeatureSpace.',
    })
  const weightsAt = `${name}: ${weightsFile}`
  // Lookups without a vocabulary in their configuration have it in a file of its own.
  if (hasVocabularies(config)) {
    const all = readZip(bytes, name, limits)
    await readHdf5(weights, weightsAt, ({ datasets }) => fillVocabularies(config, all, datasets, name))
  }
  const model = make(
    readable(where, () => fromKeras(config, where)),
    where,
    compile,
  )
  const assign = await readHdf5(weights, weightsAt, ({ datasets }) => readState(model, datasets, weightsAt))
  assign()
  return model as Model<P>
}

/** What is in older files, and has no meaning for the model. */
const leftAside =
  /(^|\/)(seed_)?generator\/vars\/|(^|\/)vars\/idf_weights$|^(_?metrics|_?loss_tracker|_compile_metrics|_compile_loss)\//

type Datasets = ReadonlyMap<string, Hdf5Dataset>

/** Checks weights and optimizer state against the model's. @returns what changes the model. */
function readState(model: AnyModel, datasets: Datasets, where: string): () => void {
  const places = new Map(weightsIn(model, datasets))
  const ofOptimizer = [...datasets.keys()].filter((path) => path.startsWith('optimizer/vars/'))
  if (model.isCompiled) {
    if (!model.optimizer.built) model.optimizer.build(model.trainableWeights)
    const saved = savedVariables(model.optimizer, ofOptimizer.length)
    for (const [path, variable] of optimizerPlaces(model.optimizer).variables)
      if (saved.includes(variable)) places.set(path, variable)
  }
  return readPlaces(places, datasets, where)
}

/** Weights by their places in the file, of which an older one of ours may have fewer. */
function weightsIn(model: AnyModel, datasets: Datasets): Places {
  const whole = kerasPlaces(model).variables
  return [...whole.keys()].every((path) => datasets.has(path)) ? whole : kerasPlaces(model, false).variables
}

/**
 * Checks weights alone against the model's, whatever else the file holds of a training.
 *
 * @returns what changes the model.
 */
export const readKerasWeights = (model: AnyModel, datasets: Datasets, where: string): (() => void) =>
  readPlaces(weightsIn(model, datasets), datasets, where)

/** Checks arrays against variables. @returns what changes these. */
export function readPlaces(places: Places, datasets: Datasets, where: string): () => void {
  const takesOptimizer = [...places.keys()].some((path) => path.startsWith('optimizer/'))
  const surplus = [...datasets.keys()].filter(
    (path) =>
      !places.has(path) && !leftAside.test(path) && (takesOptimizer || !path.startsWith('optimizer/')),
  )
  const missing = [...places.keys()].filter((path) => !datasets.has(path))
  if (missing.length > 0 || surplus.length > 0) {
    throw new FormatError({
      where,
      expected: `the ${places.size} arrays of the model`,
      received: [
        ...(missing.length > 0 ? [`no ${listed(missing)}`] : []),
        ...(surplus.length > 0 ? [`besides ${listed(surplus)}`] : []),
      ].join(', and '),
      fix: 'The file is damaged, or configuration and weights are of two models.',
    })
  }
  return readInto([...places], (path) => datasets.get(path) as Hdf5Dataset, where)
}

const listed = (paths: readonly string[]): string =>
  `${paths
    .slice(0, 5)
    .map((path) => `'${path}'`)
    .join(', ')}${paths.length > 5 ? ', …' : ''}`

/** The groups that hold names. */
const named = (names: KerasPlaces['names']): Map<string, Readonly<Record<string, Hdf5Attribute>>> =>
  new Map([...names].map(([path, name]) => [path, { name }]))

/** Writes the bytes of a `.weights.h5` file: a model's weights, as Keras's `save_weights` lays them out. */
export async function kerasWeightsBytes(model: AnyModel): Promise<Uint8Array> {
  const { variables, names } = kerasPlaces(model)
  return await writeHdf5({ datasets: await datasetsOf(variables), attributes: named(names) })
}

/** Writes the bytes of a `.keras` file; see `writeKeras`. */
export async function kerasBytes(model: AnyModel): Promise<Uint8Array> {
  checkBuilt(model)
  await settleConstants(model.constants)
  const optimizer = model.isCompiled ? optimizerToSave(model, { isForAll: true }) : undefined
  const config = kerasConfig(model)
  const { variables, names } = kerasPlaces(model)
  const state = optimizer && optimizerPlaces(optimizer)
  const datasets = await datasetsOf(new Map([...variables, ...idfPlaces(model), ...(state?.variables ?? [])]))
  const groups = named(new Map([...names, ...(state?.names ?? [])]))
  return kerasArchive(config, await writeHdf5({ datasets, attributes: groups }))
}

/** A `.keras` file of a configuration and weights. */
export function kerasArchive(config: unknown, weights: Uint8Array): Uint8Array {
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(pythonJson(value))
  const now = new Date().toISOString()
  return writeZip({
    'metadata.json': text({
      keras_version: kerasVersion,
      date_saved: `${now.slice(0, 10)}@${now.slice(11, 19)}`,
    }),
    'config.json': text(config),
    [weightsFile]: weights,
  })
}
