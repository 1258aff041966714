import { ArgumentError } from '../../base/errors.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { type SerializedObject, serialize } from '../../base/serialization.ts'
import type { Shape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { CallContext, LayerOptions } from '../base/layer.ts'
import { layerChecks } from '../base/layer.ts'
import { getCell } from './get-cell.ts'
import { type CellBatch, type CellStep, RecurrentCell, type RunningCell } from './recurrent-cell.ts'

export interface StackedRNNCellsOptions extends LayerOptions {
  /** The first takes the input, each other one the output of the one before it. */
  readonly cells: readonly (RecurrentCell | SerializedObject)[]
}

export const stackedRNNCellsChecks = optionsOf<StackedRNNCellsOptions>()({
  cells: needed(anything),
  ...layerChecks,
})

/** Cells on top of each other as one; see {@link stackedRNNCells}. */
@takes(stackedRNNCellsChecks)
export class StackedRNNCells extends RecurrentCell {
  readonly className = 'StackedRNNCells'
  readonly cells: readonly RecurrentCell[]

  constructor({ cells, ...options }: StackedRNNCellsOptions) {
    super(options)
    if (cells.length === 0) {
      throw new ArgumentError({ where: 'StackedRNNCells', expected: 'at least one cell', received: 'none' })
    }
    this.cells = cells.map(getCell)
  }

  /** States of the first cell, then those of the second, and so on. */
  get stateSizes(): readonly number[] {
    return this.cells.flatMap((cell) => cell.stateSizes)
  }

  override get outputSize(): number {
    return (this.cells.at(-1) as RecurrentCell).outputSize
  }

  /** The first state of the last cell. */
  override get outputState(): number {
    const last = this.cells.at(-1) as RecurrentCell
    return this.stateSizes.length - last.stateSizes.length + last.outputState
  }

  override get stepRank(): number {
    return (this.cells[0] as RecurrentCell).stepRank
  }

  override stateShapes(step: Shape): readonly Shape[] {
    const steps = this.#steps(step)
    return this.cells.flatMap((cell, i) => cell.stateShapes(steps[i] as Shape))
  }

  override outputShape(step: Shape): Shape {
    return this.#steps(step).at(-1) as Shape
  }

  /** Shapes of what each cell takes, and of what the last one gives. */
  #steps(step: Shape): readonly Shape[] {
    const steps = [step]
    for (const cell of this.cells) steps.push(cell.outputShape(steps.at(-1) as Shape))
    return steps
  }

  buildCell(_features: number, step: Shape): void {
    const steps = this.#steps(step)
    this.cells.forEach((cell, i) => {
      cell.ensureBuilt([null, ...(steps[i] as Shape)])
    })
  }

  start(batch: CellBatch, context: CallContext): RunningCell {
    const steps = this.#steps(batch.shape)
    const running = this.cells.map((cell, i) => {
      const shape = steps[i] as Shape
      return cell.start({ ...batch, features: shape.at(-1) as number, shape }, context)
    })
    return {
      project: (running[0] as RunningCell).project,
      step: (projected, states) => {
        let from = 0
        let step: CellStep | undefined
        const next: Tensor[] = []
        running.forEach(({ project, step: advance }, i) => {
          const count = (this.cells[i] as RecurrentCell).stateSizes.length
          step = advance(
            step === undefined ? projected : project(step.output),
            states.slice(from, from + count),
          )
          from += count
          next.push(...step.states)
        })
        return { output: (step as unknown as CellStep).output, states: next }
      },
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cells: this.cells.map(serialize) }
  }
}

/**
 * Cells on top of each other, for {@link rnn}: in every step each takes the output of the one below.
 *
 * @throws ArgumentError for no cells.
 * @example
 * layers.rnn({ cell: layers.stackedRNNCells({ cells: [layers.lstmCell({ units: 64 }), layers.gruCell({ units: 32 })] }) })
 */
export const stackedRNNCells = (options: StackedRNNCellsOptions): StackedRNNCells =>
  new StackedRNNCells(options)
