import { ArgumentError } from '../../base/errors.ts'
import { anything, needed, number, optionsOf, without } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { conv, type DataFormat, type Padding, perDimension } from '../../ops/convolution.ts'
import { concat, split } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat, getPadding } from '../base/data-format.ts'
import type { CallContext } from '../base/layer.ts'
import { positiveWhole } from '../convolutional/convolution.ts'
import { LSTMCell, type LSTMCellOptions, lstmCellChecks } from './lstm-cell.ts'
import { type CellBatch, sequenceDropout } from './recurrent-cell.ts'

export interface ConvLSTMOptions extends Omit<LSTMCellOptions, 'units'> {
  /** Number of channels of the states and of the output. */
  readonly filters: number
  /** Size of the window, for all spatial dimensions or each. */
  readonly kernelSize: number | readonly number[]
  /** Steps between windows over the input; over the state it is always 1. Default 1. */
  readonly strides?: number | readonly number[]
  /** Of the input; the state is always padded to stay of its size. Default `'valid'`. */
  readonly padding?: Padding
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
  /** Steps between the elements of a window over the input; not with strides above 1. Default 1. */
  readonly dilationRate?: number | readonly number[]
}

export const convLSTMChecks = optionsOf<ConvLSTMOptions>()({
  filters: needed(number),
  kernelSize: needed(anything),
  strides: anything,
  padding: anything,
  dataFormat: anything,
  dilationRate: anything,
  ...without(lstmCellChecks, 'units'),
})

export interface ConvLSTMCellOptions extends ConvLSTMOptions {
  /** Number of spatial dimensions, from 1 to 3. */
  readonly rank: number
}

export const convLSTMCellChecks = optionsOf<ConvLSTMCellOptions>()({
  rank: needed(number),
  ...convLSTMChecks,
})

/** One step of a {@link convLSTM2d}; see {@link convLSTMCell}. */
@takes(convLSTMCellChecks)
export class ConvLSTMCell extends LSTMCell {
  override readonly className: string = 'ConvLSTMCell'
  readonly rank: number
  readonly kernelSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Padding
  readonly dataFormat: DataFormat
  readonly dilationRate: readonly number[]

  constructor({
    rank,
    filters,
    kernelSize,
    strides = 1,
    padding = 'valid',
    dataFormat = 'channelsLast',
    dilationRate = 1,
    ...options
  }: ConvLSTMCellOptions) {
    super({ ...options, units: positiveWhole('ConvLSTM: filters', filters) })
    if (![1, 2, 3].includes(rank)) {
      throw new ArgumentError({
        where: 'ConvLSTMCell: rank',
        expected: '1, 2 or 3 spatial dimensions',
        received: String(rank),
      })
    }
    this.rank = rank
    this.kernelSize = perDimension('ConvLSTM: kernelSize', kernelSize, rank)
    this.strides = perDimension('ConvLSTM: strides', strides, rank)
    this.padding = getPadding('ConvLSTM', padding)
    this.dataFormat = getDataFormat('ConvLSTM', dataFormat)
    this.dilationRate = perDimension('ConvLSTM: dilationRate', dilationRate, rank)
    if (Math.max(...this.strides) > 1 && Math.max(...this.dilationRate) > 1) {
      throw new ArgumentError({
        where: 'ConvLSTM',
        expected: 'either strides or a dilationRate above 1',
        received: `strides ${this.strides.join(', ')} and dilationRate ${this.dilationRate.join(', ')}`,
      })
    }
  }

  get filters(): number {
    return this.units
  }

  override get stepRank(): number {
    return this.rank + 1
  }

  protected override get gateAxis(): number {
    return this.#isLast ? -1 : -this.stepRank
  }

  override stateShapes(step: Shape): readonly Shape[] {
    const shape = this.outputShape(step)
    return [shape, shape]
  }

