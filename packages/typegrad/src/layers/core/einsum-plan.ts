import { ArgumentError, ShapeError } from '../../base/errors.ts'
import type { Shape } from '../../base/shape.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'

/** An equation whose `...` has become letters, and the shapes of the weights that it needs. */
export interface EinsumPlan {
  readonly equation: string
  readonly inputLabels: string
  readonly kernelShape: Shape
  /** Axes of the kernel that the input has and the output has not, and those that the output has. */
  readonly inputAxes: readonly number[]
  readonly outputAxes: readonly number[]
  readonly biasShape: Shape | undefined
}

const form = /^(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?$/

/**
 * What an equation means for an input: `'abc,cd->abd'`, `'...x,xy->...y'` or `'ab...,bc->ac...'`.
 *
 * @param outputShape of one sample, without what the dots stand for.
 */
export function planEinsum(
  equation: string,
  inputShape: SymbolicShape,
  outputShape: SymbolicShape,
  biasAxes: string | undefined,
): EinsumPlan {
  const parsed = form.exec(equation.replaceAll(' ', ''))
  const [, before, named = '', after, kernel = '', outBefore, outNamed = '', outAfter] = parsed ?? []
  if (parsed === null || before !== outBefore || after !== outAfter || (before && after)) {
    throw new ArgumentError({
      where: 'EinsumDense',
      expected: "an equation such as 'abc,cd->abd', '...x,xy->...y' or 'ab...,bc->ac...'",
      received: `'${equation}'`,
    })
  }
  const elided = inputShape.length - named.length
  const dotted = before !== undefined || after !== undefined
  if (dotted ? elided < 0 : elided !== 0) {
    throw new ShapeError({
      where: 'EinsumDense',
      expected: `an input with the axes of '${equation}'`,
      received: `shape ${formatSymbolicShape(inputShape)}`,
    })
  }
  const rest = freeLetters(equation, elided)
  const around = (labels: string): string =>
    before !== undefined ? rest + labels : after !== undefined ? labels + rest : labels
  const [inputLabels, outputLabels] = [around(named), around(outNamed)]

  const sizes = new Map<string, number | null>()
  ;[...inputLabels].forEach((label, i) => {
    sizes.set(label, inputShape[i] as number | null)
  })
  // What `outputShape` leaves out: the batch, and what the dots stand for.
  const skipped = new Set([outputLabels[0], ...rest])
  const stated = [...outputLabels].filter((label) => !skipped.has(label))
  if (stated.length !== outputShape.length) {
    throw new ArgumentError({
      where: 'EinsumDense: outputShape',
      expected: `${stated.length} sizes, for the axes ${stated.join(', ')} of '${equation}'`,
      received: formatSymbolicShape(outputShape),
    })
  }
  stated.forEach((label, i) => {
    const size = outputShape[i] ?? null
    const known = sizes.get(label) ?? null
    if (size !== null && known !== null && size !== known) {
      throw new ShapeError({
        where: 'EinsumDense',
        expected: `${size} elements along '${label}' of '${equation}', as outputShape says`,
        received: `${known} in shape ${formatSymbolicShape(inputShape)}`,
      })
    }
    sizes.set(label, size ?? known)
  })

  const sizeOf = (label: string): number => {
    const size = sizes.get(label) ?? null
    if (size !== null) return size
    throw new ArgumentError({
      where: 'EinsumDense',
      expected: `a size for '${label}' of '${equation}' from the input's shape or outputShape`,
      received: `shape ${formatSymbolicShape(inputShape)} and outputShape ${formatSymbolicShape(outputShape)}`,
    })
  }
  return {
    equation: `${inputLabels},${kernel}->${outputLabels}`,
    inputLabels,
    kernelShape: [...kernel].map(sizeOf),
    inputAxes: [...kernel].flatMap((label, i) => (outputLabels.includes(label) ? [] : [i])),
    outputAxes: [...kernel].flatMap((label, i) => (outputLabels.includes(label) ? [i] : [])),
    biasShape: biasAxes === undefined ? undefined : biasShape(equation, outputLabels, biasAxes, sizeOf),
  }
}

/** From the first axis that has a bias on: its size there, 1 where there is none. */
function biasShape(
  equation: string,
  outputLabels: string,
  biasAxes: string,
  sizeOf: (label: string) => number,
): Shape {
  const positions = [...biasAxes].map((label) => outputLabels.indexOf(label))
  if (positions.length === 0 || positions.includes(-1)) {
    throw new ArgumentError({
      where: 'EinsumDense: biasAxes',
      expected: `letters of the output of '${equation}'`,
      received: `'${biasAxes}'`,
    })
  }
  return [...outputLabels.slice(Math.min(...positions))].map((label) =>
    biasAxes.includes(label) ? sizeOf(label) : 1,
  )
}

function freeLetters(equation: string, count: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  return [...letters]
    .filter((letter) => !equation.includes(letter))
    .slice(0, count)
    .join('')
}
