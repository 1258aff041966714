import type { DType } from '../base/dtype.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, boolean, optionsOf } from '../base/options.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { fourierKernel } from '../signals/fourier-kernel.ts'
import { checkWindow, type WindowName, windowOf } from '../signals/windows.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer } from './initializer.ts'

export interface STFTOptions {
  /** Which part of the transform the kernel computes. Default `'real'`. */
  readonly side?: 'real' | 'imag' | undefined
  /** A window by its name, its values, or null for none. Default `'hann'`. */
  readonly window?: WindowName | readonly number[] | null | undefined
  /** What the window is divided by: its L2 norm, its L1 norm, or null for nothing. Default `'density'`. */
  readonly scaling?: 'density' | 'spectrum' | null | undefined
  /** Whether a window given by its name is that of a periodic signal. Default false. */
  readonly periodic?: boolean | undefined
}

export const stftChecks = optionsOf<STFTOptions>()({
  side: anything,
  window: anything,
  scaling: anything,
  periodic: boolean,
})

/** See {@link stft}. */
@takes(stftChecks)
export class STFT extends Initializer {
  readonly className = 'STFT'
  readonly side: 'real' | 'imag'
  readonly window: WindowName | readonly number[] | null
  readonly scaling: 'density' | 'spectrum' | null
  readonly periodic: boolean

  constructor({ side = 'real', window = 'hann', scaling = 'density', periodic = false }: STFTOptions = {}) {
    super()
    checkOne('side', side, ['real', 'imag'])
    checkOne('scaling', scaling, ['density', 'spectrum', null])
    if (typeof window === 'string') checkWindow('stft initializer', window)
    this.side = side
    this.window = window
    this.scaling = scaling
    this.periodic = periodic
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    const [frame, channels, bins] = shape as readonly [number, number, number]
    if (shape.length !== 3 || channels !== 1 || bins < 2) {
      throw new ShapeError({
        where: 'stft initializer',
        expected: 'the shape of a kernel (frame, 1, frequencies) with at least two frequencies',
        received: formatShape(shape),
      })
    }
    const values = fourierKernel(this.side, this.#windowOf(frame), bins, 2 * (bins - 1))
    return tensor(values, { shape: [frame, 1, bins], dtype })
  }

  #windowOf(frame: number): ArrayLike<number> {
    const { window, periodic, scaling } = this
    if (window === null) return new Float64Array(frame).fill(1)
    const values =
      typeof window === 'string'
        ? windowOf('stft initializer', window, frame, { periodic })
        : Float64Array.from(window)
    if (values.length !== frame) {
      throw new ShapeError({
        where: 'stft initializer',
        expected: `a window of ${frame} values, as long as a frame`,
        received: `${values.length}`,
      })
    }
    if (scaling === null) return values
    const norm =
      scaling === 'density'
        ? Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
        : values.reduce((sum, v) => sum + Math.abs(v), 0)
    return values.map((v) => v / norm)
  }

  override getConfig(): Record<string, unknown> {
    const { side, window, scaling, periodic } = this
    return { side, window, scaling, periodic }
  }
}

function checkOne(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  throw new ArgumentError({
    where: `stft initializer: ${option}`,
    expected: `one of ${allowed.map((name) => JSON.stringify(name)).join(', ')}`,
    received: JSON.stringify(value),
  })
}

/**
 * The kernel (frame, 1, frequencies) of a convolution that computes the real or the imaginary part of a short-time
 * Fourier transform: cos or sin of −2π·time·frequency / (2·(frequencies − 1)), times a window.
 *
 * @throws UnknownNameError for a window that is not known, ArgumentError for another option; ShapeError for a
 * weight of another shape, when it is made.
 * @example
 * layers.conv1d({ filters: 129, kernelSize: 256, strides: 64, useBias: false, kernelInitializer: initializers.stft() })
 */
export const stft = (options: STFTOptions = {}): STFT => new STFT(options)
