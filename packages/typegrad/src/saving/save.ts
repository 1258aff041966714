import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { anything, optionsOf, positive } from '../base/options.ts'
import { serialize, withSharedIds } from '../base/serialization.ts'
import { Pacer } from '../base/turn.ts'
import type { TrainingState } from '../callbacks/callback.ts'
import { fromKerasKeys, toKerasKeys } from '../formats/keras-config.ts'
import { fromJson, toJson } from '../formats/non-finite.ts'
import { encodeSafetensors, type SafetensorsEntry } from '../formats/safetensors.ts'
import type { SafetensorsFile } from '../formats/safetensors-file.ts'
import { sealed } from '../formats/sealed-json.ts'
import type { StoredDTypes } from '../formats/write-safetensors.ts'
import type { Layer } from '../layers/base/layer.ts'
import { sharedLayers } from '../layers/base/sharing.ts'
import type { SymbolicShape } from '../layers/base/symbolic.ts'
import type { WeightFilter } from '../layers/base/weight-paths.ts'
import { settleConstants } from '../layers/operations/constants.ts'
import type { AnyModel } from '../models/model.ts'
import { checkWithoutAdapters, weightStateOf } from '../models/weight-state.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { fromData } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { checkBuilt } from './built.ts'
import { loadMapped, type ReadElements } from './load-weights.ts'
import type { LoadWeightsOptions, WeightsReport } from './load-weights-options.ts'
import { type Places, slotWeights, trainingPlaces, weightPlaces } from './places.ts'
import {
  fileNames as files,
  formatVersion,
  readTraining,
  type SavedFolder,
  saveIdOf,
} from './saved-folder.ts'
import { optimizerToSave } from './saved-optimizer.ts'
import {
  type Content,
  checksumsOf,
  contentOf,
  hasOlderNames,
  namesOf,
  partMetadata,
  readTensors,
  readVariables,
  restoreOf,
  type Snapshot,
  snapshotOf,
  verify,
  wantedPlaces,
} from './weights-file.ts'
import { writeKeras, writeKerasH5 } from './write-keras.ts'

const io = () => import('../formats/files.node.ts')
const folders = () => import('../formats/model-folder.node.ts')

export interface SaveWeightsOptions {
  /** What floating-point weights are stored as, by structural names (`layers/dense/kernel`); see `writeSafetensors`. Default: their own dtype. */
  readonly dtype?: StoredDTypes
  /** Bytes of weights that one file may have; see `writeSafetensors`. Default: one file. */
  readonly maxShardBytes?: number
  /**
   * Which weights: `'trainable'` for those that training changes now, or weights by their paths, as `weightsWhere` takes
   * them. A model that loads such a file keeps all its other weights. Default: all.
   */
  readonly only?: 'trainable' | WeightFilter
}

export const saveWeightsChecks = optionsOf<SaveWeightsOptions>()({
  dtype: anything,
  maxShardBytes: positive,
  only: anything,
})

type File = readonly [name: string, chunks: readonly Uint8Array[]]

const text = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)

/** What describes the model: enough to make it again, without its weights. */
export function modelConfig(model: AnyModel): Record<string, unknown> {
  const shapes = model.modelInputs.map((port) => port.shape)
  const weightState = weightStateOf(model)
  return {
    format: 'typegrad',
    version: formatVersion,
    ...(toJson(
      toKerasKeys({
        ...withSharedIds(sharedLayers(model as unknown as Layer), () => serialize(model)),
        buildConfig: { inputShape: shapes.length === 1 ? shapes[0] : shapes },
        compileConfig: model.isCompiled ? model.compiled('save').getConfig() : null,
        ...(weightState === undefined ? {} : { weightState }),
      }),
    ) as object),
  }
}

/** Weights and what a training changes beside them, in the order in which format version 1 wrote them. */
const olderWeights = (model: AnyModel): readonly Variable[] => [
  ...model.trainableWeights,
  ...model.nonTrainableWeights,
]
const olderTraining = (model: AnyModel): readonly Variable[] => [
  ...(model.isCompiled ? model.optimizer.variables : []),
  ...model.ownOptimizers.flatMap((optimizer) => optimizer.variables),
  ...model.states,
  model.seedGenerator.state,
]

/** Of a model that is compiled. */
function builtOptimizer(model: AnyModel): Optimizer | undefined {
  if (!model.isCompiled) return undefined
  if (!model.optimizer.built) model.optimizer.build(model.trainableWeights)
  return model.optimizer
}

