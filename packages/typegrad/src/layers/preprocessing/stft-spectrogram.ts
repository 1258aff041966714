import { epsilon } from '../../base/epsilon.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, boolean, count, oneOf, optionsOf, orNull } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { STFT } from '../../initializers/stft.ts'
import type { DataFormat } from '../../ops/convolution.ts'
import { concat } from '../../ops/shape.ts'
import { checkWindow, type WindowName } from '../../signals/windows.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { checkRank, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { angleOf, framesBy } from './spectral-frames.ts'

/** What of the spectrum comes out. */
export type SpectrogramMode = 'log' | 'magnitude' | 'psd' | 'real' | 'imag' | 'angle' | 'stft'

export interface STFTSpectrogramOptions extends LayerOptions {
  /** The logarithm of magnitudes, these, the power density, one part, the angle, or both parts side by side. Default `'log'`. */
  readonly mode?: SpectrogramMode
  /** Samples of a frame. Default 256. */
  readonly frameLength?: number
  /** Samples from one frame to the next, at most a frame's. Default half a frame. */
  readonly frameStep?: number | null
  /** Samples of the transform, at least a frame's. Default the next power of 2. */
  readonly fftLength?: number | null
  /** A window by its name, its values, or null for none. Default `'hann'`. */
  readonly window?: WindowName | readonly number[] | null
  /** Whether a window given by its name is that of a periodic signal. Default false. */
  readonly periodic?: boolean
  /** What the window is divided by: its L2 norm, its L1 norm, or null for nothing. Default `'density'`. */
  readonly scaling?: 'density' | 'spectrum' | null
  /** Whether frames end with the signal, or it is filled up. Default `'valid'`. */
  readonly padding?: 'valid' | 'same'
  /** Whether channels keep an axis of their own. Default false: frequencies of all channels stand in one. */
  readonly expandDims?: boolean
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const stftSpectrogramChecks = optionsOf<STFTSpectrogramOptions>()({
  mode: oneOf('log', 'magnitude', 'psd', 'real', 'imag', 'angle', 'stft'),
  frameLength: count,
  frameStep: orNull(count),
  fftLength: orNull(count),
  window: anything,
  periodic: boolean,
  scaling: anything,
  padding: oneOf('valid', 'same'),
  expandDims: boolean,
  dataFormat: anything,
  ...layerChecks,
})

/** Signals as spectra over time; see {@link stftSpectrogram}. */
@takes(stftSpectrogramChecks)
export class STFTSpectrogram extends Layer {
  readonly className = 'STFTSpectrogram'
  readonly mode: SpectrogramMode
  readonly frameLength: number
  readonly frameStep: number
  readonly fftLength: number
  readonly window: WindowName | readonly number[] | null
  readonly periodic: boolean
  readonly scaling: 'density' | 'spectrum' | null
  readonly padding: 'valid' | 'same'
  readonly expandDims: boolean
  readonly dataFormat: DataFormat
  readonly #given: { readonly frameStep: number | null; readonly fftLength: number | null }
  #real: Variable | undefined
  #imag: Variable | undefined

  constructor({
    mode = 'log',
    frameLength = 256,
    frameStep,
    fftLength,
    window = 'hann',
    periodic = false,
    scaling = 'density',
    padding = 'valid',
    expandDims = false,
    dataFormat = 'channelsLast',
    ...options
  }: STFTSpectrogramOptions = {}) {
    super(options)
    this.mode = mode
    this.frameLength = frameLength
    this.frameStep = frameStep ?? Math.max(1, Math.floor(frameLength / 2))
    this.fftLength = fftLength ?? 2 ** Math.ceil(Math.log2(frameLength))
    this.#given = { frameStep: frameStep ?? null, fftLength: fftLength ?? null }
    if (this.frameStep > frameLength || this.fftLength < frameLength) {
      throw new ArgumentError({
        where: 'STFTSpectrogram',
        expected: `a frameStep of at most and an fftLength of at least the frame's ${frameLength} samples`,
        received: `${this.frameStep} and ${this.fftLength}`,
      })
    }
    if (typeof window === 'string') checkWindow('STFTSpectrogram', window)
    this.window = window
    this.periodic = periodic
    this.scaling = scaling
    this.padding = padding
    this.expandDims = expandDims
    this.dataFormat = getDataFormat('STFTSpectrogram', dataFormat)
  }

