import { ArgumentError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { byNames, checkNames, isRecord } from '../base/structured.ts'
import { Pacer } from '../base/turn.ts'
import { type ArrayData, asLabels, type HostArray, rowsOf, toHostArray } from '../data/host-array.ts'
import { checkSamples, named } from '../data/validate.ts'
import type { AnyModel } from '../models/model.ts'
import type { Port } from '../models/port.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Data, SampleWeights, StreamedBatch } from './fit-options.ts'
import { evenly, readOwnSamples } from './own-samples.ts'
import { listed, type ReadOptions, readInputs } from './read-inputs.ts'
import type { Samples } from './samples.ts'

/**
 * Reads and checks inputs, labels and weights, of all samples or of one batch of a stream.
 *
 * @throws DataError and ArgumentError for what does not fit, before anything runs.
 */
export async function readSamples(
  where: string,
  model: AnyModel,
  given: StreamedBatch,
  options: ReadOptions = {},
): Promise<Samples<HostArray>> {
  if (model.hasOwnSteps) return readOwnSamples(where, model, given, options)
  const [x, y = null, sampleWeight] = await model.prepareData(where, given)
  const { allowNaN = false } = options
  const { x: inputs } = await readInputs(where, model, x, { allowNaN })
  const samples = inputs[0]?.shape[0] ?? 0
  const ports = model.modelOutputs
  const labels = await Promise.all(
    (y === null ? withoutLabels(where, model) : labelsOf(where, model, y)).map((item, i) =>
      item === undefined
        ? evenly(samples)
        : toHostArray(`${where}: y`, item, asLabels(samples, ports[i]?.shape?.slice(1))),
    ),
  )
  const own = await Promise.all(
    weightsOf(`${where}: sampleWeight`, sampleWeight, ports).map((item) =>
      item === undefined ? undefined : toHostArray(`${where}: sampleWeight`, item),
    ),
  )
  const weighed = own.filter((array) => array !== undefined)
  const like = named('x', inputs)[0]
  await checkSamples(where, named('y', labels), { allowNaN, like })
  await checkSamples(
    where,
    weighed.map((array) => ['sampleWeight', array] as const),
    { like },
  )
  for (const [i, array] of labels.entries()) await checkLabels(model, i, array)
  const outputs = y === null ? [0] : labels
  const weights =
    weighed.length === 0 ? [] : outputs.map((_, i) => (own.length === 1 ? own[0] : own[i]) ?? evenly(samples))
  return { x: inputs, y: labels, weights }
}

/**
 * The labels of each output. An output without a loss and without metrics needs none: it may be left out of labels by name,
 * and where only one has them, labels need no name. Undefined for what is left out, in whose place anything may stand.
 */
function labelsOf(where: string, model: AnyModel, y: Data): readonly unknown[] {
  const [ports, needed] = [model.modelOutputs, model.compiled(where).labelledOutputs()]
  if (isRecord(y) && needed.length > 0) {
    const names = ports.map(({ name }) => name)
    checkNames(`${where}: y`, 'outputs', y, names)
    const wanted = names.filter((_, i) => needed.includes(i))
    byNames(`${where}: y`, 'outputs', Object.fromEntries(wanted.map((name) => [name, y[name]])), wanted)
    return names.map((name) => y[name] ?? undefined)
  }
  const [only] = needed
  const isList = Array.isArray(y) && (y.length === ports.length || y[0] instanceof Tensor)
  if (isList || only === undefined || needed.length > 1) return listed(`${where}: y`, 'outputs', y, ports)
  return ports.map((_, i) => (i === only ? y : undefined))
}

/**
 * No labels.
 *
 * @throws ArgumentError if the model's steps are the library's own and an output has a loss, which needs them.
 */
function withoutLabels(where: string, model: AnyModel): readonly unknown[] {
  const terms = model.compiled(where).lossTerms()
  if (terms.every(({ loss }) => loss === undefined)) return []
  throw new ArgumentError({
    where,
    expected: 'labels y beside x',
    received: 'none',
    fix: `Call model.${where.replace(/\W.*/, '')}(x, y, options), give the model a trainStep of its own, or compile it without a loss if its layers add one (addLoss).`,
  })
}

/** Weights for all outputs as one, or for each; undefined for an output that has none. */
function weightsOf(
  where: string,
  given: SampleWeights | undefined,
  ports: readonly Port[],
): readonly (ArrayData | undefined)[] {
  if (given === undefined) return []
  if (!isRecord(given)) return [given as ArrayData]
  const names = ports.map((port) => port.name)
  checkNames(where, 'outputs', given, names)
  return names.map((name) => (given as Readonly<Record<string, ArrayData>>)[name])
}

/** Rows of labels that are looked at between two looks at the clock. */
const labelRows = 1 << 15

/** Refuses labels that the loss of an output cannot mean. */
async function checkLabels(model: AnyModel, output: number, labels: HostArray): Promise<void> {
  const shape = model.modelOutputs[output]?.shape
  const loss = model.compiled('fit').lossOf(output, labels.shape)
  if (shape === undefined || loss === undefined) return
  // An axis that labels lack, such as that of as many classes as there are steps, stays open.
  const outputShape = shape.map((d, i) => d ?? labels.shape[i] ?? null)
  const pacer = new Pacer()
  const rows = labels.shape[0] ?? 0
  const step = Math.max(1, Math.ceil(labelRows / Math.max(1, sizeOf(labels.shape.slice(1)))))
  for (let start = 0; start < rows; start += step) {
    loss.validate(rowsOf(labels, start, Math.min(start + step, rows)), outputShape, start)
    if (pacer.due()) await pacer.turn()
  }
}