/** All that is saved of a model as it is now, whatever is trained while it is written. */
async function folderFiles(model: AnyModel, state?: TrainingState): Promise<File[]> {
  checkBuilt(model)
  await settleConstants(model.constants)
  // A training that is interrupted goes on with the weights that it has been training, frozen since or not.
  const optimizer = model.isCompiled && state === undefined ? optimizerToSave(model) : builtOptimizer(model)
  const texts: [string, Record<string, unknown>][] = [[files.config, modelConfig(model)]]
  const snapshots: [string, Snapshot][] = [
    [files.weights, snapshotOf(weightPlaces(model))],
    [files.optimizer, snapshotOf(trainingPlaces(model, optimizer))],
  ]
  if (state !== undefined) {
    const tensors = Object.entries(state.tensors)
    texts.push([files.training, { extra: toJson(state.extra) }])
    snapshots.push([files.state, tensors.map(([name, value]) => ({ path: name, name, value }))])
  }
  const contents: [string, Content][] = []
  for (const [name, snapshot] of snapshots) contents.push([name, await contentOf(snapshot)])
  const id = saveIdOf([...texts.map(([, value]) => value), ...contents.map(([, { metadata }]) => metadata)])
  return [
    ...texts.map(([name, value]): File => [name, [text(sealed({ ...value, ...id.inJson }))]]),
    ...contents.map(
      ([name, { entries, metadata }]): File => [
        name,
        encodeSafetensors(entries, { ...id.inMetadata, ...metadata }),
      ],
    ),
  ]
}

/** Writes a model in the format that the path's ending names: a `.keras` or `.h5` file, or a folder. */
export async function saveModelTo(model: AnyModel, path: string): Promise<void> {
  if (path.endsWith('.keras')) await writeFile(path, [await writeKeras(model)])
  else if (isHdf5(path)) await writeFile(path, [await writeKerasH5(model)])
  else await saveModel(model, path)
}

async function writeFile(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const { mkdir, dirname, writeFileAtomically } = await io()
  await mkdir(dirname(path), { recursive: true })
  await writeFileAtomically(path, chunks)
}

/** Writes the model's folder; what stood there is replaced when the new one is complete. */
export async function saveModel(model: AnyModel, folder: string, state?: TrainingState): Promise<void> {
  checkBuilt(model)
  const { checkReplaceable, writeModelFolder } = await folders()
  await checkReplaceable(folder)
  await writeModelFolder(folder, await folderFiles(model, state))
}

export async function saveWeightsTo(
  model: AnyModel,
  file: string,
  options: SaveWeightsOptions,
): Promise<void> {
  checkBuilt(model)
  const { only, ...writing } = options
  if (isHdf5(file)) {
    refuseForHdf5('saveWeights', file, given(options))
    checkWithoutAdapters(model)
    const { kerasWeightsBytes } = await import('./keras-file.ts')
    return await writeFile(file, [await kerasWeightsBytes(model)])
  }
  const { writeSafetensors, storedChoice } = await import('../formats/write-safetensors.ts')
  const places = weightPlaces(model)
  const snapshot = snapshotOf(only === undefined ? places : partOf(model, places, only))
  const { entries, metadata } = await contentOf(snapshot, storedChoice(options.dtype))
  const tensors = entries.map((entry) => [entry.name, entry] as const)
  const part = only === undefined ? {} : partMetadata
  await writeSafetensors(file, tensors, { metadata: { ...metadata, ...part }, ...writing })
}

function partOf(model: AnyModel, places: Places, only: 'trainable' | WeightFilter): Places {
  const chosen = new Set(only === 'trainable' ? model.trainableWeights : model.weightsWhere(only))
  return new Map([...places].filter(([, variable]) => chosen.has(variable)))
}

export async function loadWeightsFrom(
  model: AnyModel,
  file: string,
  options: LoadWeightsOptions,
): Promise<WeightsReport> {
  checkBuilt(model, 'loadWeights')
  const all = weightPlaces(model)
  const { map, split, transpose, reshape, strict = true, verify: verifies = true, mmap = true } = options
  const rules = given({ map, split, transpose, reshape })
  if (isHdf5(file)) {
    refuseForHdf5('loadWeights', file, [...rules, ...(strict ? [] : ['strict'])])
    const { readH5Weights } = await import('./keras-h5.ts')
    const { readBytes } = await io()
    readH5Weights(model, await readBytes(file), file)()
    return allLoaded(all)
  }
  const { openCheckpoint } = await import('../formats/safetensors-file.ts')
  const opened = await openCheckpoint(file, { mmap, isWhole: true })
  const places = wantedPlaces(all, opened.metadata, opened.tensors)
  const read = elementsOf(opened, verifies)
  const names = namesOf(opened.metadata, opened.name)
  const older = olderWeights(model)
  const isOwn = names !== undefined || hasOlderNames(opened.tensors.keys(), older)
  if (!isOwn || rules.length > 0 || !strict)
    return await loadMapped(opened, places, read, options, model.weightPaths)
  const tensors = new Map<string, SafetensorsEntry>()
  for (const [name, { dtype, shape }] of opened.tensors)
    tensors.set(name, { dtype, shape, data: await read(name) })
  const restoreWeights = await restoreOf(tensors, names, places, opened.name, older)
  restoreWeights()
  return allLoaded(places)
}

