import { type HubOptions, hubChecks } from '@typegrad/hub/options'
import { adapters, evaluateAll, type Tensor, tensor } from 'typegrad'
import { ArgumentError, checkOptions, FormatError, nearestName, optionsOf } from 'typegrad/core'
import { type AnyLayer, checks, type PlacedWeight, weightPlaces } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import { storedShape } from '../checkpoint/checkpoint-plan.ts'
import { folderOf } from '../checkpoint/model-folder.ts'
import { inverseOf, type NamedWeight } from '../checkpoint/names.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { keepQuantized } from '../quantize/keep-quantized.ts'
import { type GgufArchitecture, ggufArchitectures, ggufConfig, ggufName } from './llama-names.ts'
import type { GgufFile } from './read-gguf.node.ts'
import { readGguf } from './read-gguf.ts'

export interface FromGgufOptions extends HubOptions {
  /** The file's name in a folder, or in a model of the hub. Default: what is given is the file. */
  readonly file?: string
  /**
   * What becomes of matrices in Q4_0 and Q8_0: `'kept'` leaves their numbers as they are, an eighth or a quarter of the memory;
   * `'float32'` makes them floats, which can be trained. All others become floats. Default `'kept'`.
   */
  readonly weights?: 'kept' | 'float32'
}

const fromGgufChecks = optionsOf<FromGgufOptions>()({
  file: checks.path,
  weights: checks.oneOf('kept', 'float32'),
  ...hubChecks,
})

/**
 * A Llama-like model (Llama, Mistral, SmolLM 2, Qwen 2 and 3, Gemma 2) from a file of llama.cpp, with matrices in F32, F16,
 * BF16, Q8_0, Q4_0, Q4_K and Q6_K.
 *
 * @param source the file's path; with `file` the folder that it is in, or the name of a model of the hub.
 * @throws FormatError for a file that is damaged or cut, and naming all tensors that are missing, too many, or of a shape or
 * format that does not fit; ArgumentError for an architecture that is not read. Nothing is loaded then.
 * @example
 * const model = await fromGguf('models/smollm2-135m-q8_0.gguf')
 * const fetched = await fromGguf('org/smollm2-135m-GGUF', { file: 'smollm2-135m-q8_0.gguf' })
 */
export async function fromGguf(source: string, options: FromGgufOptions = {}): Promise<PretrainedModel> {
  checkOptions('fromGguf', options, fromGgufChecks)
  const { file: name, weights: wanted = 'kept', ...fetching } = options
  const path = name === undefined ? source : `${await folderOf('fromGguf', source, fetching, name)}/${name}`
  const file = await readGguf(path)
  file.checkFormats()
  const told = new ConfigReader(file.metadata, path)
  const prefix = told.string('general.architecture')
  const architecture = architectureOf(path, prefix)
  const model = new PretrainedModel(
    ggufConfig(told, prefix, architecture, {
      words: file.tensors.get('token_embd.weight')?.shape[0] ?? 1,
      isTied: !file.tensors.has('output.weight'),
      ...(file.tensors.has(periods) && { periods: Array.from(await file.read(periods)) }),
    }),
  )
  const places = placesOf(file, model, architecture)
  const at = new Map(weightPlaces<AnyLayer>(model).map((one) => [one.path, one]))
  for (const place of places) {
    const order = rowOrder(place, model, architecture)
    if (wanted === 'kept' && (await keep(file, at, place, order))) continue
    await load(file, place, order, architecture)
  }
  return model
}

/** What periods of rotary positions are multiplied with, one a pair of features: no weight, but part of the configuration. */
const periods = 'rope_freqs.weight'

function architectureOf(path: string, name: string): GgufArchitecture {
  const found = ggufArchitectures[name]
  if (found !== undefined) return found
  const near = nearestName(name, Object.keys(ggufArchitectures))
  throw new ArgumentError({
    where: `${path}: general.architecture`,
    expected: `one of ${Object.keys(ggufArchitectures).join(', ')}`,
    received: `'${name}'`,
    fix: `${near === undefined ? '' : `The nearest is '${near}'. `}Others are read from safetensors: fromPretrained(folder).`,
  })
}

