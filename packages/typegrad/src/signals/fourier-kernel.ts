/**
 * The real or imaginary part of a Fourier transform of windowed frames as the kernel of a convolution: cos or sin of
 * −2π·time·frequency/length, times a window, at [time, 0, frequency]; float64 (frame, 1, frequencies).
 *
 * @param window as long as a frame, which may be shorter than the transform.
 * @param bins frequencies from 0 on.
 */
export function fourierKernel(
  part: 'real' | 'imag',
  window: ArrayLike<number>,
  bins: number,
  length: number,
): Float64Array {
  const wave = part === 'real' ? Math.cos : Math.sin
  return Float64Array.from({ length: window.length * bins }, (_, i) => {
    const [time, frequency] = [Math.floor(i / bins), i % bins]
    // The product modulo the length: angles stay small, and exact.
    return wave((-2 * Math.PI * ((time * frequency) % length)) / length) * (window[time] as number)
  })
}
