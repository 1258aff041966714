import { FormatError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { decodeSafetensors, encodeSafetensors, type SafetensorsEntry } from '../formats/safetensors.ts'
import { evaluateAll, fromData, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** A file's name for every variable: its own, with a number where two share one. */
export function fileNames(variables: readonly Variable[]): string[] {
  const counts = new Map<string, number>()
  return variables.map(({ name }) => {
    const count = counts.get(name) ?? 0
    counts.set(name, count + 1)
    return count === 0 ? name : `${name}#${count}`
  })
}

/** Values of variables at one moment, whatever is trained while they are written. */
export interface Snapshot {
  readonly names: readonly string[]
  readonly values: readonly Tensor[]
}

export const snapshotOf = (variables: readonly Variable[]): Snapshot => ({
  names: fileNames(variables),
  values: variables.map((variable) => variable.value as Tensor),
})

/** A snapshot as a safetensors file, in chunks. */
export async function encodeSnapshot({ names, values }: Snapshot): Promise<Uint8Array[]> {
  await evaluateAll(values)
  const entries = []
  const pacer = new Pacer()
  for (const [i, value] of values.entries()) {
    const { dtype, shape } = value
    entries.push({ name: names[i] as string, dtype, shape, data: await value.data() })
    if (pacer.due()) await pacer.turn()
  }
  return encodeSafetensors(entries)
}

/** Gives variables the values that a file has for them. */
export type Restore = () => void

/**
 * Checks that a file has a value for every variable, and no other.
 *
 * @returns what changes the variables: nothing has been changed before.
 * @throws FormatError for a damaged file, naming what is missing, too many, or of another shape or dtype.
 */
export function readVariables(bytes: Uint8Array, variables: readonly Variable[], file: string): Restore {
  const { tensors } = decodeSafetensors(bytes, file)
  const names = fileNames(variables)
  const entries = entriesByName(tensors, names) ?? entriesByKind(tensors, names)
  if (entries === undefined) throw otherTensors(file, names, [...tensors.keys()])
  const values = variables.map((variable, i) => {
    // entriesBy… give one for each name.
    const { dtype, shape, data } = entries[i] as SafetensorsEntry
    if (!sameShape(shape, variable.shape) || dtype !== variable.dtype) {
      throw new FormatError({
        where: `${file}: '${names[i]}'`,
        expected: `${variable.dtype} ${formatShape(variable.shape)}`,
        received: `${dtype} ${formatShape(shape)}`,
        fix: 'The file belongs to another model.',
      })
    }
    return fromData(data, shape, dtype) as Tensor
  })
  return () => {
    variables.forEach((variable, i) => {
      variable.assign(values[i] as Tensor)
    })
  }
}

type Entries = ReadonlyMap<string, SafetensorsEntry>

function entriesByName(tensors: Entries, names: readonly string[]): SafetensorsEntry[] | undefined {
  if (tensors.size !== names.length) return undefined
  const found = names.flatMap((name) => tensors.get(name) ?? [])
  return found.length === names.length ? found : undefined
}

/**
 * The tensors of a model that was made twice in one program: its layers have the same names but for the numbers
 * that tell them apart (`dense_2`, `dense_3` for `dense`, `dense_1`), in the same order.
 */
function entriesByKind(tensors: Entries, names: readonly string[]): SafetensorsEntry[] | undefined {
  const keys = [...tensors.keys()]
  const [ofFile, ofModel] = [renumbered(keys), renumbered(names)]
  const renamed = new Map(keys.map((key, i) => [ofFile[i] as string, tensors.get(key) as SafetensorsEntry]))
  return renamed.size === tensors.size ? entriesByName(renamed, ofModel) : undefined
}

/** Names whose layers count from 0 among those of their kind: `dense_7/kernel` as `dense#0/kernel`. */
function renumbered(names: readonly string[]): string[] {
  const layers = names.map((name) => {
    const [, kind = '', number = '0', rest = ''] = /^([^/]*?)(?:_(\d+))?(\/.*|#\d+)?$/.exec(name) ?? []
    return { kind, number: Number(number), rest }
  })
  const numbers = new Map<string, number[]>()
  for (const { kind, number } of layers) {
    const known = numbers.get(kind) ?? []
    if (!known.includes(number))
      numbers.set(
        kind,
        [...known, number].sort((a, b) => a - b),
      )
  }
  return layers.map(({ kind, number, rest }) => `${kind}#${numbers.get(kind)?.indexOf(number)}${rest}`)
}

function otherTensors(file: string, names: readonly string[], present: readonly string[]): FormatError {
  const missing = names.filter((name) => !present.includes(name))
  const surplus = present.filter((name) => !names.includes(name))
  const list = (items: readonly string[]) =>
    `${items
      .slice(0, 5)
      .map((name) => `'${name}'`)
      .join(', ')}${items.length > 5 ? ', …' : ''}`
  const parts = [
    ...(missing.length > 0 ? [`no ${list(missing)}`] : []),
    ...(surplus.length > 0 ? [`besides ${list(surplus)}`] : []),
  ]
  return new FormatError({
    where: file,
    expected: `the ${names.length} tensors of this model`,
    received: `${present.length}: ${parts.join(', and ')}`,
    fix: 'The file belongs to another model, or its layers have other names.',
  })
}
