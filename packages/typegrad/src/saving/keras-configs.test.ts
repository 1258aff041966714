// What we write of a layer, optimizer, loss or metric is what Keras writes of it, option by option.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { withSavedOptions } from '../base/saved-options.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { PythonFloat } from '../formats/python-json.ts'
import { deserializeLayer } from '../layers/base/deserialize.ts'
import { getLoss } from '../losses/index.ts'
import { getMetric } from '../metrics/index.ts'
import { getOptimizer } from '../optimizers/index.ts'
import { fromKeras } from './keras-reading.ts'
import { toKeras } from './keras-writing.ts'

type Json = Record<string, unknown>

interface Case {
  readonly module: 'layers' | 'optimizers' | 'losses' | 'metrics'
  readonly class: string
  readonly options: Json
  /** Whole, or what differs from the last whole one. */
  readonly config?: Json
  readonly changes?: Json
}

const { takes, cases } = JSON.parse(
  readFileSync(new URL('../../golden/keras-configs.json', import.meta.url), 'utf8'),
) as { readonly takes: Readonly<Record<string, string[]>>; readonly cases: readonly Case[] }

/** Every case with its whole configuration, by class. */
const byClass = new Map<string, (Case & { readonly whole: Json })[]>()
let last: Json = {}
for (const one of cases) {
  last = one.config ?? last
  const name = `${one.module}: ${one.class}`
  byClass.set(name, [...(byClass.get(name) ?? []), { ...one, whole: { ...last, ...one.changes } }])
}

const make: Record<Case['module'], (saved: SerializedObject) => { className: string; getConfig(): Json }> = {
  layers: deserializeLayer,
  optimizers: getOptimizer,
  losses: (saved) => getLoss(saved),
  metrics: (saved) => getMetric(saved),
}
const keys: Record<Case['module'], string> = {
  layers: '',
  optimizers: 'optimizer',
  losses: 'loss',
  metrics: 'metrics',
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names are told apart by the process, and a float is written as such. */
function comparable(value: unknown): unknown {
  if (value instanceof PythonFloat)
    return Number.isInteger(value.value) ? { float: value.value } : value.value
  if (Array.isArray(value)) return value.map(comparable)
  if (!isObject(value)) return value
  const { registered_name: _, name: __, ...rest } = value
  return Object.fromEntries(
    Object.entries(rest)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, comparable(item)]),
  )
}

/** The options as a program of ours would give them. */
function options(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(options)
  if (!isObject(value)) return value
  const { class: className, ...rest } = value
  const config = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, options(item)]))
  return className === undefined ? config : { class_name: className, config }
}

/** A number that Keras keeps in single precision has other digits behind the ninth. */
const isNear = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number' && Math.fround(a) === Math.fround(b)

/** Differences of what we write from what Keras writes. A whole number may be a float; what is needed is a float. */
function differences(ours: unknown, keras: unknown, path: string, taken: readonly string[]): string[] {
  if (isObject(ours) && 'float' in ours && typeof keras === 'number')
    return differences(ours.float, keras, path, [])
  if (Array.isArray(ours) && ours.length === 1 && /thresholds$/.test(path) && !Array.isArray(keras))
    return differences(ours[0], keras, path, [])
  if (Array.isArray(ours) && Array.isArray(keras) && ours.length === keras.length)
    return ours.flatMap((item, i) => differences(item, keras[i], `${path}[${i}]`, []))
  if (isObject(ours) && isObject(keras))
    return Object.keys(ours).flatMap((key) => {
      if (key in keras) return differences(ours[key], keras[key], `${path}.${key}`, [])
      return taken.includes(key) ? [] : [`${path}.${key}: ${JSON.stringify(ours[key])}, nothing in Keras`]
    })
  return JSON.stringify(ours) === JSON.stringify(keras) || isNear(ours, keras)
    ? []
    : [`${path}: ${JSON.stringify(ours)}, Keras ${JSON.stringify(keras)}`]
}

/** What changes no number: how a loop is run. */
const insignificant = new Set(['unroll'])

describe.each([...byClass])('%s', (name, rows) => {
  test('is written as Keras writes it', () => {
    const found: string[] = []
    for (const { module, class: className, options: given, whole } of rows) {
      for (const source of [options(given), unfloated(whole)]) {
        const saved = fromKeras({ class_name: className, config: source }, 'file') as SerializedObject
        const written = comparable(
          (toKeras(serialize(withSavedOptions(() => make[module](saved))), keys[module]) as Json).config,
        ) as Json
        const kept = Object.entries(written).filter(([key]) => !insignificant.has(key))
        const [ours, taken] = [Object.fromEntries(kept), takes[name] ?? []]
        found.push(...differences(ours, comparable(whole), JSON.stringify(given), taken))
      }
    }
    expect(found).toEqual([])
  })
})

/** Floats as JSON has them. */
function unfloated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unfloated)
  if (!isObject(value)) return value
  if ('float' in value) return value.float
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unfloated(item)]))
}
