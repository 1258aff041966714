import { type DType, isFloating, type TypedArray, typedArray } from '../base/dtype.ts'
import { ArgumentError, FormatError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { convertWork, type StoredFloat } from '../base/stored-dtype.ts'
import { paced } from '../base/work.ts'
import type { SafetensorsFile } from '../formats/safetensors-file.ts'
import { transpose } from '../ops/shape.ts'
import { evaluateAll, fromData, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import type { LoadWeightsOptions, WeightMismatch, WeightName, WeightsReport } from './load-weights-options.ts'
import type { Places } from './places.ts'
import { elementsFor, isInteger } from './reading.ts'
import { type Piece, piecesOf, splitRules } from './split-tensors.ts'
import { type Floats, transposeRows } from './transpose-rows.ts'
import { Rules } from './weight-rules.ts'
import { failureOf, type Unexpected } from './weights-report.ts'

/** A weight and the tensor that becomes its value. */
interface Assignment {
  readonly piece: Piece
  readonly variable: Variable
  readonly weight: string
  /** Axes of the tensor in the order that the weight has; undefined where they are. */
  readonly permutation: readonly number[] | undefined
}

/**
 * Gives a model's weights the values of a checkpoint, as the options say. Nothing is changed before all is read and fits.
 *
 * @param read gives the elements of a tensor, after whatever has to be checked of them.
 * @param paths the weights by their paths (`weightPaths`), which the options may name too.
 * @throws FormatError that names all that does not fit, unless `strict` is false; ArgumentError for rules that cannot be.
 */
export async function loadMapped(
  file: SafetensorsFile,
  places: Places,
  read: ReadElements,
  options: LoadWeightsOptions,
  paths: Places = new Map(),
): Promise<WeightsReport> {
  const { strict = true } = options
  const split = splitRules(options.split)
  const [map, transposes, reshapes] = rulesOf(options)
  const weights = namedWeights(places, paths)
  const assignments = new Map<Variable, Assignment>()
  const unexpected: Unexpected[] = []
  const mismatched: WeightMismatch[] = []
  for (const piece of piecesOf(file, split)) {
    const target = targetOf(piece, map)
    if (target === null) continue
    const variable = weights.find(target)
    const axes = transposes.for(piece.name, piece)?.value
    const reshape = reshapes.for(piece.name, piece)?.value
    if (variable === undefined) {
      unexpected.push({ name: piece.name, target })
      continue
    }
    const weight = weights.nameOf(variable)
    const permutation = permutationOf(piece, axes)
    const shape = shapeOf(piece, permutation, reshape, variable)
    if (!sameShape(shape, variable.shape) || !isConvertible(piece.dtype, variable.dtype)) {
      const [expected, received] = [described(variable), described({ dtype: piece.dtype, shape })]
      mismatched.push({ weight, tensor: piece.name, expected, received })
    }
    refuseSecond(assignments.get(variable), piece, weight)
    assignments.set(variable, { piece, variable, weight, permutation })
  }
  const misfits = new Set(mismatched.map(({ weight }) => weight))
  // In the order of the model.
  const fitting = [...places.values()]
    .flatMap((variable) => assignments.get(variable) ?? [])
    .filter(({ weight }) => !misfits.has(weight))
  const report: WeightsReport = {
    loaded: fitting.map(({ weight }) => weight),
    missing: [...places.values()].filter((one) => !assignments.has(one)).map(weights.nameOf),
    unexpected: unexpected.map(({ name }) => name),
    mismatched,
    unused: [split, map, transposes, reshapes].flatMap(({ unused }) => unused),
  }
  if (strict) {
    const failure = failureOf(file.name, report, unexpected, places.size)
    if (failure !== undefined) throw failure
  }
  await assign(fitting, read)
  return report
}

const rulesOf = ({ map, transpose, reshape }: LoadWeightsOptions) =>
  [
    new Rules<WeightName>(
      'map',
      map,
      'the name of a weight, null, or a function that makes it of what the stars stand for',
      (value) => value === null || typeof value === 'string' || typeof value === 'function',
    ),
    new Rules<boolean | readonly number[]>(
      'transpose',
      transpose,
      'true, false or a list of axes',
      (value) => typeof value === 'boolean' || (Array.isArray(value) && value.every(Number.isInteger)),
    ),
    new Rules<true | Shape>(
      'reshape',
      reshape,
      'true or a shape',
      (value) =>
        value === true ||
        (Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0)),
    ),
  ] as const

/** Weights by all of their names: that of the layer and the weight where it is the only one, the structural one, and the path. */
function namedWeights(places: Places, byPath: Places) {
  const known = new Set(places.values())
  const byName = new Map<string, Variable | undefined>()
  for (const variable of places.values())
    byName.set(variable.name, byName.has(variable.name) ? undefined : variable)
  const paths = new Map([...places].map(([path, variable]) => [variable, path]))
  return {
    find: (name: string): Variable | undefined => {
      const atPath = byPath.get(name)
      return places.get(name) ?? byName.get(name) ?? (atPath && known.has(atPath) ? atPath : undefined)
    },
    nameOf: (variable: Variable): string =>
      byName.get(variable.name) === variable ? variable.name : (paths.get(variable) ?? variable.name),
  }
}

/** The weight's name that a tensor is for; null if it is to be left out. */
function targetOf(piece: Piece, map: Rules<WeightName>): string | null {
  const found = map.for(piece.name, piece)
  if (found === undefined) return piece.name
  const { value, captures } = found
  if (typeof value === 'function') return value(...captures)
  return value === null ? null : map.named(value, found)
}

function permutationOf(piece: Piece, axes: boolean | readonly number[] | undefined) {
  const { shape } = piece
  const natural = shape.map((_, i) => i)
  const order = axes === true ? [...natural].reverse() : axes === false ? natural : (axes ?? natural)
  const positive = order.map((axis) => (axis < 0 ? axis + shape.length : axis))
  if (
    !sameShape(
      [...positive].sort((a, b) => a - b),
      natural,
    )
  ) {
    throw new ArgumentError({
      where: `loadWeights: transpose of '${piece.name}'`,
      expected: `each of the ${shape.length} axes of its shape ${formatShape(shape)} once`,
      received: `[${order.join(', ')}]`,
    })
  }
  return sameShape(positive, natural) ? undefined : positive
}

function shapeOf(
  { shape }: Piece,
  permutation: readonly number[] | undefined,
  reshape: true | Shape | undefined,
  variable: Variable,
): Shape {
  const transposed = permutation?.map((axis) => shape[axis] as number) ?? shape
  const wanted = reshape === true ? variable.shape : reshape
  return wanted !== undefined && sizeOf(wanted) === sizeOf(shape) ? wanted : transposed
}

function refuseSecond(first: Assignment | undefined, piece: Piece, weight: string): void {
  if (first === undefined) return
  throw new ArgumentError({
    where: 'loadWeights: map',
    expected: `one tensor for the weight '${weight}'`,
    received: `'${first.piece.name}' and '${piece.name}'`,
    fix: 'Map one of them to null, which leaves it out.',
  })
}

const described = ({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): string =>
  `${dtype} ${formatShape(shape)}`

const isConvertible = (from: DType, to: DType): boolean =>
  from === to || (isFloating(from) && isFloating(to)) || (isInteger(from) && isInteger(to))

/** How elements of tensors are got. */
export interface ReadElements {
  /** All of them, after whatever has to be checked. */
  (tensor: string): Promise<TypedArray>
  /**
   * Those from `begin` to `end`, of a tensor that has nothing to be checked as a whole; undefined for others. They may stand
   * in the memory that is given for them.
   */
  part(tensor: string): ((begin: number, end: number, into: Uint8Array) => Promise<TypedArray>) | undefined
}

async function assign(assignments: readonly Assignment[], read: ReadElements): Promise<void> {
  const wholes = new Map<string, Promise<TypedArray>>()
  const wholeOf = (tensor: string) => {
    const whole = wholes.get(tensor) ?? read(tensor)
    wholes.set(tensor, whole)
    return whole
  }
  const values: [Variable, Tensor][] = []
  const memory = new PartMemory()
  for (const { piece, variable, permutation } of assignments) {
    const convert = convertedInParts(piece, variable, permutation, read, memory)
    if (convert !== undefined) {
      values.push([variable, fromData(await convert(), variable.shape, variable.dtype)])
      continue
    }
    const data = await elementsAs(piece.of(await wholeOf(piece.tensor)), piece, variable)
    values.push([variable, laidOut(data, piece, variable, permutation)])
  }
  // Axes are exchanged now: later, the file might be another.
  await evaluateAll(values.map(([, value]) => value))
  for (const [variable, value] of values) variable.assign(value)
}

/**
 * What brings a tensor into the weight's dtype, or exchanges the axes of a matrix, part by part: with the weight and a part
 * in memory, and not the tensor beside. Undefined for what is to be done in another way, or needs nothing.
 */
function convertedInParts(
  { name, tensor, shape, dtype }: Piece,
  variable: Variable,
  permutation: readonly number[] | undefined,
  read: ReadElements,
  memory: PartMemory,
): (() => Promise<TypedArray>) | undefined {
  const isMatrix = shape.length === 2
  const isSame = permutation === undefined && dtype === variable.dtype
  if (name !== tensor || isSame || (permutation !== undefined && !isMatrix) || !isFloating(dtype))
    return undefined
  const part = read.part(tensor)
  if (part === undefined) return undefined
  const [rows, columns] =
    permutation === undefined ? [sizeOf(shape), 1] : (shape as readonly [number, number])
  return async () => {
    const target = typedArray(variable.dtype, rows * columns) as Floats
    const portion = Math.max(1, Math.floor(partElements / Math.max(columns, 1)))
    for (let row = 0; row < rows; row += portion) {
      const end = Math.min(row + portion, rows)
      const elements = await part(row * columns, end * columns, memory.of((end - row) * columns))
      const converted = (await paced(convertWork(elements, dtype, variable.dtype as StoredFloat))) as Floats
      if (permutation === undefined) target.set(converted, row)
      else transposeRows(converted, target, row, rows, columns)
    }
    return target
  }
}

/** What one part after the other is read into: arrays of their own would be garbage to be collected, longer than it takes to read. */
class PartMemory {
  #bytes = new Uint8Array(0)

  /** Enough for so many elements of whatever width. */
  of(elements: number): Uint8Array {
    if (this.#bytes.length < widest * elements) this.#bytes = new Uint8Array(widest * elements)
    return this.#bytes
  }
}

/** Bytes of the widest element. */
const widest = 8

/** As many elements as are read at once: a few milliseconds' work. */
const partElements = 2 ** 20
/** Elements in the dtype of the weight. @throws FormatError for integers that it does not have. */
async function elementsAs(data: TypedArray, piece: Piece, variable: Variable): Promise<TypedArray> {
  const { dtype, shape } = piece
  if (dtype === variable.dtype) return data
  if (isFloating(dtype)) return await paced(convertWork(data, dtype, variable.dtype as StoredFloat))
  const elements = elementsFor(variable.dtype, { dtype, shape, read: () => data })
  if (elements !== undefined) return elements
  throw new FormatError({
    where: `loadWeights: '${piece.name}'`,
    expected: `numbers of dtype ${variable.dtype} for ${variable.name}`,
    received: `${dtype} with others`,
  })
}

function laidOut(
  data: TypedArray,
  piece: Piece,
  { shape, dtype }: Variable,
  permutation: readonly number[] | undefined,
): Tensor {
  if (permutation === undefined) return fromData(data, shape, dtype)
  return transpose(fromData(data, piece.shape, dtype), permutation).reshape(shape)
}
