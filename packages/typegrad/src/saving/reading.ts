import { conversions, toNumbers } from '../base/conversions.ts'
import { type DType, isFloating, type TypedArray } from '../base/dtype.ts'
import { FormatError, TypegradError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import type { AnyModel } from '../models/model.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** Makes a model of a configuration in typegrad's words. Given by `load.ts`, which knows all classes. */
export type ModelMaker = (config: unknown, where: string, compile: boolean) => AnyModel

/**
 * What reads a configuration. It believes that options are of their types; where they are not, whatever comes of that
 * becomes an error that names the file.
 */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof TypegradError) throw cause
    throw new FormatError(
      {
        where: path,
        expected: 'the configuration of a model',
        received: `one that is damaged (${(cause as Error).message})`,
        fix: 'Save the model again.',
      },
      { cause },
    )
  }
}

/** A weight in a file. */
export interface SavedArray {
  readonly dtype: DType
  readonly shape: readonly number[]
  read(): TypedArray
}

/** In formats that do not say what a sequence was built for, its first layer tells the shape. */
export function withBuildShape(saved: unknown): unknown {
  const { config } = saved as { config?: { layers?: { config?: { batchShape?: unknown } }[] } }
  const inputShape = config?.layers?.[0]?.config?.batchShape
  return inputShape === undefined ? saved : { buildConfig: { inputShape }, ...(saved as object) }
}

/**
 * The values of variables, of the shape and dtype that each has.
 *
 * @returns what assigns them: nothing has been changed before.
 */
export function readInto(
  places: readonly (readonly [string, Variable])[],
  find: (path: string) => SavedArray,
  where: string,
): () => void {
  const values = places.map(([path, variable]) => {
    const dataset = find(path)
    const fits = sameShape(dataset.shape, variable.shape)
    const data = fits ? elementsFor(variable.dtype, dataset) : undefined
    if (data === undefined) {
      throw new FormatError({
        where: `${where}: '${path}'`,
        expected: `${variable.dtype} ${formatShape(variable.shape)} for ${variable.name}`,
        received: `${dataset.dtype} ${formatShape(dataset.shape)}`,
      })
    }
    return fromData(data, variable.shape, variable.dtype)
  })
  return () => {
    places.forEach(([, variable], i) => {
      variable.assign(values[i] as Tensor)
    })
  }
}

/**
 * Elements of another width of the same kind: counters are int64 on TensorFlow, and weights of half precision count in
 * single here. Undefined for what would become another number.
 */
export function elementsFor(dtype: DType, saved: SavedArray): TypedArray | undefined {
  if (saved.dtype === dtype) return saved.read()
  if (isFloating(saved.dtype) && isFloating(dtype))
    return conversions[dtype](toNumbers(saved.read(), saved.dtype) as ArrayLike<number>)
  if (!isInteger(saved.dtype) || !isInteger(dtype)) return undefined
  const values = Array.from<number | bigint, number>(saved.read(), Number)
  const converted = conversions[dtype](values)
  return values.every((value, i) => value === Number(converted[i])) ? converted : undefined
}

export const isInteger = (dtype: DType): boolean => dtype !== 'bool' && !isFloating(dtype)
