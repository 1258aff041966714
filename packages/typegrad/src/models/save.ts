import { FormatError, StateError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import type { TrainingState } from '../callbacks/callback.ts'
import { parseConfig, toKerasKeys } from '../formats/keras-config.ts'
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors.ts'
import { fromData } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import type { Model } from './model.ts'
import { decodeVariables, encodeVariables } from './weights-file.ts'

/** The version of the folder's layout; a reader refuses newer ones. */
export const formatVersion = 1

const files = {
  config: 'config.json',
  weights: 'model.safetensors',
  optimizer: 'optimizer.safetensors',
  training: 'training.json',
  state: 'training.safetensors',
} as const

const io = () => import('../formats/files.node.ts')
const atomic = () => import('../formats/atomic.ts')

const text = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)

/** What describes the model: enough to make it again, without its weights. */
export function modelConfig(model: Model): Record<string, unknown> {
  const shapes = model.modelInputs.map((port) => port.shape)
  return {
    format: 'typegrad',
    version: formatVersion,
    ...(toKerasKeys({
      ...serialize(model),
      buildConfig: { inputShape: shapes.length === 1 ? shapes[0] : shapes },
      compileConfig: model.isCompiled ? model.compiled('save').getConfig() : null,
    }) as object),
  }
}

/** Variables that a training changes beside the weights: the optimizer's, and the random state. */
const trainingVariables = (model: Model): readonly Variable[] => [
  ...(model.isCompiled ? model.optimizer.variables : []),
  model.generator.state,
]

async function folderFiles(
  model: Model,
  state?: TrainingState,
): Promise<[name: string, chunks: readonly Uint8Array[]][]> {
  if (!model.built) {
    throw new StateError({
      where: 'save',
      expected: 'a model that is built',
      received: 'one that has no weights yet',
      fix: 'Give its first layer an inputShape, or call it once.',
    })
  }
  if (model.isCompiled) model.optimizer.build(model.trainableWeights)
  return [
    [files.config, [text(modelConfig(model))]],
    [files.weights, await encodeVariables(model.weights)],
    [files.optimizer, await encodeVariables(trainingVariables(model))],
    ...(state === undefined ? [] : await stateFiles(state)),
  ]
}

async function stateFiles({
  extra,
  tensors,
}: TrainingState): Promise<[name: string, chunks: readonly Uint8Array[]][]> {
  const entries = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => ({
      name,
      dtype: tensor.dtype,
      shape: tensor.shape,
      data: await tensor.data(),
    })),
  )
  return [
    [files.training, [text({ extra })]],
    [files.state, encodeSafetensors(entries)],
  ]
}

/** Writes the model's folder; what stood there is replaced when the new one is complete. */
export async function saveModel(model: Model, folder: string, state?: TrainingState): Promise<void> {
  const contents = await folderFiles(model, state)
  const [{ join }, { replaceFolderAtomically, writeFileAtomically }] = await Promise.all([io(), atomic()])
  await replaceFolderAtomically(folder, async (temporary) => {
    for (const [name, chunks] of contents) await writeFileAtomically(join(temporary, name), chunks)
  })
}

export async function saveWeightsTo(model: Model, file: string): Promise<void> {
  const chunks = await encodeVariables(model.weights)
  const [{ mkdir, dirname }, { writeFileAtomically }] = await Promise.all([io(), atomic()])
  await mkdir(dirname(file), { recursive: true })
  await writeFileAtomically(file, chunks)
}

export async function loadWeightsFrom(model: Model, file: string): Promise<void> {
  const { readBytes } = await io()
  decodeVariables(await readBytes(file), model.weights, file)
}

/** A saved folder as it is read: the configuration, and the bytes of the rest. */
export interface SavedFolder {
  readonly folder: string
  readonly config: Record<string, unknown>
  readonly weights: Uint8Array
  readonly optimizer: Uint8Array | undefined
}

/** Reads a saved folder, finishing a save that was cut off. @throws FormatError for what is no such folder. */
export async function readFolder(folder: string): Promise<SavedFolder> {
  const [{ join, readBytes, readIfPresent }, { recoverFolder }] = await Promise.all([io(), atomic()])
  await recoverFolder(folder)
  const path = join(folder, files.config)
  const decoder = new TextDecoder()
  const config = parseConfig(decoder.decode(await readBytes(path)), path)
  if (config.format !== 'typegrad' || typeof config.version !== 'number') {
    throw new FormatError({
      where: path,
      expected: 'a model that typegrad has saved',
      received: `format ${JSON.stringify(config.format)}`,
    })
  }
  if (config.version > formatVersion) {
    throw new FormatError({
      where: path,
      expected: `format version ${formatVersion} or older`,
      received: `${config.version}`,
      fix: 'It was written by a newer typegrad: update the package.',
    })
  }
  return {
    folder,
    config,
    weights: await readBytes(join(folder, files.weights)),
    optimizer: await readIfPresent(join(folder, files.optimizer)),
  }
}

/** Gives a model the state that a folder holds: weights, and what its training goes on from. */
export function restore(model: Model, saved: SavedFolder): void {
  const { weights } = model
  const before = weights.map((weight) => weight.node)
  decodeVariables(saved.weights, weights, `${saved.folder}/${files.weights}`)
  if (saved.optimizer === undefined) return
  try {
    if (model.isCompiled) model.optimizer.build(model.trainableWeights)
    decodeVariables(saved.optimizer, trainingVariables(model), `${saved.folder}/${files.optimizer}`)
  } catch (error) {
    // Half of a state is none.
    weights.forEach((weight, i) => {
      weight.node = before[i] as typeof weight.node
    })
    throw error
  }
}

/** Writes everything that a training needs to go on as if it had not stopped. */
export const saveTrainingState = (model: Model, folder: string, state: TrainingState): Promise<void> =>
  saveModel(model, folder, state)

/** Reads a training's state back; undefined if there is no folder. */
export async function loadTrainingState(model: Model, folder: string): Promise<TrainingState | undefined> {
  const [{ join, readBytes, readIfPresent }, { recoverFolder }] = await Promise.all([io(), atomic()])
  await recoverFolder(folder)
  if ((await readIfPresent(join(folder, files.config))) === undefined) return undefined
  const saved = await readFolder(folder)
  const [jsonPath, tensorPath] = [join(folder, files.training), join(folder, files.state)]
  const { extra } = parseConfig(new TextDecoder().decode(await readBytes(jsonPath)), jsonPath)
  const { tensors } = decodeSafetensors(await readBytes(tensorPath), tensorPath)
  restore(model, saved)
  const named = [...tensors].map(([name, { data, shape, dtype }]) => [
    name,
    fromData(data.slice(), shape, dtype),
  ])
  return { extra, tensors: Object.fromEntries(named) }
}

export async function deleteFolder(folder: string): Promise<void> {
  const { rm } = await io()
  await rm(folder, { recursive: true, force: true })
}
