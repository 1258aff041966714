import { type FileType, fileTypes } from '../../onnx/file.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { zerosLike } from '../../tensor/create.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { importedDType } from '../elements.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

/** Matrices (from, to) of the cosines and sines of a transform, scaled. */
interface Waves {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** cos and sin of 2πkn / length, times a factor for each row. */
function wavesOf(
  from: number,
  to: number,
  length: number,
  { dtype }: Tensor,
  factor: (row: number) => number = () => 1,
): Waves {
  const of = (fn: (angle: number) => number): Tensor =>
    constant(
      Array.from({ length: from * to }, (_, i) => {
        const [row, column] = [Math.floor(i / to), i % to]
        // The product is reduced before it is an angle, which keeps all its digits.
        return factor(row) * fn((2 * Math.PI * ((row * column) % length)) / length)
      }),
      [from, to],
      dtype,
    )
  return { cos: of(Math.cos), sin: of(Math.sin) }
}

const product = (x: Tensor, matrix: Tensor): Tensor => ops.matmul(x, matrix)

/** The last axis cut, or filled up with zeros, to a length. */
function lasting(x: Tensor, length: number): Tensor {
  const own = x.shape.at(-1) as number
  const cut = own > length ? ops.stridedSlice(x, x.rank - 1, 0, length) : x
  if (own >= length) return cut
  const padding = x.shape.map((_, i): readonly [number, number] => [0, i === x.rank - 1 ? length - own : 0])
  return apply('pad', [cut], { padding, value: 0 })
}

/** Σₙ x[n] · exp(∓2πikn / length) over the last axis of the real and the imaginary part; the latter may be missing. */
function transformed(
  re: Tensor,
  im: Tensor | undefined,
  bins: number,
  isInverse: boolean,
): readonly [re: Tensor, im: Tensor] {
  const length = re.shape.at(-1) as number
  const { cos, sin } = wavesOf(length, bins, length, re, () => (isInverse ? 1 / length : 1))
  const sign = isInverse ? 1 : -1
  const turned = ops.mul(product(re, sin), sign)
  if (im === undefined) return [product(re, cos), turned]
  return [ops.sub(product(re, cos), ops.mul(product(im, sin), sign)), ops.add(turned, product(im, cos))]
}

/** The real signal whose spectrum has these bins from 0 to half of `length`; the others are their conjugates. */
function realInverse(re: Tensor, im: Tensor, length: number): Tensor {
  const bins = re.shape.at(-1) as number
  const isSingle = (row: number): boolean => row === 0 || 2 * row === length
  const waves = wavesOf(bins, length, length, re, (row) => (isSingle(row) ? 1 : 2) / length)
  return ops.sub(product(re, waves.cos), product(im, waves.sin))
}

/** (…, signal axis, …, 1 or 2), real and imaginary parts last. The axis was an attribute before version 20. */
const dft: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.opset < 20 ? call.int('axis', 1) : (call.numbersIf(2)?.[0] ?? -2))
  const isInverse = call.int('inverse', 0) === 1
  const isOneSided = call.int('onesided', 0) === 1
  const last = x.rank - 2
  const swap = Array.from({ length: x.rank - 1 }, (_, i) => (i === axis ? last : i === last ? axis : i))
  const moved = (t: Tensor): Tensor => (axis === last ? t : apply('transpose', [t], { permutation: swap }))
  const parts = ops.unstack(x, -1).map(moved) as [Tensor, Tensor?]
  const asked = call.numbersIf(1)?.[0]
  const own = x.shape[axis] as number
  if (isInverse && isOneSided) {
    const length = asked ?? 2 * (own - 1)
    const [re, im = zerosLike(re)] = parts.map((t) => lasting(t as Tensor, Math.floor(length / 2) + 1)) as [
      Tensor,
      Tensor?,
    ]
    return ops.expandDims(moved(realInverse(re, im, length)), -1)
  }
  const length = asked ?? own
  const [re, im] = parts.map((t) => lasting(t as Tensor, length)) as [Tensor, Tensor?]
  const made = transformed(re, im, isOneSided ? Math.floor(length / 2) + 1 : length, isInverse)
  return ops.stack(made.map(moved), x.rank - 1)
}

