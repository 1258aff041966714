import { ArgumentError } from '../../base/errors.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { isSerialized, type SerializedObject, serialize } from '../../base/serialization.ts'
import { takes } from '../../base/takes.ts'
import { concat, flip } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallResult, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { firstMask, type Mask, type MasksOf } from '../base/masks.ts'
import { nestedLayer } from '../base/nested.ts'
import type { Outputs, SymbolicShape } from '../base/symbolic.ts'
import { maskWithStates, type RecurrentContext, RNN, withInitialState } from './rnn.ts'

const merges = {
  concat: (a, b) => concat([a, b], -1),
  sum: (a, b) => a.add(b),
  ave: (a, b) => a.add(b).mul(0.5),
  mul: (a, b) => a.mul(b),
} satisfies Record<string, (a: Tensor, b: Tensor) => Tensor>

/** How the outputs of the two directions become one; null for a list of both. */
export type MergeMode = keyof typeof merges | null

export interface BidirectionalOptions extends LayerOptions {
  /** The recurrent layer that runs forwards: a copy of it, with new weights. */
  readonly layer: RNN<Outputs> | SerializedObject
  /** The layer that runs backwards. Default: another copy of `layer`, turned round. */
  readonly backwardLayer?: RNN<Outputs> | SerializedObject
  /** How the outputs of both directions are joined. Default `'concat'`. */
  readonly mergeMode?: MergeMode
}

export const bidirectionalChecks = optionsOf<BidirectionalOptions>()({
  layer: needed(anything),
  backwardLayer: anything,
  mergeMode: anything,
  ...layerChecks,
})

/** A recurrent layer in both directions; see {@link bidirectional}. */
@takes(bidirectionalChecks)
export class Bidirectional<out Out extends Outputs = Tensor> extends Layer<Outputs, Out> {
  readonly className = 'Bidirectional'
  readonly mergeMode: MergeMode
  readonly forwardLayer: RNN<Outputs>
  readonly backwardLayer: RNN<Outputs>
  readonly #ownBackward: boolean

  constructor({ layer, backwardLayer, mergeMode = 'concat', ...options }: BidirectionalOptions) {
    super(options)
    if (mergeMode !== null && !Object.hasOwn(merges, mergeMode)) {
      throw new ArgumentError({
        where: 'Bidirectional',
        expected: `a mergeMode of ${Object.keys(merges).join(', ')}, or null`,
        received: JSON.stringify(mergeMode),
      })
    }
    this.mergeMode = mergeMode
    const saved = isSerialized(layer) ? layer : serialize(layer)
    const { className, config, registeredName } = saved
    // Two layers of one configuration, also where that is shared.
    const like = { className, ...(registeredName === undefined ? {} : { registeredName }) }
    const name = String(config.name ?? className.toLowerCase())
    this.forwardLayer = recurrent({ ...like, config: { ...config, name: prefixed('forward_', name) } })
    this.#ownBackward = backwardLayer !== undefined
    this.backwardLayer =
      backwardLayer === undefined
        ? recurrent({
            ...like,
            config: { ...config, name: prefixed('backward_', name), goBackwards: !config.goBackwards },
          })
        : recurrent(isSerialized(backwardLayer) ? backwardLayer : serialize(backwardLayer))
    const { forwardLayer: forward, backwardLayer: backward } = this
    if (forward.goBackwards === backward.goBackwards) {
      throw new ArgumentError({
        where: 'Bidirectional',
        expected: 'layers of different directions',
        received: `goBackwards ${forward.goBackwards} for both`,
      })
    }
    if (
      forward.returnSequences !== backward.returnSequences ||
      forward.returnState !== backward.returnState
    ) {
      throw new ArgumentError({
        where: 'Bidirectional',
        expected: 'layers with the same returnSequences and returnState',
        received: 'two that differ',
      })
    }
  }

  override build(inputShape: SymbolicShape | readonly SymbolicShape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as SymbolicShape
    this.forwardLayer.ensureBuilt(shape)
    this.backwardLayer.ensureBuilt(shape)
  }

