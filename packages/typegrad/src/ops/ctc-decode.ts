import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, boolean, checkOptions, list, number, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'

export interface CtcDecodeOptions {
  /** `'greedy'` takes the likeliest class of each step; `'beamSearch'` adds up all ways to spell a path. Default `'greedy'`. */
  readonly strategy?: 'greedy' | 'beamSearch'
  /** Number of steps of each sequence that count: (batch). Default all. */
  readonly sequenceLengths?: readonly number[]
  /** Paths that beam search keeps at each step. Default 100. */
  readonly beamWidth?: number
  /** Paths that beam search gives, the likeliest first. Default 1. */
  readonly topPaths?: number
  /** Whether greedy decoding takes a class that is repeated without a blank between once. Default true. */
  readonly mergeRepeated?: boolean
  /** The class that stands for the blank. Default 0, as in the loss `ctc`. */
  readonly maskIndex?: number
}

const ctcDecodeChecks = optionsOf<CtcDecodeOptions>()({
  strategy: anything,
  sequenceLengths: list,
  beamWidth: number,
  topPaths: number,
  mergeRepeated: boolean,
  maskIndex: number,
})

export interface CtcDecoded {
  /** Classes of each path, without blanks: int32 (paths, batch, steps), filled up with −1. */
  readonly decoded: Tensor<[number, number, number], 'int32'>
  /**
   * (batch, paths). Of beam search the logarithm of a path's probability; greedy: minus the sum of what the inputs say
   * of the classes taken, as in Keras.
   */
  readonly scores: Tensor<[number, number], 'float32'>
}

/**
 * What a network that was trained with the loss `ctc` spells: (batch, steps, classes) → classes. Works on values, so
 * it is for predictions and not for compiled functions.
 *
 * Beam search adds up the probabilities of all ways to spell a prefix, those that end with a blank apart from those
 * that do not (Graves et al., 2006; Hannun et al., First-Pass Large Vocabulary Continuous Speech Recognition, 2014).
 *
 * @param inputs logits (beam search) or anything whose largest value is the likeliest (greedy).
 * @throws ShapeError for inputs that are not (batch, steps, classes); ArgumentError for options that do not fit.
 * @example
 * const { decoded } = await ops.ctcDecode(await model.predict(spectrograms), { strategy: 'beamSearch', beamWidth: 25 })
 */
export async function ctcDecode(inputs: Tensor, options: CtcDecodeOptions = {}): Promise<CtcDecoded> {
  checkOptions('ctcDecode', options, ctcDecodeChecks)
  if (inputs.rank !== 3) {
    throw new ShapeError({
      where: 'ctcDecode',
      expected: 'inputs of shape (batch, steps, classes)',
      received: `shape ${formatShape(inputs.shape)}`,
    })
  }
  const [batch, steps, classes] = inputs.shape as [number, number, number]
  const { strategy = 'greedy', beamWidth = 100, topPaths = 1, mergeRepeated = true, maskIndex = 0 } = options
  const lengths = options.sequenceLengths ?? new Array<number>(batch).fill(steps)
  check('strategy', strategy === 'greedy' || strategy === 'beamSearch', "'greedy' or 'beamSearch'", strategy)
  check('beamWidth', isWhole(beamWidth, 1), 'a positive whole number', beamWidth)
  const most = strategy === 'greedy' ? 1 : beamWidth
  check('topPaths', isWhole(topPaths, 1) && topPaths <= most, `a whole number from 1 to ${most}`, topPaths)
  check(
    'maskIndex',
    isWhole(maskIndex, 0) && maskIndex < classes,
    `a class from 0 to ${classes - 1}`,
    maskIndex,
  )
  check(
    'sequenceLengths',
    lengths.length === batch && lengths.every((n) => isWhole(n, 0) && n <= steps),
    `${batch} whole numbers from 0 to ${steps}`,
    lengths,
  )
  const values = Float64Array.from(await inputs.cast('float64').data())
  const decoded = new Int32Array(topPaths * batch * steps).fill(-1)
  const scores = new Float32Array(batch * topPaths)
  const pacer = new Pacer()
  for (let sample = 0; sample < batch; sample++) {
    if (pacer.due()) await pacer.turn()
    const rows = Array.from({ length: lengths[sample] as number }, (_, step) => {
      const start = (sample * steps + step) * classes
      return values.subarray(start, start + classes)
    })
    const paths =
      strategy === 'greedy'
        ? [greedyPath(rows, maskIndex, mergeRepeated)]
        : beamPaths(rows, maskIndex, beamWidth).slice(0, topPaths)
    for (let i = 0; i < topPaths; i++) {
      const { path, score } = paths[i] ?? { path: [], score: Number.NEGATIVE_INFINITY }
      decoded.set(path, (i * batch + sample) * steps)
      scores[sample * topPaths + i] = score
    }
  }
  return {
    decoded: fromData(decoded, [topPaths, batch, steps], 'int32'),
    scores: fromData(scores, [batch, topPaths], 'float32'),
  }
}

