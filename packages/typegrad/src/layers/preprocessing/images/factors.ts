import { ArgumentError } from '../../../base/errors.ts'

/** A number, or the two that draws lie between. */
export type Factor = number | readonly [lower: number, upper: number]
export type Range = readonly [lower: number, upper: number]

const isPair = (value: unknown): value is Range =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((v) => typeof v === 'number' && Number.isFinite(v))

/**
 * What draws lie between, as Keras reads a factor: of one number f from −f (or the least that is allowed) to f.
 *
 * @throws ArgumentError for what is neither, or lies outside.
 */
export function factorRange(where: string, factor: Factor, [least, most]: Range): Range {
  if (isPair(factor) && factor[0] <= most && factor[1] >= least)
    return [Math.min(factor[0], factor[1]), Math.max(factor[0], factor[1])]
  if (typeof factor === 'number' && factor >= least && factor <= most) {
    const size = Math.abs(factor)
    // No −0, which JSON does not have.
    return [Math.max(0 - size, least), size]
  }
  throw new ArgumentError({
    where,
    expected: `a number from ${least} to ${most}, or two`,
    received: JSON.stringify(factor) ?? String(factor),
  })
}

/** The least and the largest value that images have. @throws ArgumentError for what are not two numbers. */
export function checkedValueRange(where: string, range: readonly number[]): Range {
  if (isPair(range) && range[0] !== range[1])
    return [Math.min(range[0], range[1]), Math.max(range[0], range[1])]
  throw new ArgumentError({
    where: `${where}: valueRange`,
    expected: 'the least and the largest value of the images, such as [0, 255]',
    received: JSON.stringify(range) ?? String(range),
  })
}
