/** What losses, metrics and optimizers have in common: one object of Keras, by its class and its configuration. */

import { fromKerasKeys } from 'typegrad/formats'
import type { SerializedObject } from 'typegrad/layers'
import { type ArrayJson, arrayJson, isArrayJson, nestedText, sizeOf } from '../arrays.ts'
import { isJsonList, isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Random } from '../random.ts'

/** As Keras serializes it, with keys in snake case. */
export interface KerasObject extends JsonObject {
  readonly class_name: string
  readonly config: JsonObject
}

/** An option's value at random. */
export type Option = (random: Random) => Json
export type Options = Readonly<Record<string, Option>>

export const oneOf =
  (...values: readonly Json[]): Option =>
  (random) =>
    random.pick(values)

/** Each option with the given chance; those whose name ends in `!` always. */
export function chosen(random: Random, options: Options, chance = 0.4): JsonObject {
  const entries: [string, Json][] = []
  for (const [name, option] of Object.entries(options)) {
    const always = name.endsWith('!')
    if (always || random.chance(chance)) entries.push([always ? name.slice(0, -1) : name, option(random)])
  }
  return Object.fromEntries(entries)
}

/** The same object for typegrad: keys in camel case. */
export const here = (object: KerasObject): SerializedObject => fromKerasKeys(object) as SerializedObject

/** The object with one option fewer. */
export function* withoutOptions(object: KerasObject): Iterable<KerasObject> {
  for (const key of Object.keys(object.config)) {
    const { [key]: removed, ...config } = object.config
    yield { ...object, config }
    if (isJsonObject(removed) && isJsonObject(removed.config))
      for (const smaller of withoutOptions(removed as KerasObject))
        yield { ...object, config: { ...object.config, [key]: smaller } }
  }
}

/** Arrays of random elements. */
export const arrayOf = (
  shape: readonly number[],
  dtype: ArrayJson['dtype'],
  element: () => number,
): ArrayJson => arrayJson(dtype, shape, Array.from({ length: sizeOf(shape) }, element))

const number = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Math.fround(value))

/** A value as TypeScript writes it. */
export function typescriptValue(value: Json): string {
  if (isArrayJson(value)) return `tensor(${nestedText(value, number)}, { dtype: '${value.dtype}' })`
  if (isJsonList(value)) return `[${value.map(typescriptValue).join(', ')}]`
  if (isJsonObject(value)) {
    const keyed = fromKerasKeys(value) as JsonObject
    return `{ ${Object.entries(keyed)
      .map(([key, item]) => `${/^\w+$/.test(key) ? key : JSON.stringify(key)}: ${typescriptValue(item)}`)
      .join(', ')} }`
  }
  return JSON.stringify(value)
}

/** A value as Python writes it; serialized objects become calls of their classes, found in `modules`. */
export function pythonValue(value: Json, module = 'keras'): string {
  if (isArrayJson(value)) return `np.array(${nestedText(value, number)}, '${value.dtype}')`
  if (isJsonList(value)) return `[${value.map((item) => pythonValue(item, module)).join(', ')}]`
  if (isJsonObject(value)) {
    if (typeof value.class_name === 'string' && isJsonObject(value.config))
      return `${module}.${value.class_name}(${Object.entries(value.config)
        .map(([key, item]) => `${key}=${pythonValue(item, module)}`)
        .join(', ')})`
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${pythonValue(item, module)}`)
      .join(', ')}}`
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return value === null ? 'None' : JSON.stringify(value)
}