/** Reads tensors of a checkpoint; their checksums are compared, where it has them. */
function elementsOf(file: SafetensorsFile, verifies: boolean): ReadElements {
  const checksums = verifies ? checksumsOf(file.metadata, file.name) : new Map<string, string>()
  const pacer = new Pacer()
  const read = async (tensor: string): Promise<TypedArray> => {
    const wanted = checksums.get(tensor)
    if (wanted === undefined) return await file.read(tensor)
    const bytes = await file.bytes(tensor)
    await verify(bytes, wanted, `${file.name}: '${tensor}'`, pacer)
    return await file.elements(tensor, bytes)
  }
  const part: ReadElements['part'] = (tensor) =>
    checksums.has(tensor) ? undefined : (begin, end, into) => file.part(tensor, begin, end, into)
  return Object.assign(read, { part })
}

const allLoaded = (places: Places): WeightsReport => ({
  loaded: [...places.values()].map(({ name }) => name),
  missing: [],
  unexpected: [],
  mismatched: [],
  unused: [],
})

/** Names of the options that have a value. */
const given = (options: object): string[] =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]))

function refuseForHdf5(where: string, file: string, options: readonly string[]): void {
  if (options.length === 0) return
  throw new ArgumentError({
    where: `${where}: ${options.join(', ')}`,
    expected: 'a file of safetensors, for which these options are',
    received: `'${file}', a file of HDF5`,
  })
}

const isHdf5 = (path: string): boolean => /\.(h5|hdf5)$/.test(path)

/**
 * Gives a model the state that a folder holds: weights, and what its training goes on from.
 *
 * @throws FormatError for what does not belong to the model; then nothing is changed.
 */
export async function restore(model: AnyModel, saved: SavedFolder): Promise<void> {
  const restoreWeights = await readVariables(
    saved.weights,
    weightPlaces(model),
    `${saved.folder}/${files.weights}`,
    olderWeights(model),
  )
  let restoreTraining = () => {}
  const path = `${saved.folder}/${files.optimizer}`
  await buildOptimizerAsSaved(model, saved.optimizer, path)
  if (builtOptimizer(model) !== undefined) {
    restoreTraining = await readVariables(saved.optimizer, trainingPlaces(model), path, olderTraining(model))
  }
  restoreWeights()
  restoreTraining()
}

/**
 * Builds the optimizer of a model with steps of its own, which may train some of the weights alone, for those that the file has
 * its state of. Once it has made a step, it is built.
 */
async function buildOptimizerAsSaved(model: AnyModel, bytes: Uint8Array, path: string): Promise<void> {
  if (!model.isCompiled || !model.hasOwnSteps || model.optimizer.built) return
  const { tensors } = await readTensors(bytes, path)
  const trained = slotWeights(tensors.keys(), weightPlaces(model))
  if (trained.length > 0) model.optimizer.build(trained)
}

/** Builds a model that has seen no data yet, as the saved one was built. */
function buildAsSaved(model: AnyModel, { config }: SavedFolder): void {
  if (model.built) return
  const { buildConfig } = fromKerasKeys({ buildConfig: config.build_config }) as {
    readonly buildConfig?: { readonly inputShape?: SymbolicShape }
  }
  if (buildConfig?.inputShape != null) model.ensureBuilt(buildConfig.inputShape)
}

/** Reads a training's state back; undefined if there is no folder. */
export async function loadTrainingState(
  model: AnyModel,
  folder: string,
  accept: (extra: unknown) => void = () => {},
): Promise<TrainingState | undefined> {
  const saved = await readTraining(folder)
  if (saved === undefined) return undefined
  const extra = fromJson(saved.training.extra)
  accept(extra)
  const { tensors } = await readTensors(saved.state, `${folder}/${files.state}`)
  buildAsSaved(model, saved)
  await restore(model, saved)
  const named = [...tensors].map(([name, { data, shape, dtype }]) => [name, fromData(data, shape, dtype)])
  return { extra, tensors: Object.fromEntries(named) }
}

export async function deleteFolder(folder: string): Promise<void> {
  const { removeModelFolder } = await folders()
  await removeModelFolder(folder)
}