  override get supportsMasking(): boolean {
    return true
  }

  /** That of the input, where the output still has its steps. */
  override computeMask(_: Outputs, mask: MasksOf<Outputs>): Mask | readonly Mask[] {
    if (!this.forwardLayer.returnSequences) return undefined
    const first = firstMask(mask)
    return this.mergeMode === null ? [first, first] : first
  }

  override impliedMask(masks: readonly Mask[]): Mask {
    return maskWithStates(masks)
  }

  override get callOptions(): readonly string[] {
    return ['initialState']
  }

  /** Initial states, if any, are those of the forward layer, then those of the backward layer. */
  call(inputs: Outputs, context: RecurrentContext): CallResult<Out> {
    const { x, states } = withInitialState(this.name, inputs, context)
    const { training, mask } = context
    const half = states.length / 2
    const run = (layer: RNN<Outputs>, given: readonly Tensor[]): readonly Tensor[] => {
      const outputs: Outputs = layer.apply(given.length === 0 ? x : [x, ...given], { training, mask })
      return Array.isArray(outputs) ? outputs : [outputs as Tensor]
    }
    const [a, ...statesA] = run(this.forwardLayer, states.slice(0, half)) as [Tensor, ...Tensor[]]
    const [turned, ...statesB] = run(this.backwardLayer, states.slice(half)) as [Tensor, ...Tensor[]]
    // The second sequence comes in the order of its steps, from the end to the start.
    const b = this.forwardLayer.returnSequences ? flip(turned, 1) : turned
    const merged = this.mergeMode === null ? [a, b] : [merges[this.mergeMode](a, b)]
    const all = [...merged, ...statesA, ...statesB]
    return (all.length === 1 ? all[0] : all) as CallResult<Out>
  }

  override getConfig(): Record<string, unknown> {
    const { sharedObjectId: _, config, ...like } = serialize(this.forwardLayer)
    return {
      ...super.getConfig(),
      layer: { ...like, config: { ...config, name: this.forwardLayer.name.replace(/^forward_/, '') } },
      ...(this.#ownBackward ? { backwardLayer: serialize(this.backwardLayer) } : {}),
      mergeMode: this.mergeMode,
    }
  }
}

const prefixed = (prefix: string, name: string): string =>
  name.startsWith(prefix) ? name : `${prefix}${name}`

/** A new layer of the configuration; in returned sequences masked steps are zero, so that they add nothing. */
function recurrent({ sharedObjectId: _, ...saved }: SerializedObject): RNN<Outputs> {
  const { className, config } = saved
  // Looked at first as it is: another layer would refuse the option.
  if (nestedLayer(saved) instanceof RNN) {
    const zeroOutputForMask = config.returnSequences === true
    const layer: unknown = nestedLayer({ ...saved, config: { ...config, zeroOutputForMask } })
    if (layer instanceof RNN) return layer
  }
  throw new ArgumentError({
    where: 'Bidirectional',
    expected: 'a recurrent layer, such as layers.lstm({ units: 64 })',
    received: className,
  })
}

/**
 * Two recurrent layers, one from the start and one from the end, whose outputs are merged. Schuster and Paliwal
 * 1997, https://doi.org/10.1109/78.650093
 *
 * Input (batch, time, features); output as that of the layer, by default with the units of both. Weights: those
 * of the forward layer, then those of the backward layer.
 *
 * @throws ArgumentError for a layer that is not recurrent, or two of one direction.
 * @example
 * layers.bidirectional({ layer: layers.lstm({ units: 64 }) }) // (batch, time, features) → (batch, 128)
 */
export function bidirectional(
  options: BidirectionalOptions & { readonly layer: RNN<readonly Tensor[]> },
): Bidirectional<readonly [Tensor, ...Tensor[]]>
export function bidirectional(
  options: BidirectionalOptions & { readonly mergeMode: null },
): Bidirectional<readonly [Tensor, Tensor]>
export function bidirectional(options: BidirectionalOptions): Bidirectional
export function bidirectional(options: BidirectionalOptions): Bidirectional<Outputs> {
  return new Bidirectional(options)
}