  override outputShape(step: Shape): Shape {
    const spatial = this.#isLast ? step.slice(0, -1) : step.slice(1)
    const windows = spatial.map((length, i) => {
      const stride = this.strides[i] as number
      const span = ((this.kernelSize[i] as number) - 1) * (this.dilationRate[i] as number) + 1
      return this.padding === 'same' ? Math.ceil(length / stride) : Math.floor((length - span) / stride) + 1
    })
    return this.#isLast ? [...windows, this.filters] : [this.filters, ...windows]
  }

  protected override kernelShape(channels: number): Shape {
    return [...this.kernelSize, channels, this.gates * this.filters]
  }

  override buildCell(_features: number, step: Shape): void {
    super.buildCell(step[this.#isLast ? this.rank : 0] as number, step)
  }

  protected override projection(batch: CellBatch, context: CallContext): (x: Tensor) => Tensor {
    const { strides, padding, dataFormat, dilationRate: dilation, bias } = this
    const drops = this.#drops(batch, batch.shape, this.dropout, context, this.seed)
    const { kernel } = this
    const spread = bias?.reshape(this.#isLast ? [-1] : [-1, ...this.kernelSize.map(() => 1)])
    return (x) => {
      const product = convolved(drops, x, kernel, this.gateAxis, (steps, part) => {
        const leading = steps.shape.slice(0, steps.rank - this.stepRank)
        const images = steps.reshape([-1, ...batch.shape]) // steps of all sequences as one batch
        const y = conv(images, part, { strides, padding, dataFormat, dilation })
        return y.reshape([...leading, ...y.shape.slice(1)])
      })
      return spread === undefined ? product : product.add(spread)
    }
  }

  protected override recurrence(batch: CellBatch, context: CallContext): (h: Tensor) => Tensor {
    const seed = this.seed === undefined ? undefined : this.seed + 1
    const shape = this.outputShape(batch.shape)
    const drops = this.#drops(batch, shape, this.recurrentDropout, context, seed)
    const { dataFormat } = this
    return (h) =>
      convolved(drops, h, this.recurrentKernel, this.gateAxis, (state, part) =>
        conv(state, part, { padding: 'same', dataFormat }),
      )
  }

  /** What each gate loses of an image, each by a mask of its own; nothing outside of training. */
  #drops(batch: CellBatch, shape: Shape, rate: number, context: CallContext, seed?: number) {
    if (!context.training || rate === 0) return undefined
    return [0, 1, 2, 3].map((gate) =>
      sequenceDropout(batch, shape, rate, context, seed === undefined ? undefined : seed + 2 * gate),
    )
  }

  get #isLast(): boolean {
    return this.dataFormat === 'channelsLast'
  }

  override getConfig(): Record<string, unknown> {
    const { units: filters, ...rest } = super.getConfig()
    return {
      ...rest,
      rank: this.rank,
      filters,
      kernelSize: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      dataFormat: this.dataFormat,
      dilationRate: this.dilationRate,
    }
  }
}

/** All gates by one convolution, or each by its own where each sees something else. */
function convolved(
  drops: readonly ((x: Tensor) => Tensor)[] | undefined,
  x: Tensor,
  kernel: Tensor,
  gateAxis: number,
  convolve: (x: Tensor, kernel: Tensor) => Tensor,
): Tensor {
  if (drops === undefined) return convolve(x, kernel)
  const kernels = split(kernel, drops.length, -1)
  return concat(
    drops.map((drop, i) => convolve(drop(x), kernels[i] as Tensor)),
    gateAxis,
  )
}

/**
 * One step of a {@link convLSTM2d} (or of one over sequences or volumes, by `rank`), for {@link rnn} and
 * {@link stackedRNNCells}. Its states are the output and the memory.
 *
 * Weights: kernel (…kernelSize, channels, 4 · filters), recurrentKernel (…kernelSize, filters, 4 · filters), bias
 * (4 · filters), in the order of input, forget, candidate and output gate.
 *
 * @throws ArgumentError for options that are none.
 */
export const convLSTMCell = (options: ConvLSTMCellOptions): ConvLSTMCell => new ConvLSTMCell(options)
