import { ArgumentError } from 'typegrad/core'
import { describeFeature, type Feature, type Features, feature } from '../features/feature.ts'

/** A file and what its columns hold. */
export interface FileFeatures {
  readonly file: string
  readonly features: Features
}

/** Whole numbers by how many values they have, then floats: the wider of two holds both. */
const wider: readonly (readonly string[])[] = [
  ['int8', 'int16', 'int32', 'int64', 'float64'],
  ['uint8', 'uint16', 'uint32', 'int64', 'float64'],
  ['uint8', 'int16', 'int32', 'int64', 'float64'],
  ['uint8', 'uint16', 'int32', 'int64', 'float64'],
  ['uint64', 'float64'],
  ['float16', 'float32', 'float64'],
  ['int16', 'float32', 'float64'],
  ['uint16', 'float32', 'float64'],
  ['date32', 'timestamp[us]'],
]

/** The feature that holds what both hold; undefined where none does. */
export function joined(a: Feature, b: Feature): Feature | undefined {
  if (describeFeature(a) === describeFeature(b)) return a
  if (a.kind === 'value' && b.kind === 'value') {
    if (a.dtype === 'null') return b
    if (b.dtype === 'null') return a
    for (const row of wider) {
      const [i, j] = [row.indexOf(a.dtype), row.indexOf(b.dtype)]
      if (i >= 0 && j >= 0) return feature.value(row[Math.max(i, j)] as string)
    }
    const isNumber = (dtype: string): boolean => /^(u?int|float)/.test(dtype)
    return isNumber(a.dtype) && isNumber(b.dtype) ? feature.value('float64') : undefined
  }
  if (a.kind === 'value' && a.dtype === 'null') return b
  if (b.kind === 'value' && b.dtype === 'null') return a
  if (a.kind === 'list' && b.kind === 'list' && a.length === b.length) {
    const items = joined(a.items, b.items)
    return items === undefined ? undefined : feature.list(items, a.length)
  }
  if (a.kind === 'struct' && b.kind === 'struct') {
    const fields: Record<string, Feature> = { ...a.fields }
    for (const [name, of] of Object.entries(b.fields)) {
      const known = fields[name]
      const both = known === undefined ? of : joined(known, of)
      if (both === undefined) return undefined
      fields[name] = both
    }
    return feature.struct(fields)
  }
  return undefined
}

/**
 * What the columns of all files together hold.
 *
 * @throws ArgumentError for a column that holds in one file what it cannot in another.
 */
export function unitedFeatures(
  files: readonly FileFeatures[],
  types: Readonly<Record<string, string>>,
): Features {
  const united = new Map<string, { readonly of: Feature; readonly file: string }>()
  for (const { file, features } of files)
    for (const [name, of] of Object.entries(features)) {
      const known = united.get(name)
      const told = types[name]
      const both = told !== undefined ? feature.value(told) : known === undefined ? of : joined(known.of, of)
      if (both === undefined)
        throw new ArgumentError({
          where: `readTable: ${file}: ${name}`,
          expected: `${describeFeature((known as { of: Feature }).of)}, as in ${known?.file}`,
          received: describeFeature(of),
          fix: `Say what it is to be: types: { ${JSON.stringify(name)}: 'string' }.`,
        })
      united.set(name, { of: both, file: known?.file ?? file })
    }
  return Object.fromEntries([...united].map(([name, { of }]) => [name, of]))
}
