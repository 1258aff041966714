import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { checkWindow, FrameSpectra, type PadMode, type WindowName, windowOf } from 'typegrad/signals'
import type { MonoSound } from '../sound.ts'
import { checkSound, type SoundFeatures } from './features.ts'

export interface StftOptions {
  /** Samples of a frame. Default 2048. */
  readonly nFft?: number
  /** Samples from one frame to the next. Default a quarter of `winLength`. */
  readonly hopLength?: number
  /** Samples of the window, which stands in the middle of the frame, zeros about it. Default `nFft`. */
  readonly winLength?: number
  /** A window by SciPy's name, periodic, or its `winLength` values. Default `'hann'`. */
  readonly window?: WindowName | readonly number[]
  /** Whether frames have their middle at multiples of the hop; otherwise they begin there, and end within the sound. Default true. */
  readonly center?: boolean
  /** With `center` what stands before and behind the sound, by NumPy's names. Default `'constant'`: silence. */
  readonly padMode?: PadMode
}

export const padModeCheck = checks.oneOf('constant', 'edge', 'reflect', 'symmetric')

export const stftChecks = optionsOf<StftOptions>()({
  nFft: checks.wholeFrom(2),
  hopLength: checks.count,
  winLength: checks.count,
  window: {
    expected: "a window's name or an array of numbers",
    accepts: (value) =>
      typeof value === 'string' || (Array.isArray(value) && value.every((one) => Number.isFinite(one))),
  },
  center: checks.boolean,
  padMode: padModeCheck,
})

export interface SpectrogramOptions extends StftOptions {
  /** The exponent of magnitudes: 1 for these, 2 for power. Default 1. */
  readonly power?: number
}

export const spectrogramChecks = optionsOf<SpectrogramOptions>()({ power: checks.positive, ...stftChecks })

/** Spectra with their phases, a row of `nFft/2 + 1` frequencies for each frame. */
export interface ComplexSpectrogram {
  readonly re: Float32Array
  readonly im: Float32Array
  readonly shape: readonly [frames: number, frequencies: number]
}

/** The spectra that options ask for, and how many a sound has. @throws ArgumentError, DataError as {@link stft} says. */
export function spectraOf(
  where: string,
  sound: MonoSound,
  options: StftOptions,
): { readonly spectra: FrameSpectra; readonly frames: number } {
  const { nFft = 2048, winLength = nFft, window = 'hann', center = true, padMode = 'constant' } = options
  const { hopLength = Math.max(1, Math.floor(winLength / 4)) } = options
  if (typeof window === 'string') checkWindow(where, window)
  const isMisfit = typeof window !== 'string' && window.length !== winLength
  if (winLength > nFft || isMisfit)
    throw new ArgumentError({
      where,
      expected: isMisfit
        ? `a window of winLength, ${winLength} values`
        : `a winLength of at most nFft, ${nFft}`,
      received: String(isMisfit ? window.length : winLength),
    })
  checkSound(where, sound)
  checkLength(where, sound.data.length, nFft, center ? padMode : null)
  const spectra = new FrameSpectra({
    length: nFft,
    hop: hopLength,
    window: typeof window === 'string' ? windowOf(where, window, winLength, { periodic: true }) : window,
    padding: center ? padMode : null,
  })
  return { spectra, frames: spectra.count(sound.data.length) }
}

/** How many samples a sound needs so that each mirrored one is a sample of it. */
const least: Readonly<Record<PadMode, (half: number) => number>> = {
  constant: () => 1,
  edge: () => 1,
  reflect: (half) => half + 1,
  symmetric: (half) => half,
}

/** Refuses a sound that is too short for frames of a length. @throws DataError. */
export function checkLength(where: string, length: number, frame: number, padMode: PadMode | null): void {
  const needed = padMode === null ? frame : least[padMode](Math.floor(frame / 2))
  if (length >= needed) return
  throw new DataError({
    where,
    expected: `a sound of at least ${needed} samples, for frames of ${frame} ${
      padMode === null ? 'that are not padded' : `and padMode '${padMode}'`
    }`,
    received: `${length}`,
    fix: "Give it shorter frames; with center: true and padMode: 'constant' silence stands about short sounds.",
  })
}

/**
 * The short-time Fourier transform of a sound: spectra of frames, each multiplied by a window.
 *
 * Its numbers are those of `librosa.stft`, transposed: (frames, nFft/2 + 1).
 *
 * @throws ArgumentError for options that do not go together, UnknownNameError for an unknown window; DataError for a sound of no
 * length, with a sample that is no finite number, or too short for its frames.
 * @example
 * const { re, im, shape } = audio.stft({ data: new Float32Array(16_000), samplingRate: 16_000 }, { nFft: 512 }) // [126, 257]
 */
export function stft(sound: MonoSound, options: StftOptions = {}): ComplexSpectrogram {
  const where = 'audio.stft'
  checkOptions(where, options, stftChecks)
  const { spectra, frames } = spectraOf(where, sound, options)
  const { bins } = spectra
  const [re, im] = [new Float32Array(frames * bins), new Float32Array(frames * bins)]
  for (let frame = 0; frame < frames; frame++) {
    const spectrum = spectra.spectrum(sound.data, frame)
    re.set(spectrum.re, frame * bins)
    im.set(spectrum.im, frame * bins)
  }
  return { re, im, shape: [frames, bins] }
}

/** Squared magnitudes to another power of magnitudes, in place. */
export function raise(squares: Float64Array, power: number): Float64Array {
  if (power === 2) return squares
  for (let k = 0; k < squares.length; k++)
    squares[k] = power === 1 ? Math.sqrt(squares[k] as number) : (squares[k] as number) ** (power / 2)
  return squares
}

/**
 * Magnitudes of a sound's spectra, or their power.
 *
 * Its numbers are those of `abs(librosa.stft(y)) ** power`, transposed: (frames, nFft/2 + 1).
 *
 * @throws as {@link stft}.
 * @example
 * const { data, shape } = audio.spectrogram(toMono(await readSound('letters/a.wav')), { nFft: 512, power: 2 })
 */
export function spectrogram(sound: MonoSound, options: SpectrogramOptions = {}): SoundFeatures {
  const where = 'audio.spectrogram'
  checkOptions(where, options, spectrogramChecks)
  const { spectra, frames } = spectraOf(where, sound, options)
  const data = new Float32Array(frames * spectra.bins)
  for (let frame = 0; frame < frames; frame++)
    data.set(raise(spectra.power(sound.data, frame), options.power ?? 1), frame * spectra.bins)
  return { data, shape: [frames, spectra.bins] }
}
