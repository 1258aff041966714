import { list, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'

export interface Fans {
  /** Number of inputs that one output sees. */
  readonly fanIn: number
  /** Number of outputs that one input reaches. */
  readonly fanOut: number
}

/** Which axes of a kernel count inputs and which outputs, where the layout is not (…window, inputs, outputs). */
export interface FanAxes {
  /** Axes that count inputs. Default: the last but one, and those of the window. */
  readonly inputAxes?: readonly number[] | undefined
  /** Axes that count outputs. Default: the last, and those of the window. */
  readonly outputAxes?: readonly number[] | undefined
}

export const fanAxesChecks = optionsOf<FanAxes>()({ inputAxes: list, outputAxes: list })

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)

/**
 * How many inputs and outputs a weight of this shape connects, as Keras counts: (inputs, outputs) for a
 * matrix, each times the window's size for a convolution's kernel (…window, inputs, outputs).
 */
export function computeFans(shape: Shape, { inputAxes, outputAxes }: FanAxes = {}): Fans {
  if (inputAxes !== undefined && outputAxes !== undefined) {
    const along = (axes: readonly number[]) => product(axes.map((axis) => shape.at(axis) as number))
    return { fanIn: along(inputAxes), fanOut: along(outputAxes) }
  }
  const [first = 1] = shape
  if (shape.length <= 1) return { fanIn: first, fanOut: first }
  const [inputs, outputs] = shape.slice(-2) as [number, number]
  const window = product(shape.slice(0, -2))
  return { fanIn: inputs * window, fanOut: outputs * window }
}
