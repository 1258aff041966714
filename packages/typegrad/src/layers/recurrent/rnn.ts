import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, needed, optionsOf } from '../../base/options.ts'
import { type SerializedObject, serialize } from '../../base/serialization.ts'
import { formatShape, type Shape, sameShape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { cast, promoteTypes } from '../../ops/apply.ts'
import { where } from '../../ops/comparison.ts'
import { scan } from '../../ops/scan.ts'
import { at, broadcastTo, flip, transpose } from '../../ops/shape.ts'
import { zeros } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Variable } from '../../tensor/variable.ts'
import {
  type AnyLayer,
  type CallContext,
  type CallResult,
  Layer,
  type LayerOptions,
  layerChecks,
} from '../base/layer.ts'
import { firstMask, type Mask, type MasksOf, maskOfSteps } from '../base/masks.ts'
import { formatSymbolicShape, type Outputs, type SymbolicShape } from '../base/symbolic.ts'
import { getCell } from './get-cell.ts'
import type { RecurrentCell } from './recurrent-cell.ts'
import { StackedRNNCells } from './stacked-rnn-cells.ts'

/** Options of all layers that run a cell along sequences. */
export interface RecurrentOptions extends LayerOptions {
  /** Whether to give the output of every step rather than of the last one. Default false. */
  readonly returnSequences?: boolean
  /** Whether to give the states after the last step too, behind the output. Default false. */
  readonly returnState?: boolean
  /** From the last step to the first; returned sequences are in that order too. Default false. */
  readonly goBackwards?: boolean
  /** Whether masked steps give zeros rather than the output of the step before. Default false. */
  readonly zeroOutputForMask?: boolean
  /**
   * Whether a batch begins with the states that the one before has left, sequence for sequence, until
   * `resetStates`. Needs a fixed number of sequences: `input({ batchShape: [32, 10, 8] })`. Default false.
   */
  readonly stateful?: boolean
  /**
   * Keras's choice of writing out all steps in place of a loop. Here the steps are a loop in the graph whatever it
   * says: the results are the same. Default false.
   */
  readonly unroll?: boolean
}

/** Options of a layer that gives its states too, a list: what it gives follows from them, for types as well. */
export type ReturningState<O extends RecurrentOptions> = O & { readonly returnState: true }

export const recurrentChecks = optionsOf<RecurrentOptions>()({
  returnSequences: boolean,
  returnState: boolean,
  goBackwards: boolean,
  zeroOutputForMask: boolean,
  stateful: boolean,
  unroll: boolean,
  ...layerChecks,
})

export interface RNNOptions extends RecurrentOptions {
  /** What happens in a step; a list is stacked. */
  readonly cell: RecurrentCell | SerializedObject | readonly (RecurrentCell | SerializedObject)[]
}

export const rnnChecks = optionsOf<RNNOptions>()({ cell: needed(anything), ...recurrentChecks })

/** A cell run along sequences; see {@link rnn}. */
@takes(rnnChecks)
export class RNN<out Out extends Outputs = Tensor> extends Layer<Outputs, Out> {
  readonly className: string = 'RNN'
  readonly cell: RecurrentCell
  readonly returnSequences: boolean
  readonly returnState: boolean
  readonly goBackwards: boolean
  readonly zeroOutputForMask: boolean
  readonly stateful: boolean
  readonly unroll: boolean
  #states: readonly Variable[] = []

  constructor({
    cell,
    returnSequences = false,
    returnState = false,
    goBackwards = false,
    zeroOutputForMask = false,
    stateful = false,
    unroll = false,
    ...options
  }: RNNOptions) {
    super(options)
    this.cell = Array.isArray(cell)
      ? new StackedRNNCells({ cells: cell })
      : getCell(cell as RecurrentCell | SerializedObject)
    this.returnSequences = returnSequences
    this.returnState = returnState
    this.goBackwards = goBackwards
    this.zeroOutputForMask = zeroOutputForMask
    this.stateful = stateful
    this.unroll = unroll
  }

  override build(inputShape: SymbolicShape | readonly SymbolicShape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as SymbolicShape
    const [size, , ...step] = shape
    if (step.length !== this.cell.stepRank) {
      throw new ShapeError({
        where: this.className,
        expected: `an input (batch, time, ${this.cell.stepRank === 1 ? 'features' : `…step of rank ${this.cell.stepRank}`})`,
        received: `shape ${formatSymbolicShape(shape)}`,
        ...(shape.length === 2 ? { fix: 'Give every step its features: layers.reshape or expandDims.' } : {}),
      })
    }
    this.cell.ensureBuilt([size ?? null, ...step])
    if (this.stateful) this.#states = this.#makeStates(shape)
  }