interface Path {
  readonly path: readonly number[]
  readonly score: number
}

function greedyPath(rows: readonly Float64Array[], blank: number, mergeRepeated: boolean): Path {
  let score = 0
  const classes = rows.map((row) => {
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    score -= largest
    return row.indexOf(largest)
  })
  const path = classes.filter((k, i) => k !== blank && !(mergeRepeated && i > 0 && k === classes[i - 1]))
  return { path, score }
}

/** Logarithms of the probability of all ways to spell a prefix. */
interface Beam {
  readonly path: readonly number[]
  /** Of those that end with a blank. */
  blank: number
  /** Of those that end with the prefix's last class. */
  label: number
}

const total = ({ blank, label }: Beam): number => logAddExp(blank, label)

function beamPaths(rows: readonly Float64Array[], blankClass: number, width: number): readonly Path[] {
  let beams: readonly Beam[] = [{ path: [], blank: 0, label: Number.NEGATIVE_INFINITY }]
  for (const row of rows) {
    const logarithms = logSoftmax(row)
    const next = new Map<string, Beam>()
    const beamOf = (path: readonly number[]): Beam => {
      const key = path.join()
      const found = next.get(key)
      if (found !== undefined) return found
      const made = { path, blank: Number.NEGATIVE_INFINITY, label: Number.NEGATIVE_INFINITY }
      next.set(key, made)
      return made
    }
    for (const beam of beams) {
      const last = beam.path.at(-1)
      const stays = beamOf(beam.path)
      for (const [k, logarithm] of logarithms.entries()) {
        if (k === blankClass) stays.blank = logAddExp(stays.blank, total(beam) + logarithm)
        else if (k === last) {
          // Without a blank between the same class goes on; behind one it is spelled again.
          stays.label = logAddExp(stays.label, beam.label + logarithm)
          const again = beamOf([...beam.path, k])
          again.label = logAddExp(again.label, beam.blank + logarithm)
        } else {
          const longer = beamOf([...beam.path, k])
          longer.label = logAddExp(longer.label, total(beam) + logarithm)
        }
      }
    }
    beams = [...next.values()].sort((a, b) => total(b) - total(a)).slice(0, width)
  }
  return beams.map((beam) => ({ path: beam.path, score: total(beam) }))
}

/** log(eᵃ + eᵇ). */
function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b)
  return larger === Number.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(-Math.abs(a - b)))
}

function logSoftmax(row: Float64Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const sum = Math.log(row.reduce((a, b) => a + Math.exp(b - largest), 0))
  return row.map((x) => x - largest - sum)
}

const isWhole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least

function check(option: string, isRight: boolean, expected: string, received: unknown): void {
  if (isRight) return
  throw new ArgumentError({ where: `ctcDecode: ${option}`, expected, received: JSON.stringify(received) })
}
