/**
 * `typegrad/signals`: spectra of signals in JavaScript's memory: Fourier transforms of any length, windows, frames, and bands of
 * the mel scale, for packages that make features of sounds. It knows nothing of tensors.
 */
export { type Complex, complexZeros, FourierTransform } from '../signals/fourier.ts'
export {
  type FrameOptions,
  FrameSpectra,
  type FrameSpectraOptions,
  Frames,
  type PadMode,
} from '../signals/frames.ts'
export {
  type MelFilter,
  type MelFilterOptions,
  type MelNorm,
  type MelScale,
  melFilters,
  sumBands,
} from '../signals/mel.ts'
export { RealFourierTransform } from '../signals/real-fourier.ts'
export { checkWindow, type WindowName, windowOf } from '../signals/windows.ts'