  #makeStates([size, , ...step]: SymbolicShape): Variable[] {
    if (size == null || step.includes(null)) {
      throw new ArgumentError({
        where: `${this.className}: stateful`,
        expected: 'a fixed number of sequences in every batch',
        received: `shape ${formatSymbolicShape([size ?? null, null, ...step])}`,
        fix: 'Begin the model with input({ batchShape: [32, 10, 8] }).',
      })
    }
    return this.cell.stateShapes(step as Shape).map((shape, i) => {
      const value = zeros([size, ...shape], { dtype: this.dtype }) as Tensor
      return new Variable(value, { name: `${this.name}/state_${i}`, trainable: false })
    })
  }

  override get states(): readonly Variable[] {
    return this.#states
  }

  override get supportsMasking(): boolean {
    return true
  }

  /** That of the input, where the output still has its steps. */
  override computeMask(_: Outputs, mask: MasksOf<Outputs>): Mask {
    return this.returnSequences ? firstMask(mask) : undefined
  }

  override impliedMask(masks: readonly Mask[]): Mask {
    return maskWithStates(masks)
  }

  override get callOptions(): readonly string[] {
    return ['initialState']
  }

  call(inputs: Outputs, context: RecurrentContext): CallResult<Out> {
    const { x: sequences, states: given } = withInitialState(this.name, inputs, context)
    // With weights of a wider dtype the states are of it from the start.
    const dtype = promoteTypes(sequences.dtype, this.cell.dtype)
    const x = cast(sequences, dtype)
    const [size, length, ...shape] = x.shape as readonly [number, number, ...number[]]
    const { stateSizes } = this.cell
    if (given.length !== 0 && given.length !== stateSizes.length) {
      throw new ArgumentError({
        where: this.name,
        expected: `the sequences alone, or with ${stateSizes.length} initial states of sizes ${stateSizes.join(', ')}`,
        received: `${given.length} tensors behind the sequences`,
      })
    }
    const initial = given.length > 0 ? given : this.#initial(x)
    const cell = this.cell.start({ size, features: shape.at(-1) as number, shape, dtype }, context)
    // The projection of all steps is one product outside of the loop.
    const projected = cell.project(stepsFirst(x)) // (time, batch, projected)
    const { mask } = context
    const run =
      mask === undefined
        ? this.#run(cell.step, initial, projected)
        : this.#runMasked(cell.step, initial, projected, timeMajor(this.name, mask, x), [
            size,
            ...this.cell.outputShape(shape),
          ])
    const { outputs, states } = run
    this.#states.forEach((variable, i) => {
      variable.assign((states[i] as Tensor).cast(variable.dtype) as Tensor)
    })
    const last =
      outputs === undefined ? (states[0] as Tensor) : at(outputs, this.goBackwards ? 0 : length - 1)
    const output = this.returnSequences ? this.#sequence(outputs as Tensor) : last
    return (this.returnState ? [output, ...states] : output) as CallResult<Out>
  }

  /** Zeros, or where the batch before has ended. */
  #initial(x: Tensor): readonly Tensor[] {
    const [size, , ...step] = x.shape as readonly [number, number, ...number[]]
    if (!this.stateful) {
      return this.cell.stateShapes(step).map((shape) => zeros([size, ...shape], { dtype: x.dtype }) as Tensor)
    }
    const known = this.#states[0]?.shape[0]
    if (known !== undefined && known !== size) {
      throw new ShapeError({
        where: `${this.name}: stateful`,
        expected: `batches of ${known} sequences, which the states belong to`,
        received: `${size}`,
        fix: `Use batchSize: ${known} and as many samples as it divides evenly.`,
      })
    }
    return this.#states.map((variable) => variable.value.cast(x.dtype) as Tensor)
  }

  /** Outputs (time, batch, size), absent where the last one is a state and the others are not asked for. */
  #run(step: ReturnType<RecurrentCell['start']>['step'], initial: readonly Tensor[], projected: Tensor): Run {
    const { carries, outputs } = scan({
      initial,
      sequences: [projected],
      reverse: this.goBackwards,
      step: (carries, [x]) => {
        const { output, states } = step(x as Tensor, carries)
        return { carries: states, outputs: this.returnSequences || output !== states[0] ? [output] : [] }
      },
    })
    return { states: carries, outputs: outputs[0] }
  }

  /** Where the mask is false the states stay, and the output is that of the step before, or zero. */
  #runMasked(
    step: ReturnType<RecurrentCell['start']>['step'],
    initial: readonly Tensor[],
    projected: Tensor,
    mask: Tensor,
    outputShape: Shape,
  ): Run {
    const [length, size] = projected.shape as readonly [number, number]
    const { dtype } = projected
    // Selecting is much faster where the condition has the full shape.
    const shapes = new Map([outputShape, ...initial.map((state) => state.shape)].map((s) => [s.join(), s]))
    const widths = [...shapes.keys()]
    const masks = [...shapes.values()].map((shape) => {
      const spread = mask.reshape([length, size, ...shape.slice(1).map(() => 1)])
      return broadcastTo(spread, [length, ...shape]) as Tensor
    })
    const nothing = zeros(outputShape, { dtype }) as Tensor
    const shownFirst = initial[this.cell.outputState] as Tensor
    const before = sameShape(shownFirst.shape, outputShape) ? shownFirst : nothing
    const { carries, outputs } = scan({
      initial: [before, ...initial],
      sequences: [projected, ...masks],
      reverse: this.goBackwards,
      step: ([shownBefore, ...states], [x, ...valid]) => {
        const isValid = (t: Tensor): Tensor => valid[widths.indexOf(t.shape.join())] as Tensor
        const { output, states: next } = step(x as Tensor, states)
        const other = this.zeroOutputForMask ? nothing : (shownBefore as Tensor)
        const shown = where(isValid(output), output, other) as Tensor
        const kept = next.map((state, i) => where(isValid(state), state, states[i] as Tensor) as Tensor)
        return { carries: [shown, ...kept], outputs: [shown] }
      },
    })
    return { states: carries.slice(1), outputs: outputs[0] }
  }

  /** (time, batch, size) → (batch, time, size), in the order in which the steps were taken. */
  #sequence(outputs: Tensor): Tensor {
    return stepsFirst((this.goBackwards ? flip(outputs, 0) : outputs) as Tensor)
  }

  /** The configuration without the cell. */
  protected sequenceConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      returnSequences: this.returnSequences,
      returnState: this.returnState,
      goBackwards: this.goBackwards,
      zeroOutputForMask: this.zeroOutputForMask,
      stateful: this.stateful,
      unroll: this.unroll,
    }
  }

  /** The cell of layers that make it themselves. */
  protected override get unsavedLayers(): readonly AnyLayer[] {
    return 'cell' in this.getConfig() ? [] : [this.cell as unknown as AnyLayer]
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.sequenceConfig(), cell: serialize(this.cell) }
  }
}

