import type { DataType, Field, Schema } from '@uwdata/flechette'
import { type Feature, type Features, feature } from './feature.ts'
import { featuresOfPython } from './python-features.ts'

const units = ['s', 'ms', 'us', 'ns'] as const

/** Features of an Arrow schema: those of Hugging Face's metadata, or what the types say. */
export function featuresOfArrow({ fields, metadata }: Schema, where: string): Features {
  const told = metadata?.get('huggingface')
  if (told !== undefined) {
    const features = featuresOfHuggingFace(told, where)
    if (features !== undefined) return features
  }
  return ofFields(fields)
}

/** Features of the value that Hugging Face keeps under `huggingface`; undefined where it holds none. */
export function featuresOfHuggingFace(json: string, where: string): Features | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return undefined
  }
  const found = (parsed as { info?: { features?: unknown } } | null)?.info?.features
  return found === undefined || found === null ? undefined : featuresOfPython(found, `${where}: huggingface`)
}

const ofFields = (fields: readonly Field[]): Features =>
  Object.fromEntries(fields.map(({ name, type }) => [name, ofType(type)]))

/** Numbers of types: https://github.com/apache/arrow/blob/main/format/Schema.fbs, and −1 for a dictionary. */
function ofType(type: DataType): Feature {
  switch (type.typeId) {
    case -1:
      return ofType(type.dictionary)
    case 1:
      return feature.value('null')
    case 2:
      return feature.value(`${type.signed ? '' : 'u'}int${type.bitWidth}`)
    case 3:
      return feature.value(['float16', 'float32', 'float64'][type.precision] ?? 'float64')
    case 4:
      return feature.value('binary')
    case 5:
      return feature.value('string')
    case 6:
      return feature.value('bool')
    case 7:
      return feature.value(`decimal${type.bitWidth}(${type.precision}, ${type.scale})`)
    case 8:
      return feature.value(type.unit === 0 ? 'date32' : 'date64')
    case 9:
      return feature.value(`time${type.bitWidth}[${units[type.unit]}]`)
    case 10:
      return feature.value(
        `timestamp[${units[type.unit]}${type.timezone === null ? '' : `, tz=${type.timezone}`}]`,
      )
    case 12:
    case 21:
    case 25:
    case 26:
      return feature.list(ofType((type.children[0] as Field).type))
    case 13:
      return feature.struct(ofFields(type.children))
    case 15:
      return feature.value(`fixed_size_binary[${type.stride}]`)
    case 16:
      return feature.list(ofType((type.children[0] as Field).type), type.stride)
    case 18:
      return feature.value(`duration[${units[type.unit]}]`)
    case 19:
      return feature.value('large_binary')
    case 20:
      return feature.value('large_string')
    case 23:
      return feature.value('binary_view')
    case 24:
      return feature.value('string_view')
    default:
      return feature.value(`arrow type ${type.typeId}`)
  }
}
