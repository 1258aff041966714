import { FormatError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors.ts'
import { evaluateAll, fromData, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** A file's name for every variable: its own, with a number where two share one. */
function fileNames(variables: readonly Variable[]): string[] {
  const counts = new Map<string, number>()
  return variables.map(({ name }) => {
    const count = counts.get(name) ?? 0
    counts.set(name, count + 1)
    return count === 0 ? name : `${name}#${count}`
  })
}

/** The variables' values as a safetensors file, in chunks. */
export async function encodeVariables(
  variables: readonly Variable[],
  metadata: Record<string, string> = {},
): Promise<Uint8Array[]> {
  const values = variables.map((variable) => variable.value as Tensor)
  await evaluateAll(values)
  const names = fileNames(variables)
  const entries = await Promise.all(
    values.map(async (value, i) => ({
      name: names[i] as string,
      dtype: value.dtype,
      shape: value.shape,
      data: await value.data(),
    })),
  )
  return encodeSafetensors(entries, metadata)
}

/**
 * Reads variables back. All are checked before the first is changed.
 *
 * @throws FormatError for a damaged file, naming what is missing, too many, or of another shape or dtype.
 */
export function decodeVariables(bytes: Uint8Array, variables: readonly Variable[], file: string): void {
  const { tensors } = decodeSafetensors(bytes, file)
  const names = fileNames(variables)
  const missing = names.filter((name) => !tensors.has(name))
  const surplus = [...tensors.keys()].filter((name) => !names.includes(name))
  if (missing.length > 0 || surplus.length > 0) {
    const list = (items: readonly string[]) =>
      `${items
        .slice(0, 5)
        .map((name) => `'${name}'`)
        .join(', ')}${items.length > 5 ? ', …' : ''}`
    const parts = [
      ...(missing.length > 0 ? [`no ${list(missing)}`] : []),
      ...(surplus.length > 0 ? [`besides ${list(surplus)}`] : []),
    ]
    throw new FormatError({
      where: file,
      expected: `the ${names.length} tensors of this model`,
      received: `${tensors.size}: ${parts.join(', and ')}`,
      fix: 'The file belongs to another model, or its layers have other names.',
    })
  }
  const values = variables.map((variable, i) => {
    const name = names[i] as string
    const entry = tensors.get(name)
    if (entry === undefined || !sameShape(entry.shape, variable.shape) || entry.dtype !== variable.dtype) {
      throw new FormatError({
        where: `${file}: '${name}'`,
        expected: `${variable.dtype} ${formatShape(variable.shape)}`,
        received: entry === undefined ? 'nothing' : `${entry.dtype} ${formatShape(entry.shape)}`,
      })
    }
    return fromData(entry.data.slice(), entry.shape, entry.dtype)
  })
  variables.forEach((variable, i) => {
    variable.assign(values[i] as Tensor)
  })
}