/** Spectra of windows that overlap: signal (batch, length[, 1]) → (batch, frames, bins, 2). */
const stft: Operator = (call) => {
  const given = call.input(0)
  if (given.rank === 3 && given.shape[2] === 2) call.refuse('of a complex signal')
  const signal = given.rank === 3 ? ops.squeeze(given, 2) : given
  const [batch, length] = signal.shape as readonly [number, number]
  const step = call.numbers(1)[0] as number
  const window = call.optional(2)
  const size = call.numbersIf(3)?.[0] ?? window?.size ?? length
  const frames = Math.floor((length - size) / step) + 1
  const places = Array.from({ length: frames * size }, (_, i) => Math.floor(i / size) * step + (i % size))
  const cut = ops.reshape(ops.gather(signal, constant(places, [frames * size], 'int32'), 1), [
    batch,
    frames,
    size,
  ])
  const seen = window === undefined ? cut : ops.mul(cut, window)
  const bins = call.int('onesided', 1) === 1 ? Math.floor(size / 2) + 1 : size
  return ops.stack(transformed(seen, undefined, bins, false), 3)
}

const typeOf = (call: NodeCall) => {
  const code = call.int('output_datatype', 1)
  const type = (fileTypes as Readonly<Record<number, FileType>>)[code]
  return (type && importedDType(type)) ?? call.refuse(`of the type ${code}`)
}

/** a₀ − a₁ cos(2πn / N) + a₂ cos(4πn / N); N is the size where the window is periodic, and one less where it is symmetric. */
const cosineWindow =
  (...[a0, a1, a2]: readonly [number, number, number]): Operator =>
  (call) => {
    const size = call.numbers(0)[0] as number
    const period = call.int('periodic', 1) === 1 ? size : size - 1
    const values = Array.from({ length: size }, (_, n) => {
      const angle = (2 * Math.PI * n) / period
      return a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle)
    })
    return constant(values, [size], typeOf(call))
  }

/** Triangles of equal width on the mel scale, 2595 · log₁₀(1 + f / 700), over the bins of a spectrum: (bins, mel bins). */
const melWeightMatrix: Operator = (call) => {
  const [mels, length, rate, low, high] = [0, 1, 2, 3, 4].map((i) => call.numbers(i)[0] as number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const bins = Math.floor(length / 2) + 1
  const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700)
  const step = (mel(high) - mel(low)) / (mels + 2)
  const edges = Array.from({ length: mels + 2 }, (_, i) => {
    const hertz = 700 * (10 ** ((mel(low) + i * step) / 2595) - 1)
    return Math.floor(((length + 1) * hertz) / rate)
  })
  const values = new Array<number>(bins * mels).fill(0)
  for (let i = 0; i < mels; i++) {
    const [start, centre, end] = edges.slice(i, i + 3) as [number, number, number]
    for (let j = start; j < end && j < bins; j++) {
      const rising = centre === start ? 1 : (j - start) / (centre - start)
      values[j * mels + i] = j <= centre ? rising : (end - j) / (end - centre)
    }
    if (centre < bins) values[centre * mels + i] = 1
  }
  return constant(values, [bins, mels], typeOf(call))
}

/** Spectra as products with matrices of waves, which gradients pass through. */
export const spectra: Operators = {
  BlackmanWindow: cosineWindow(0.42, 0.5, 0.08),
  DFT: dft,
  HammingWindow: cosineWindow(25 / 46, 21 / 46, 0),
  HannWindow: cosineWindow(0.5, 0.5, 0),
  MelWeightMatrix: melWeightMatrix,
  STFT: stft,
}
