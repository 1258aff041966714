import { FormatError } from '../base/errors.ts'
import type { Hdf5Dataset } from '../formats/hdf5.ts'
import { snakeCaseName } from '../layers/base/naming.ts'
import { IndexLookup } from '../layers/preprocessing/index-lookup.ts'
import type { AnyModel } from '../models/model.ts'
import { fromData } from '../tensor/tensor.ts'
import { Variable } from '../tensor/variable.ts'
import { join, placedLayers } from './structure.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isLookup = ({ class_name: name }: Json): boolean =>
  name === 'StringLookup' || name === 'IntegerLookup' || name === 'TextVectorization'

/** Layers of a configuration of Keras's with their places: by their class, with a number from the second on. */
function placed({ config }: Json, path: string): (readonly [place: string, layer: Json])[] {
  const inner = isObject(config) && Array.isArray(config.layers) ? config.layers.filter(isObject) : []
  const counts = new Map<string, number>()
  return inner.flatMap((layer) => {
    const name = snakeCaseName(String(layer.class_name))
    const count = counts.get(name) ?? 0
    counts.set(name, count + 1)
    const place = join(path, `layers/${count === 0 ? name : `${name}_${count}`}`)
    return [[place, layer] as const, ...placed(layer, place)]
  })
}

/** A lookup without a vocabulary in its configuration. */
const isWaiting = (layer: Json): boolean =>
  isLookup(layer) && isObject(layer.config) && layer.config.vocabulary == null

const waiting = (config: Json) => placed(config, '').filter(([, layer]) => isWaiting(layer))

/** Whether a `.keras` file has vocabularies beside its configuration. */
export const hasVocabularies = (config: Json): boolean => waiting(config).length > 0

/**
 * Puts the vocabularies that a `.keras` file has beside its configuration, a token a line, into that.
 *
 * @throws FormatError naming file and line of a damaged one.
 */
export function fillVocabularies(
  config: Json,
  files: ReadonlyMap<string, Uint8Array>,
  datasets: ReadonlyMap<string, Hdf5Dataset>,
  where: string,
): void {
  fillLookups(placed(config, ''), () => files, datasets, where)
}

/** As `fillVocabularies`, for layers at their places; files are asked for where a lookup waits. */
export function fillLookups(
  layers: readonly (readonly [place: string, layer: Json])[],
  filesOf: () => ReadonlyMap<string, Uint8Array>,
  datasets: ReadonlyMap<string, Hdf5Dataset>,
  where: string,
): void {
  const lookups = layers.filter(([, layer]) => isWaiting(layer))
  if (lookups.length === 0) return
  const files = filesOf()
  for (const [place, layer] of lookups) {
    const file = `assets/${place}/vocabulary.txt`
    const bytes = files.get(file)
    if (bytes === undefined) continue
    const lines = linesOf(bytes, `${where}: ${file}`)
    const weights = datasets.get(join(place, 'vars/idf_weights'))?.read()
    Object.assign(layer.config as Json, {
      vocabulary:
        layer.class_name === 'IntegerLookup'
          ? lines.map((line, i) => wholeNumber(line, i, `${where}: ${file}`))
          : lines,
      ...(weights === undefined ? {} : { idf_weights: Array.from<number | bigint, number>(weights, Number) }),
    })
  }
}

/** How telling the tokens of lookups are, where Keras looks for it: a layer that counts so reads it beside its configuration. */
export function idfPlaces(model: AnyModel): ReadonlyMap<string, Variable> {
  const found = placedLayers(model).flatMap(({ layer, path }) => {
    const weights = layer instanceof IndexLookup ? layer.idfWeights : undefined
    if (weights === undefined) return []
    const value = fromData(Float32Array.from(weights), [weights.length], 'float32')
    return [
      [
        join(path, 'vars/idf_weights'),
        new Variable(value, { name: 'idf_weights', trainable: false }),
      ] as const,
    ]
  })
  return new Map(found)
}

/** Lines without empty ones at the end, and at least one. */
function linesOf(bytes: Uint8Array, where: string): string[] {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError({ where, expected: 'lines of UTF-8', received: 'bytes that are none' }, { cause })
  }
  const lines = text.split('\n')
  while (lines.at(-1) === '') lines.pop()
  if (lines.length > 0) return lines
  throw new FormatError({ where, expected: 'a token a line', received: 'an empty file' })
}

function wholeNumber(line: string, i: number, where: string): number {
  if (/^-?\d+$/.test(line)) return Number(line)
  throw new FormatError({
    where,
    expected: 'a whole number a line',
    received: `${JSON.stringify(line)} in line ${i + 1}`,
  })
}
