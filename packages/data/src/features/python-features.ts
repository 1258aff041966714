import { FormatError } from 'typegrad/core'
import { type Feature, type Features, feature } from './feature.ts'

type Json = { readonly [name: string]: unknown }

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/**
 * Features as Python's datasets writes them to JSON: `dataset_info.json`, and the key `huggingface` of a Parquet or Arrow
 * schema.
 *
 * @throws FormatError for what they cannot be.
 */
export function featuresOfPython(value: unknown, where: string): Features {
  if (!isObject(value)) throw unreadable(where, 'an object of columns', value)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, featureOfPython(one, `${where}: ${name}`)]),
  )
}

function featureOfPython(value: unknown, where: string): Feature {
  // A list of one feature was how sequences were written once.
  if (Array.isArray(value)) return feature.list(featureOfPython(value[0], where))
  if (!isObject(value)) throw unreadable(where, 'a feature', value)
  const { _type: type } = value
  if (typeof type !== 'string') return feature.struct(featuresOfPython(value, where))
  switch (type) {
    case 'Value':
      return feature.value(String(value.dtype))
    case 'ClassLabel':
      return feature.classLabel(namesOf(value.names, where))
    case 'List':
    case 'LargeList':
    case 'Sequence':
      return listOf(value, where)
    case 'Image':
    case 'Video':
    case 'Pdf':
      return feature.image()
    case 'Audio':
      return feature.audio(numberOf(value.sampling_rate))
    case 'Translation':
      return feature.struct(
        Object.fromEntries(namesOf(value.languages, where).map((name) => [name, feature.value('string')])),
      )
    case 'TranslationVariableLanguages':
      return feature.struct({
        language: feature.list(feature.value('string')),
        translation: feature.list(feature.value('string')),
      })
    case 'Array2D':
    case 'Array3D':
    case 'Array4D':
    case 'Array5D':
      return feature.array(shapeOf(value.shape, where), String(value.dtype))
    default:
      throw unreadable(where, 'a type of feature that is known here', type)
  }
}

/** A sequence of a struct is, in Python, a struct of sequences. */
function listOf({ _type, feature: inner, length }: Json, where: string): Feature {
  const items = featureOfPython(inner, where)
  const count = numberOf(length)
  const fixed = count === undefined || count < 0 ? undefined : count
  if (_type !== 'Sequence' || items.kind !== 'struct') return feature.list(items, fixed)
  return feature.struct(
    Object.fromEntries(
      Object.entries(items.fields).map(([name, field]) => [name, feature.list(field, fixed)]),
    ),
  )
}

/**
 * Features as the card of a data set (README.md) has them in YAML: a list of columns, each `{ name, dtype }`, `{ name, list }`,
 * `{ name, sequence }` or `{ name, struct }`.
 *
 * @throws FormatError for what they cannot be.
 */
export function featuresOfCard(value: unknown, where: string): Features {
  if (!Array.isArray(value)) throw unreadable(where, 'a list of columns', value)
  return Object.fromEntries(
    value.map((column: unknown) => {
      if (!isObject(column) || typeof column.name !== 'string')
        throw unreadable(where, 'a column with a name', column)
      return [column.name, featureOfCard(column, `${where}: ${column.name}`)]
    }),
  )
}

function featureOfCard(column: Json, where: string): Feature {
  const { dtype, struct, list, sequence, length } = column
  if (struct !== undefined) return feature.struct(featuresOfCard(struct, where))
  const items = list ?? sequence
  if (items !== undefined) {
    const inner = innerOfCard(items, where)
    const type = list === undefined ? 'Sequence' : 'List'
    if (type === 'Sequence' && inner.kind === 'struct')
      return feature.struct(
        Object.fromEntries(Object.entries(inner.fields).map(([name, field]) => [name, feature.list(field)])),
      )
    return feature.list(inner, numberOf(length))
  }
  return ofDType(dtype, where)
}

function innerOfCard(items: unknown, where: string): Feature {
  if (typeof items === 'string') return feature.value(items)
  if (Array.isArray(items)) return feature.struct(featuresOfCard(items, where))
  if (!isObject(items)) throw unreadable(where, 'what a list holds', items)
  return 'dtype' in items || 'list' in items || 'sequence' in items || 'struct' in items
    ? featureOfCard(items, where)
    : ofDType(items, where)
}

function ofDType(dtype: unknown, where: string): Feature {
  if (dtype === 'image' || dtype === 'video' || dtype === 'pdf') return feature.image()
  if (dtype === 'audio') return feature.audio()
  if (typeof dtype === 'string') return feature.value(dtype)
  if (isObject(dtype)) {
    const [type = '', options = {}] = Object.entries(dtype)[0] ?? []
    const given = isObject(options) ? options : {}
    if (type === 'class_label') return feature.classLabel(namesOf(given.names, where))
    if (type === 'image' || type === 'video' || type === 'pdf') return feature.image()
    if (type === 'audio') return feature.audio(numberOf(given.sampling_rate))
    if (/^array[2-5]_?d$/.test(type)) return feature.array(shapeOf(given.shape, where), String(given.dtype))
    if (type === 'translation')
      return feature.struct(
        Object.fromEntries(namesOf(given.languages, where).map((name) => [name, feature.value('string')])),
      )
  }
  throw unreadable(where, 'a dtype that is known here', dtype)
}

/** Names in a list, or under their places. */
function namesOf(names: unknown, where: string): readonly string[] {
  const all = Array.isArray(names) ? names : isObject(names) ? Object.values(names) : undefined
  if (all === undefined) throw unreadable(where, 'a list of names', names)
  return all.map(String)
}

function shapeOf(shape: unknown, where: string): readonly number[] {
  if (!Array.isArray(shape)) throw unreadable(where, 'a shape', shape)
  return shape.map((size: unknown) => (typeof size === 'number' ? size : -1))
}

const unreadable = (where: string, expected: string, received: unknown): FormatError =>
  new FormatError({ where, expected, received: JSON.stringify(received) ?? 'nothing' })
