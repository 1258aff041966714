import { countText, shapeText } from '../../files/size.ts'
import type { CommandContext } from '../../program/context.ts'
import { aligned } from '../../terminal/listing.ts'
import { cut } from '../../terminal/text-width.ts'

/** A tensor as a file tells of it. */
export interface Described {
  readonly name: string
  /** Its type, or the format that its numbers are kept in. */
  readonly dtype: string
  readonly shape: readonly number[]
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** How many numbers tensors have together. */
export const numbersOf = (tensors: readonly Described[]): number =>
  tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0)

/** How many tensors and numbers there are, for a listing. */
export const tensorFacts = (
  tensors: readonly Described[],
  context: CommandContext,
): readonly (readonly [string, string])[] => [
  [context.say({ en: 'tensors', zh: '张量' }), countText(tensors.length)],
  [context.say({ en: 'numbers', zh: '数值' }), countText(numbersOf(tensors))],
]

/** A line a tensor: its name, type, shape and numbers. @param columns of the screen. */
export function tensorLines(tensors: readonly Described[], columns: number): string[] {
  const ends = aligned(
    tensors.map(({ dtype, shape }) => [dtype, shapeText(shape), countText(sizeOf(shape))]),
    ['left', 'left', 'right'],
  )
  const room = columns - Math.max(0, ...ends.map(({ length }) => length)) - 4
  const names = tensors.map(({ name }) => cut(name, Math.max(16, room)))
  return aligned(names.map((name, i) => [`  ${name}`, ends[i] ?? '']))
}
