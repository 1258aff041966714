import { ArgumentError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import type { OutputShape } from './labels.ts'

/** What is classified: two classes by one number, or one of many by a row with one-hot or numbered labels. */
export type Task = 'binary' | 'categorical' | 'sparse'

/** What a name such as `crossentropy` or `accuracy` is resolved by. */
export interface TaskContext {
  /** Shape of the labels, samples first. */
  readonly labelShape?: Shape | undefined
  /** Shape of the model's output, batch first. */
  readonly outputShape?: OutputShape | undefined
}

/**
 * The task that labels and outputs of these shapes stand for, as Keras decides.
 *
 * @throws ArgumentError if a shape is not known.
 */
export function taskOf(where: string, { labelShape, outputShape }: TaskContext): Task {
  if (outputShape?.at(-1) === 1) return 'binary'
  if (outputShape === undefined || labelShape === undefined) {
    throw new ArgumentError({
      where,
      expected: 'the shapes of labels and outputs, to tell binary, categorical and sparse apart',
      received: 'none',
      fix: `Name it in full: ${['binary', 'categorical', 'sparseCategorical'].map((task) => `'${task}${where[0]?.toUpperCase()}${where.slice(1)}'`).join(', ')}.`,
    })
  }
  const sparse = labelShape.length < outputShape.length || labelShape.at(-1) === 1
  return sparse ? 'sparse' : 'categorical'
}
