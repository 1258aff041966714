import { ArgumentError, ShapeError } from '../../base/errors.ts'

/** Sizes of dimensions; null where only the data will tell, as for the batch. */
export type SymbolicShape = readonly (number | null)[]

/**
 * Sizes of dimensions as a model's inputs are declared with: a name where only the data will tell, and null for such a
 * size without one. Sizes of one name are the same wherever they stand in a model. The first axis is the batch.
 */
export type NamedShape = readonly (number | string | null)[]

/** The name of the first axis, which has none of its own. */
export const batchName = 'batch'

/** `[null, 'length', 8]` as `[null, null, 8]`: what layers are built for. */
export const withoutNames = (shape: NamedShape): SymbolicShape =>
  shape.map((size) => (typeof size === 'string' ? null : size))

/** `[null, 784]` as it is printed: `[batch, 784]`, with names as they are and `?` for what is open without one. */
export const formatSymbolicShape = (shape: NamedShape): string =>
  `[${shape.map((d, i) => d ?? (i === 0 ? batchName : '?')).join(', ')}]`

/** Names that files and error messages can have as they are. */
const isName = (size: string): boolean => /^[A-Za-z_]\w*$/.test(size)

/**
 * Refuses what cannot be the shape of an input, the batch in front.
 *
 * @throws ArgumentError naming the size.
 */
export function checkNamedShape(where: string, shape: NamedShape): void {
  if (shape.some((d) => d !== null && typeof d !== 'string' && (!Number.isInteger(d) || d < 0))) {
    throw new ArgumentError({
      where,
      expected: 'whole numbers of at least 0, or null, as a shape',
      received: formatSymbolicShape(shape),
      fix: "A size that only the data will tell is null or has a name: input({ shape: ['length', 8] }).",
    })
  }
  const odd = shape.slice(1).find((d) => typeof d === 'string' && (!isName(d) || d === batchName))
  const first = typeof shape[0] === 'string' && shape[0] !== batchName ? shape[0] : undefined
  if (odd === undefined && first === undefined) return
  throw new ArgumentError({
    where,
    expected:
      first === undefined
        ? `names of letters, digits and underscores for open sizes, and '${batchName}' for the first axis alone`
        : 'the batch along the first axis: a number, null',
    received: JSON.stringify(first ?? odd),
  })
}

/** Something of a shape that was declared with names. */
interface Declared {
  readonly name: string
  readonly sizes?: NamedShape | undefined
}

/**
 * Holds what inputs have against the names of their sizes.
 *
 * @throws ShapeError naming a size that two axes disagree about.
 */
export function checkNamedSizes(
  where: string,
  inputs: readonly Declared[],
  shapes: readonly (readonly number[])[],
): void {
  const known = new Map<string, { readonly size: number; readonly at: string }>()
  for (const [i, { name, sizes = [] }] of inputs.entries())
    for (const [axis, declared] of sizes.entries()) {
      const size = shapes[i]?.[axis]
      if (typeof declared !== 'string' || size === undefined) continue
      const at = `axis ${axis} of '${name}'`
      const other = known.get(declared)
      if (other === undefined) known.set(declared, { size, at })
      else if (other.size !== size)
        throw new ShapeError({
          where,
          expected: `one size '${declared}'`,
          received: `${other.size} along ${other.at} and ${size} along ${at}`,
          fix: 'Give both the same size, or the sizes of the inputs different names.',
        })
    }
}
