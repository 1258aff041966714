import { byteSize, type DType } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'

/** How TensorFlow.js packs a tensor: a whole number q stands for q · scale + min, binary16 for itself. */
export type Quantization =
  | { readonly dtype: 'float16' }
  | { readonly dtype: 'uint8' | 'uint16'; readonly scale: number; readonly min: number }

/** A tensor's place in the bytes of its group. */
export interface TfjsSpec {
  readonly name: string
  readonly dtype: 'float32' | 'int32' | 'uint8' | 'bool'
  readonly shape: readonly number[]
  /** Elements. */
  readonly size: number
  /** Bytes in the file. */
  readonly bytes: number
  readonly quantization?: Quantization
  /** Whether it is a training's, and not a weight. */
  readonly ofOptimizer: boolean
}

/** Files whose bytes, one after the other, hold the tensors, one after the other. */
export interface TfjsGroup {
  readonly paths: readonly string[]
  readonly weights: readonly TfjsSpec[]
  readonly bytes: number
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const dtypes: readonly unknown[] = ['float32', 'int32', 'uint8', 'bool'] satisfies DType[]

/**
 * The manifest of a `model.json`, checked as far as can be without the files that it names.
 *
 * @throws FormatError for paths that leave the folder, two tensors of one name, dtypes and packings that are none,
 * and shapes that are none.
 */
export function tfjsManifest(json: Json, file: string): readonly TfjsGroup[] {
  const manifest = json.weightsManifest
  const where = `${file}: weightsManifest`
  if (!Array.isArray(manifest))
    throw new FormatError({
      where: file,
      expected: "the weightsManifest of a model.json of TensorFlow.js's",
      received: manifest === undefined ? 'none' : shown(manifest),
    })
  const names = new Set<string>()
  const files = new Set<string>()
  return manifest.map((group: unknown) => {
    if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
      throw new FormatError({ where, expected: 'groups of paths and weights', received: shown(group) })
    const paths = group.paths.map((path) => checkedPath(path, where, files))
    const weights = group.weights.map((spec) => checkedSpec(spec, where, names))
    return { paths, weights, bytes: weights.reduce((sum, { bytes }) => sum + bytes, 0) }
  })
}

/** A path below the folder. URLs understand dots in percents too. */
function checkedPath(path: unknown, where: string, before: Set<string>): string {
  const refuse = (received: string) =>
    new FormatError({ where, expected: 'paths of files in the folder of the model.json', received })
  if (typeof path !== 'string' || path === '') throw refuse(shown(path))
  const leaves = path.split('/').some((part) => part === '' || /^(\.|%2e){1,2}$/i.test(part))
  if (leaves || /[\\:?#\0]|%(2f|5c|00)/i.test(path)) throw refuse(`${shown(path)}, which leads out of it`)
  if (before.has(path)) throw refuse(`${shown(path)} twice`)
  before.add(path)
  return path
}

function checkedSpec(spec: unknown, where: string, before: Set<string>): TfjsSpec {
  if (!isObject(spec) || typeof spec.name !== 'string')
    throw new FormatError({ where, expected: 'weights with names', received: shown(spec) })
  const { name, dtype, shape } = spec
  const refuse = (expected: string, received: string) =>
    new FormatError({ where: `${where}: '${name}'`, expected, received })
  if (before.has(name)) throw refuse('a name of its own', 'one that two weights have')
  before.add(name)
  if (!dtypes.includes(dtype)) throw refuse(`one of ${dtypes.join(', ')}`, `dtype ${shown(dtype)}`)
  const sizes: readonly unknown[] = Array.isArray(shape) ? shape : [undefined]
  const size = sizes.reduce<number>((product, n) => product * (isSize(n) ? n : Number.NaN), 1)
  if (!Number.isSafeInteger(size * 8)) throw refuse('a shape of whole numbers', shown(shape))
  const known = dtype as TfjsSpec['dtype']
  const quantization = checkedQuantization(spec.quantization, known, refuse)
  const width = quantization === undefined ? byteSize[known] : quantization.dtype === 'uint8' ? 1 : 2
  return {
    name,
    dtype: known,
    shape: sizes as readonly number[],
    size,
    bytes: size * width,
    ofOptimizer: spec.group === 'optimizer',
    ...(quantization === undefined ? {} : { quantization }),
  }
}

const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0

function checkedQuantization(
  value: unknown,
  dtype: TfjsSpec['dtype'],
  refuse: (expected: string, received: string) => FormatError,
): Quantization | undefined {
  if (value === undefined || value === null) return undefined
  const { dtype: packed, scale, min } = isObject(value) ? value : {}
  if (packed === 'float16' && dtype === 'float32') return { dtype: packed }
  const isPacked = packed === 'uint8' || packed === 'uint16'
  if (
    isPacked &&
    Number.isFinite(scale) &&
    Number.isFinite(min) &&
    (dtype === 'float32' || dtype === 'int32')
  )
    return { dtype: packed, scale: scale as number, min: min as number }
  throw refuse(
    'a quantization to uint8 or uint16 with scale and min, or of float32 to float16',
    `${shown(value)} of ${dtype}`,
  )
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 120)