/**
 * The mask that recurrent layers heed of their inputs' own: none where there are initial states behind the sequences.
 * So does Keras 3, whose layers are told of a mask only if they have a single tensor to take; the output has the mask
 * all the same. A mask that is given at the call always counts.
 */
export const maskWithStates = (masks: readonly Mask[]): Mask =>
  masks.length > 1 ? undefined : maskOfSteps(masks[0])

/** What a call of a recurrent layer may be told beside its inputs. */
export interface RecurrentContext extends CallContext {
  /** The states before the first step, in the order in which `returnState` gives them. Default zeros. */
  readonly initialState?: Tensor | readonly Tensor[] | undefined
}

/**
 * The sequences, and the states that they begin with, which stand behind them or among the options.
 *
 * @throws ArgumentError if they stand in both.
 */
export function withInitialState(
  where: string,
  inputs: Outputs,
  { initialState }: RecurrentContext,
): { readonly x: Tensor; readonly states: readonly Tensor[] } {
  const [x, ...behind] = (Array.isArray(inputs) ? inputs : [inputs]) as [Tensor, ...Tensor[]]
  if (initialState === undefined) return { x, states: behind }
  if (behind.length > 0) {
    throw new ArgumentError({
      where,
      expected: 'initial states behind the sequences or as initialState',
      received: 'both',
    })
  }
  // Stacked cells may have theirs in lists of their own.
  return { x, states: [initialState].flat(2) as Tensor[] }
}

interface Run {
  readonly outputs: Tensor | undefined
  readonly states: readonly Tensor[]
}

/** The first two dimensions change places: (batch, time, …) ↔ (time, batch, …). */
const stepsFirst = (x: Tensor): Tensor => transpose(x, [1, 0, ...x.shape.map((_, i) => i).slice(2)]) as Tensor

/** (batch, time) → (time, batch). @throws ShapeError for a mask that does not fit the sequences. */
function timeMajor(where: string, mask: Tensor, x: Tensor): Tensor {
  const [batch, length] = x.shape as readonly [number, number]
  if (mask.rank !== 2 || mask.shape[0] !== batch || mask.shape[1] !== length) {
    throw new ShapeError({
      where: `${where}: mask`,
      expected: `shape [${batch}, ${length}], a boolean for each step of each sequence`,
      received: formatShape(mask.shape),
    })
  }
  return transpose(mask.cast('bool') as Tensor, [1, 0]) as Tensor
}

/**
 * Runs a cell along sequences, or several cells on top of each other.
 *
 * Input (batch, time, features), or a list with the initial states behind, which may also be the call's option
 * `initialState`; output (batch, units), with
 * returnSequences (batch, time, units); with returnState a list with the final states behind.
 *
 * @throws ShapeError for an input that is no batch of sequences, ArgumentError for initial states that do not
 * fit the cell in number.
 * @example
 * layers.rnn({ cell: [layers.gruCell({ units: 64 }), layers.gruCell({ units: 32 })], inputShape: [20, 8] })
 */
export function rnn(options: ReturningState<RNNOptions>): RNN<readonly [Tensor, ...Tensor[]]>
export function rnn(options: RNNOptions): RNN
export function rnn(options: RNNOptions): RNN<Outputs> {
  return new RNN(options)
}