interface Place {
  readonly weight: NamedWeight
  readonly tensor: string
  readonly shape: readonly number[]
}

/** A tensor for each weight. @throws FormatError naming all that does not fit. */
function placesOf(file: GgufFile, model: PretrainedModel, architecture: GgufArchitecture): readonly Place[] {
  const faults: string[] = []
  const left = new Set([...file.tensors.keys()].filter((name) => name !== periods))
  const places = model.checkpointWeights.flatMap((weight): Place[] => {
    const name = ggufName(weight.name, architecture) ?? weight.name
    const found = file.tensors.get(name)
    left.delete(name)
    const shape = storedShape(weight)
    if (found === undefined) faults.push(`'${name}' is missing`)
    else if (String(found.shape) !== String(shape))
      faults.push(`'${name}' is [${found.shape.join(', ')}] in the place of [${shape.join(', ')}]`)
    return [{ weight, tensor: name, shape }]
  })
  for (const name of left) faults.push(`'${name}' is for no weight`)
  if (faults.length === 0) return places
  throw new FormatError({
    where: file.path,
    expected: `the ${places.length} tensors of ${String(model.config.model_type)}`,
    received: faults.join('; '),
  })
}

/** Which row of the file's each row of the weight is; undefined where they are the same. */
function rowOrder({ weight, shape }: Place, { config }: PretrainedModel, { hasPairs }: GgufArchitecture) {
  const part = /\.([qk])_proj\.\w+$/.exec(weight.name)?.[1]
  if (hasPairs !== true || part === undefined) return undefined
  const rows = shape[0] as number
  const heads = Number(part === 'q' ? config.num_attention_heads : config.num_key_value_heads)
  const half = rows / heads / 2
  return Array.from({ length: rows }, (_, row) => {
    const [head, within] = [Math.floor(row / (2 * half)), row % (2 * half)]
    return head * 2 * half + (within % half) * 2 + Math.floor(within / half)
  })
}

type RowOrder = ReturnType<typeof rowOrder>

/** Rows of so many elements each, in another order. */
function reordered<A extends Float32Array | Uint8Array>(data: A, order: RowOrder): A {
  if (order === undefined) return data
  const size = data.length / order.length
  const moved = data.slice() as A
  order.forEach((from, row) => {
    moved.set(data.subarray(from * size, (from + 1) * size), row * size)
  })
  return moved
}

/** Leaves a matrix in the form that it has in the file. @returns whether it has one that products read. */
async function keep(
  file: GgufFile,
  places: ReadonlyMap<string, PlacedWeight<AnyLayer>>,
  place: Place,
  order: RowOrder,
): Promise<boolean> {
  const { weight, shape } = place
  const [rows, columns] = shape as readonly [number, number]
  const kept = shape.length === 2 ? await file.kept(place.tensor) : undefined
  if (kept === undefined) return false
  const { bits, blockSize } = kept
  keepQuantized(
    places.get(`network/${weight.path}`) as PlacedWeight<AnyLayer>,
    adapters.quantized({ bits, blockSize, inputAxes: weight.axes === undefined ? 0 : 1 }),
    {
      packed: tensor(reordered(kept.packed, order), {
        dtype: 'uint8',
        shape: [rows, columns / blockSize, 4 * bits],
      }),
      scales: tensor(reordered(kept.scales, order), { shape: [rows, columns / blockSize] }),
    },
  )
  return true
}

/** Gives a weight the numbers of its tensor. */
async function load(
  file: GgufFile,
  place: Place,
  order: RowOrder,
  { scaleOffset }: GgufArchitecture,
): Promise<void> {
  const { weight, shape } = place
  const data = reordered(await file.read(place.tensor), order)
  const isScale = shape.length === 1 && weight.name.endsWith('norm.weight')
  const numbers = isScale && scaleOffset !== undefined ? data.map((scale) => scale - scaleOffset) : data
  const whole: Tensor = tensor(numbers, { shape })
  const value = weight.axes === undefined ? whole : whole.transpose(inverseOf(weight.axes))
  // One after the other, so that no more than one stands here twice.
  await evaluateAll([value])
  weight.weight.assign(value)
}
