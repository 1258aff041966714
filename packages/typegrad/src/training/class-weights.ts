import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import type { HostArray } from '../data/host-array.ts'
import type { SymbolicShape } from '../layers/base/symbolic.ts'
import type { AnyModel } from '../models/model.ts'
import type { Samples } from './samples.ts'

/** The samples with weights by their classes, times those that they have. */
export async function withClassWeights(
  where: string,
  model: AnyModel,
  samples: Samples<HostArray>,
  classWeight: Readonly<Record<number, number>> | undefined,
): Promise<Samples<HostArray>> {
  if (classWeight === undefined) return samples
  const output = model.hasOwnSteps ? undefined : model.modelOutputs[0]?.shape
  return {
    ...samples,
    weights: [await classWeights(where, samples.y, samples.weights[0], classWeight, output)],
    trees: samples.trees && { ...samples.trees, weights: 0 },
  }
}

/**
 * A weight for every class number in the labels: that of its class (1 where none is given) times the sample's own.
 *
 * Labels are class numbers (batch) or (batch, 1), or with a number for each step (batch, time); or one-hot
 * (batch, classes), (batch, time, classes). The weights have the labels' shape without the classes.
 *
 * @param outputShape the model's output with the batch in front, if it is known: it tells steps from classes.
 * @throws ArgumentError for a model of several outputs, and for weights that are none; DataError for labels that name
 * several classes at once, or no class by a whole number.
 */
async function classWeights(
  where: string,
  labels: readonly HostArray[],
  own: HostArray | undefined,
  weights: Readonly<Record<number, number>>,
  outputShape: SymbolicShape | undefined,
): Promise<HostArray> {
  const [first] = labels
  if (first === undefined || labels.length > 1) {
    throw new ArgumentError({
      where: `${where}: classWeight`,
      expected: 'a model with one output',
      received: `${labels.length} outputs`,
      fix: 'Use sampleWeight.',
    })
  }
  for (const [label, weight] of Object.entries(weights)) {
    if (Number.isFinite(weight) && weight >= 0 && Number.isInteger(Number(label))) continue
    throw new ArgumentError({
      where: `${where}: classWeight`,
      expected: 'weights of at least 0 by class number, such as { 0: 1, 1: 10 }',
      received: `${weight} for ${JSON.stringify(label)}`,
    })
  }
  const isOneHot = hasClasses(first.shape, outputShape)
  const last = first.shape.at(-1) ?? 1
  const shape = isOneHot || (first.shape.length > 1 && last === 1) ? first.shape.slice(0, -1) : first.shape
  const width = isOneHot ? last : 1
  const data = new Float32Array(sizeOf(shape))
  const perSample = data.length / Math.max(1, own === undefined ? data.length : sizeOf(own.shape))
  const pacer = new Pacer()
  for (let i = 0; i < data.length; i++) {
    const label = isOneHot ? hotClass(where, first, i * width, width) : classNumber(where, first, i)
    const weight = label === undefined ? 1 : (weights[label] ?? 1)
    data[i] = weight * Number(own?.data[Math.floor(i / perSample)] ?? 1)
    if (i % 8192 === 0 && pacer.due()) await pacer.turn()
  }
  return { data, shape, dtype: 'float32' }
}

/**
 * Whether the labels' last axis is that of the classes. They are class numbers where the output has an axis more, or one
 * of length 1; where the output is not known, where they have one axis (of a length other than 1).
 */
function hasClasses(labels: readonly number[], output: SymbolicShape | undefined): boolean {
  if (labels.length < 2 || labels.at(-1) === 1) return false
  return output === undefined || labels.length >= output.length
}

/** The class of a one-hot row, or the likeliest of one that sums to 1; undefined for a row of zeros. */
function hotClass(
  where: string,
  { data, shape }: HostArray,
  start: number,
  width: number,
): number | undefined {
  let [total, best] = [0, start]
  for (let i = start; i < start + width; i++) {
    total += Number(data[i])
    if (Number(data[i]) > Number(data[best])) best = i
  }
  if (total === 0) return undefined
  if (Math.abs(total - 1) <= 1e-2) return best - start
  const row = Array.from({ length: Math.min(width, 10) }, (_, i) => String(data[start + i]))
  throw new DataError({
    where: `${where}: classWeight`,
    expected: 'labels of one class each: class numbers, or one-hot rows',
    received: `[${row.join(', ')}${width > 10 ? ', …' : ''}] in labels of shape ${formatShape(shape)}`,
    fix: 'Where several classes are true at once weigh samples or outputs: sampleWeight, or a loss of your own.',
  })
}

function classNumber(where: string, { data }: HostArray, place: number): number {
  const label = Number(data[place])
  if (Number.isInteger(label)) return label
  throw new DataError({
    where: `${where}: classWeight`,
    expected: 'labels that are class numbers',
    received: String(label),
    fix: 'Use sampleWeight.',
  })
}