  override build(inputShape: SymbolicShape): void {
    checkRank(this, inputShape, 3, '(batch, time, channels)')
    const kernel = (side: 'real' | 'imag'): Variable =>
      this.addWeight({
        name: `${side}_kernel`,
        shape: [this.frameLength, 1, Math.floor(this.fftLength / 2) + 1],
        initializer: new STFT({ side, window: this.window, scaling: this.scaling, periodic: this.periodic }),
      })
    if (this.mode !== 'imag') this.#real = kernel('real')
    if (this.mode !== 'real') this.#imag = kernel('imag')
  }

  call(x: Tensor): Tensor {
    // (batch, channels, time), each channel a signal of its own.
    const signals = (this.dataFormat === 'channelsLast' ? x.transpose([0, 2, 1]) : x).cast(this.dtype)
    const [batch, channels, time] = signals.shape as [number, number, number]
    const flat = signals.reshape([batch * channels, time])
    const part = (kernel: Variable | undefined): Tensor =>
      framesBy(flat, (kernel as Variable).value, this.frameStep, this.padding)
    return this.#placed(this.#spectrum(part), batch, channels)
  }

  /** What the mode says, (signals, steps, frequencies). */
  #spectrum(part: (kernel: Variable | undefined) => Tensor): Tensor {
    const { mode } = this
    if (mode === 'real') return part(this.#real)
    if (mode === 'imag') return part(this.#imag)
    const [real, imag] = [part(this.#real), part(this.#imag)]
    if (mode === 'angle') return angleOf(imag, real)
    if (mode === 'stft') return concat([real, imag], 2)
    const power = real.square().add(imag.square())
    if (mode === 'psd') {
      // Frequencies stand for their negatives too, but for the first and the last.
      const bins = power.shape[2] as number
      const inner = power.slice([0, 0, 1], [power.shape[0] as number, power.shape[1] as number, bins - 2])
      return power.add(
        inner.pad([
          [0, 0],
          [0, 0],
          [1, 1],
        ]),
      )
    }
    const magnitude = power.maximum(epsilon).sqrt()
    return mode === 'magnitude' ? magnitude : magnitude.maximum(epsilon).log()
  }

  /** (batch · channels, steps, frequencies) in the layer's layout. */
  #placed(spectrum: Tensor, batch: number, channels: number): Tensor {
    const [, steps, bins] = spectrum.shape as [number, number, number]
    const whole = spectrum.reshape([batch, channels, steps, bins])
    const isLast = this.dataFormat === 'channelsLast'
    if (this.expandDims) return isLast ? whole.transpose([0, 2, 3, 1]) : whole
    const joined = whole.transpose([0, 1, 3, 2]).reshape([batch, channels * bins, steps])
    return isLast ? joined.transpose([0, 2, 1]) : joined
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      mode: this.mode,
      frameLength: this.frameLength,
      ...this.#given,
      window: this.window,
      periodic: this.periodic,
      scaling: this.scaling,
      padding: this.padding,
      expandDims: this.expandDims,
      dataFormat: this.dataFormat,
    }
  }
}

/**
 * Turns signals into their spectra over time by a short-time Fourier transform, as a convolution whose kernels are weights:
 * trainable ones, unless `trainable: false`.
 *
 * Input (batch, time, channels), output (batch, steps, channels · frequencies), with `expandDims` (batch, steps, frequencies,
 * channels); frequencies are fftLength/2 + 1, twice as many for `'stft'`. Weights: real_kernel and imag_kernel (frameLength, 1,
 * frequencies), as the mode needs them.
 *
 * @throws ArgumentError for lengths that do not go together, UnknownNameError for an unknown window, ShapeError for another rank.
 * @example
 * layers.stftSpectrogram({ mode: 'log', frameLength: 256, frameStep: 64, trainable: false, inputShape: [16_000, 1] })
 */
export const stftSpectrogram = (options?: STFTSpectrogramOptions): STFTSpectrogram =>
  new STFTSpectrogram(options)
