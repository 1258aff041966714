import { ArgumentError, ShapeError } from '../../base/errors.ts'
import {
  anything,
  boolean,
  count,
  finite,
  notNegative,
  optionsOf,
  orNull,
  positive,
} from '../../base/options.ts'
import { formatShape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { melFilters } from '../../signals/mel.ts'
import { checkWindow, windowOf } from '../../signals/windows.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { fourierKernels, framesBy } from './spectral-frames.ts'

export interface MelSpectrogramOptions extends LayerOptions {
  /** Samples of the transform. Default 2048. */
  readonly fftLength?: number
  /** Samples from one frame to the next. Default 512. */
  readonly sequenceStride?: number
  /** Samples of a frame, at most the transform's. Default: as many as that. */
  readonly sequenceLength?: number | null
  /** A window by its name, its values, or null for none. Default `'hann'`. */
  readonly window?: 'hann' | 'hamming' | readonly number[] | null
  /** Samples a second. Default 16000. */
  readonly samplingRate?: number
  /** How many bands there are. Default 128. */
  readonly numMelBins?: number
  /** Where the lowest band begins, in Hz. Default 20. */
  readonly minFreq?: number
  /** Where the highest band ends, in Hz. Default half the sampling rate. */
  readonly maxFreq?: number | null
  /** Whether power comes as decibels. Default true. */
  readonly powerToDb?: boolean
  /** How many decibels below the highest of the whole batch values end. Default 80. */
  readonly topDb?: number
  /** The exponent of magnitudes: 1 for energy, 2 for power. Default 2. */
  readonly magExp?: number
  /** The least power that decibels are computed of. Default 1e-10. */
  readonly minPower?: number
  /** The power of 0 decibels. Default 1. */
  readonly refPower?: number
}

export const melSpectrogramChecks = optionsOf<MelSpectrogramOptions>()({
  fftLength: count,
  sequenceStride: count,
  sequenceLength: orNull(count),
  window: anything,
  samplingRate: positive,
  numMelBins: count,
  minFreq: notNegative,
  maxFreq: orNull(positive),
  powerToDb: boolean,
  topDb: finite,
  magExp: positive,
  minPower: positive,
  refPower: finite,
  ...layerChecks,
})

/** Signals as mel bands over time; see {@link melSpectrogram}. */
@takes(melSpectrogramChecks)
export class MelSpectrogram extends Layer {
  readonly className = 'MelSpectrogram'
  readonly fftLength: number
  readonly sequenceStride: number
  readonly sequenceLength: number
  readonly window: 'hann' | 'hamming' | readonly number[] | null
  readonly samplingRate: number
  readonly numMelBins: number
  readonly minFreq: number
  readonly maxFreq: number
  readonly powerToDb: boolean
  readonly topDb: number
  readonly magExp: number
  readonly minPower: number
  readonly refPower: number

  constructor({
    fftLength = 2048,
    sequenceStride = 512,
    sequenceLength,
    window = 'hann',
    samplingRate = 16_000,
    numMelBins = 128,
    minFreq = 20,
    maxFreq,
    powerToDb = true,
    topDb = 80,
    magExp = 2,
    minPower = 1e-10,
    refPower = 1,
    ...options
  }: MelSpectrogramOptions = {}) {
    super(options)
    this.fftLength = fftLength
    this.sequenceStride = sequenceStride
    this.sequenceLength = sequenceLength ?? fftLength
    this.window = window
    this.samplingRate = samplingRate
    this.numMelBins = numMelBins
    this.minFreq = minFreq
    this.maxFreq = maxFreq ?? Math.trunc(samplingRate / 2)
    this.powerToDb = powerToDb
    this.topDb = topDb
    this.magExp = magExp
    this.minPower = minPower
    this.refPower = refPower
    if (typeof window === 'string') checkWindow('MelSpectrogram', window)
    const isMisfit = Array.isArray(window) && window.length !== this.sequenceLength
    if (this.sequenceLength <= fftLength && !isMisfit && this.minFreq < this.maxFreq) return
    throw new ArgumentError({
      where: 'MelSpectrogram',
      expected: 'a sequenceLength of at most fftLength, a window of that length, and minFreq below maxFreq',
      received: `${this.sequenceLength} and ${fftLength}, ${Array.isArray(window) ? `a window of ${window.length}` : String(window)}, ${minFreq} and ${this.maxFreq}`,
    })
  }

  /** The window in the middle of a transform, zeros about it. */
  #framed(): Float64Array {
    const { window, sequenceLength: length, fftLength } = this
    const values =
      window === null
        ? new Float64Array(fftLength).fill(1)
        : typeof window === 'string'
          ? windowOf('MelSpectrogram', window, length, { periodic: true })
          : Float64Array.from(window)
    const whole = new Float64Array(fftLength)
    whole.set(Float64Array.from(values), Math.floor((fftLength - values.length) / 2))
    return whole
  }

  call(x: Tensor): Tensor {
    if (x.rank !== 1 && x.rank !== 2) {
      throw new ShapeError({
        where: this.name,
        expected: 'a signal (time) or a batch of them (batch, time)',
        received: formatShape(x.shape),
        fix: 'Leave out the axis of channels: x.squeeze(-1).',
      })
    }
    const signals = (x.rank === 1 ? x.expandDims(0) : x).cast(
      this.dtype === 'float64' ? 'float64' : 'float32',
    )
    const half = Math.floor(this.fftLength / 2)
    if ((signals.shape[1] as number) <= half) {
      throw new ShapeError({
        where: this.name,
        expected: `signals of more than ${half} samples, half a transform, which are mirrored at the ends`,
        received: `${signals.shape[1]}`,
        fix: 'Give it a smaller fftLength.',
      })
    }
    const mirrored = signals.pad(
      [
        [0, 0],
        [half, half],
      ],
      { mode: 'reflect' },
    )
    const [cos, sin] = fourierKernels(this.#framed(), signals.dtype)
    const [real, imag] = [cos, sin].map((kernel) =>
      framesBy(mirrored, kernel, this.sequenceStride, 'valid'),
    ) as [Tensor, Tensor]
    const power = real.square().add(imag.square())
    const strength = this.magExp === 2 ? power : power.sqrt().pow(this.magExp)
    const bands = strength.matmul(constant(this.#bands(half + 1), [half + 1, this.numMelBins], signals.dtype))
    const scaled = this.powerToDb ? this.#decibels(bands) : bands
    const placed = scaled.transpose([0, 2, 1]).cast(this.dtype)
    return x.rank === 1 ? placed.squeeze(0) : placed
  }

  /** 10·log₁₀(power / reference), not further below the highest than `topDb`. */
  #decibels(power: Tensor): Tensor {
    const reference = 10 * Math.log10(Math.max(Math.abs(this.refPower), this.minPower))
    const decibels = power
      .maximum(this.minPower)
      .log()
      .mul(10 / Math.LN10)
      .sub(reference)
    return decibels.maximum(decibels.max().sub(this.topDb))
  }

  /**
   * How much each frequency belongs to each band, (frequencies, bands): triangles of height 1, side by side at equal distances
   * on HTK's mel scale, on which their sides are straight.
   */
  #bands(frequencies: number): Float64Array {
    const step = this.samplingRate / 2 / (frequencies - 1)
    const filters = melFilters(
      this.numMelBins,
      Float64Array.from({ length: frequencies }, (_, f) => f * step),
      { lowest: this.minFreq, highest: this.maxFreq, scale: 'htk', norm: null, straightIn: 'mel' },
    )
    const weights = new Float64Array(frequencies * this.numMelBins)
    for (const [band, { first, weights: own }] of filters.entries())
      for (const [k, weight] of own.entries()) weights[(first + k) * this.numMelBins + band] = weight
    return weights
  }

  override getConfig(): Record<string, unknown> {
    const { fftLength, sequenceStride, sequenceLength, window, samplingRate, numMelBins, minFreq, maxFreq } =
      this
    const { powerToDb, topDb, magExp, minPower, refPower } = this
    return {
      ...super.getConfig(),
      ...{ fftLength, sequenceStride, sequenceLength, window, samplingRate, numMelBins, minFreq, maxFreq },
      ...{ powerToDb, topDb, magExp, minPower, refPower },
    }
  }
}

/**
 * Turns signals into mel spectrograms: the power of bands that are as wide as the ear hears them, by default in decibels.
 *
 * Input (time) or (batch, time), output (numMelBins, steps) or (batch, numMelBins, steps).
 *
 * @throws ArgumentError for lengths and frequencies that do not go together, ShapeError for signals of another rank or too short.
 * @example
 * layers.melSpectrogram({ fftLength: 512, sequenceStride: 128, numMelBins: 40, inputShape: [16_000] })
 */
export const melSpectrogram = (options?: MelSpectrogramOptions): MelSpectrogram => new MelSpectrogram(options)
