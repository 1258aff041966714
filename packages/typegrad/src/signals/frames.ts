import { type Complex, complexZeros } from './fourier.ts'
import { RealFourierTransform } from './real-fourier.ts'

/**
 * What stands before and behind a signal, so that frames have their middle at multiples of the hop: zeros, its first and last
 * number, or the signal backwards, without its end ('reflect': d c b | a b c d) or with it ('symmetric': c b a | a b c d).
 */
export type PadMode = 'constant' | 'edge' | 'reflect' | 'symmetric'

/** Where the number beyond an end stands in a signal; −1 for a zero. */
const places: Readonly<Record<PadMode, (at: number, length: number) => number>> = {
  constant: () => -1,
  edge: (at, length) => (at < 0 ? 0 : length - 1),
  reflect: (at, length) => mirrored(at, Math.max(1, 2 * (length - 1)), 0),
  symmetric: (at, length) => mirrored(at, 2 * length, 1),
}

/** A signal and its mirror image have a period, in which a place above the middle stands for one below. */
function mirrored(at: number, period: number, twice: number): number {
  const place = ((at % period) + period) % period
  return place <= (period - twice) / 2 ? place : period - twice - place
}

export interface FrameOptions {
  /** Numbers of a frame. */
  readonly length: number
  /** Numbers from one frame to the next. */
  readonly hop: number
  /** How the signal goes on beyond its ends; null for frames that lie within it. */
  readonly padding: PadMode | null
}

/** Frames of signals: stretches of one length, at equal distances. */
export class Frames {
  readonly length: number
  readonly hop: number
  readonly #before: number
  readonly #placeOf: (at: number, length: number) => number

  constructor({ length, hop, padding }: FrameOptions) {
    this.length = length
    this.hop = hop
    this.#before = padding === null ? 0 : Math.floor(length / 2)
    this.#placeOf = places[padding ?? 'constant']
  }

  /** How many frames a signal of so many numbers has; 0 or less where it is shorter than a frame and is not padded. */
  count(samples: number): number {
    return 1 + Math.floor((samples + 2 * this.#before - this.length) / this.hop)
  }

  /** Writes the numbers of a frame from its `skipped`-th on, as many as `out` takes. */
  read(samples: Float32Array | Float64Array, frame: number, out: Float64Array, skipped = 0): void {
    const start = frame * this.hop - this.#before + skipped
    if (start >= 0 && start + out.length <= samples.length) {
      for (let i = 0; i < out.length; i++) out[i] = samples[start + i] as number
      return
    }
    for (let i = 0; i < out.length; i++) {
      const at = start + i
      const place = at >= 0 && at < samples.length ? at : this.#placeOf(at, samples.length)
      out[i] = place < 0 ? 0 : (samples[place] as number)
    }
  }
}

export interface FrameSpectraOptions extends FrameOptions {
  /** What a frame is multiplied by; a window that is shorter than a frame stands in its middle, zeros about it. */
  readonly window: ArrayLike<number>
}

/**
 * The spectra of a signal's frames, each multiplied by a window: a short-time Fourier transform, frame by frame. Its arrays are
 * used again for each frame.
 *
 * @example
 * const spectra = new FrameSpectra({ length: 400, hop: 160, window, padding: 'reflect' })
 * for (let frame = 0; frame < spectra.count(samples.length); frame++) use(spectra.power(samples, frame))
 */
export class FrameSpectra {
  /** How many frequencies there are, from 0 to half the rate. */
  readonly bins: number
  readonly #frames: Frames
  readonly #window: Float64Array
  readonly #skipped: number
  readonly #windowed: Float64Array
  readonly #x: Float64Array
  readonly #transform: RealFourierTransform
  readonly #spectrum: Complex
  readonly #power: Float64Array

  constructor(options: FrameSpectraOptions) {
    const { length } = options
    this.#frames = new Frames(options)
    this.#window = Float64Array.from(options.window)
    this.#skipped = Math.floor((length - this.#window.length) / 2)
    this.#x = new Float64Array(length)
    this.#windowed = this.#x.subarray(this.#skipped, this.#skipped + this.#window.length)
    this.#transform = new RealFourierTransform(length)
    this.bins = this.#transform.bins
    this.#spectrum = complexZeros(this.bins)
    this.#power = new Float64Array(this.bins)
  }

  /** How many frames a signal of so many numbers has. */
  count(samples: number): number {
    return this.#frames.count(samples)
  }

  /** The spectrum of a frame. */
  spectrum(samples: Float32Array | Float64Array, frame: number): Complex {
    const [window, x] = [this.#window, this.#windowed]
    this.#frames.read(samples, frame, x, this.#skipped)
    let isSilent = true
    for (let i = 0; i < x.length; i++) {
      const value = (x[i] as number) * (window[i] as number)
      if (value !== 0) isSilent = false
      x[i] = value
    }
    if (isSilent) {
      this.#spectrum.re.fill(0)
      this.#spectrum.im.fill(0)
    } else this.#transform.transform(this.#x, this.#spectrum)
    return this.#spectrum
  }

  /** The squared magnitudes of a frame's spectrum. */
  power(samples: Float32Array | Float64Array, frame: number): Float64Array {
    const { re, im } = this.spectrum(samples, frame)
    const power = this.#power
    for (let k = 0; k < power.length; k++) {
      const a = re[k] as number
      const b = im[k] as number
      power[k] = a * a + b * b
    }
    return power
  }
}
