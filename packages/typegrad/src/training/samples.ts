import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { byNames, checkNames, flat, isRecord } from '../base/structured.ts'
import { Pacer } from '../base/turn.ts'
import {
  type ArrayData,
  asLabels,
  asSamples,
  type HostArray,
  rowsOf,
  toHostArray,
} from '../data/host-array.ts'
import { checkSamples, type NamedArray } from '../data/validate.ts'
import { checkNamedSizes, formatSymbolicShape } from '../layers/base/sizes.ts'
import type { AnyModel } from '../models/model.ts'
import type { Port } from '../models/port.ts'
import { Tensor } from '../tensor/tensor.ts'
import { classWeights } from './class-weights.ts'
import { type DataTrees, leavesOf, type Tree } from './data-tree.ts'
import type { Data, SampleWeights } from './fit-options.ts'

/** Samples that stand in memory: inputs, labels and weights as one list of arrays. */
export interface ArraySamples {
  readonly x: readonly HostArray[]
  readonly y: readonly HostArray[]
  /** One for each output, or none. */
  readonly weights: readonly HostArray[]
  /** How they hang together, where a model's own steps are given them. */
  readonly trees?: DataTrees | undefined
}

export interface SampleOptions {
  readonly sampleWeight?: SampleWeights | undefined
  readonly allowNaN?: boolean | undefined
}

/**
 * Reads and checks what users hand in as inputs, and builds a model that has waited for them.
 *
 * @throws DataError and ArgumentError for what does not fit, before the model is built or anything runs.
 */
export async function toInputs(
  where: string,
  model: AnyModel,
  x: Data,
  { allowNaN = false }: { readonly allowNaN?: boolean | undefined } = {},
): Promise<HostArray[]> {
  const ports = model.modelInputs
  const inputs = await Promise.all(
    listed(`${where}: x`, 'inputs', x, ports).map((item, i) =>
      toHostArray(`${where}: x`, item, asSamples(`${where}: x`, ports[i]?.shape?.slice(1))),
    ),
  )
  // What is checked on the spot is not waited for: each wait is a part of a small model's latency.
  const checking = checkSamples(where, named('x', inputs), { allowNaN })
  if (checking !== undefined) await checking
  for (const [i, array] of inputs.entries()) {
    checkShape(where, ports[i], array)
    const looking = model.checkInput(where, array, i)
    if (looking !== undefined) await looking
  }
  const shapes = inputs.map((array) => array.shape)
  checkNamedSizes(where, ports, shapes)
  if (!model.built) buildFor(model, shapes)
  return inputs
}

/**
 * Reads and checks inputs, labels and weights.
 *
 * @throws DataError and ArgumentError for what does not fit, before anything runs.
 */
export async function toSamples(
  where: string,
  model: AnyModel,
  x: Data,
  y: Data | null,
  options: SampleOptions = {},
): Promise<ArraySamples> {
  if (model.hasOwnSteps) return ownSamples(where, model, x, y, options)
  const { sampleWeight, allowNaN = false } = options
  const inputs = await toInputs(where, model, x, { allowNaN })
  const samples = inputs[0]?.shape[0] ?? 0
  const ports = model.modelOutputs
  const labels = await Promise.all(
    (y === null ? withoutLabels(where, model) : listed(`${where}: y`, 'outputs', y, ports)).map((item, i) =>
      toHostArray(`${where}: y`, item, asLabels(samples, ports[i]?.shape?.slice(1))),
    ),
  )
  const own = await Promise.all(
    weightsOf(`${where}: sampleWeight`, sampleWeight, ports).map((item) =>
      item === undefined ? undefined : toHostArray(`${where}: sampleWeight`, item),
    ),
  )
  const given = own.filter((array) => array !== undefined)
  const like = named('x', inputs)[0]
  await checkSamples(where, named('y', labels), { allowNaN, like })
  await checkSamples(
    where,
    given.map((array) => ['sampleWeight', array] as const),
    { like },
  )
  for (const [i, array] of labels.entries()) await checkLabels(model, i, array)
  const outputs = y === null ? [0] : labels
  const weights =
    given.length === 0 ? [] : outputs.map((_, i) => (own.length === 1 ? own[0] : own[i]) ?? evenly(samples))
  return { x: inputs, y: labels, weights }
}

/**
 * What a model's own steps are given. What labels and weights are to them is not for us to know, nor what inputs are
 * that are not those of the model: they are taken as they come.
 */
async function ownSamples(
  where: string,
  model: AnyModel,
  x: Data,
  y: Data | null,
  { sampleWeight, allowNaN = false }: SampleOptions,
): Promise<ArraySamples> {
  const given = leavesOf(x)
  const isOwn = !fitsInputs(x, given.tree, model.modelInputs)
  const inputs = isOwn
    ? await Promise.all(given.leaves.map((item) => toHostArray(`${where}: x`, item)))
    : await toInputs(where, model, x, { allowNaN })
  const samples = inputs[0]?.shape[0] ?? 0
  const read = async (name: string, data: unknown) => {
    const { tree, leaves } =
      data == null ? { tree: null, leaves: [] } : byOutputs(data, model.modelOutputs, name === 'sampleWeight')
    const arrays = await Promise.all(
      leaves.map((item) =>
        item === undefined
          ? evenly(samples)
          : toHostArray(`${where}: ${name}`, item, asLabels(samples, undefined)),
      ),
    )
    return { tree, arrays }
  }
  const labels = await read('y', y)
  const own = await read('sampleWeight', sampleWeight)
  const like = named('x', inputs)[0]
  if (isOwn) await checkSamples(where, named('x', inputs), { allowNaN, like })
  await checkSamples(where, named('y', labels.arrays), { allowNaN, like })
  await checkSamples(where, named('sampleWeight', own.arrays), { like })
  // One weight a sample serves all labels.
  const [weights] = own.arrays
  const isShared = own.tree === 0 && weights !== undefined
  return {
    x: inputs,
    y: labels.arrays,
    weights: isShared ? (y === null ? [0] : labels.arrays).map(() => weights) : own.arrays,
    trees: {
      x: isOwn ? given.tree : inputTree(x, given.tree, model.modelInputs, inputs.length),
      y: labels.tree,
      weights: own.tree,
    },
  }
}

/**
 * Labels or weights by the names of the model's outputs in the outputs' order, as the parts of the built-in steps take
 * them; of weights some may be missing, where every sample counts 1. Others as they come.
 */
function byOutputs(data: unknown, ports: readonly Port[], mayMiss: boolean): ReturnType<typeof leavesOf> {
  const names = ports.map((port) => port.name)
  const given = isRecord(data) ? Object.keys(data) : []
  const areOutputs = given.length > 0 && given.every((name) => names.includes(name))
  if (!isRecord(data) || !areOutputs || (!mayMiss && given.length < names.length)) return leavesOf(data)
  return {
    tree: Object.fromEntries(names.map((name, i) => [name, i])),
    leaves: names.map((name) => data[name]),
  }
}

/** Whether data is what the model's inputs take, rather than what only its own steps know. */
function fitsInputs(x: Data, tree: Tree, ports: readonly Port[]): boolean {
  if (typeof tree === 'number') return true
  const members = Object.values(tree)
  if (members.some((member) => typeof member !== 'number')) return false
  if (ports.length === 0) return !isRecord(x)
  return isRecord(x)
    ? members.length === ports.length && ports.every(({ name }) => Object.hasOwn(x, name))
    : members.length === ports.length
}

/** Inputs in the order of the model's, as the data has them: alone, in a list or by name. */
function inputTree(x: Data, tree: Tree, ports: readonly Port[], inputs: number): Tree {
  if (isRecord(x)) return Object.fromEntries(ports.map(({ name }, i) => [name, i]))
  // Several arrays that could be rows of one have been told apart by the number of the model's inputs.
  return typeof tree === 'number' && inputs > 1 ? Array.from({ length: inputs }, (_, i) => i) : tree
}

/** The samples with weights by their classes, times those that they have. */
export async function withClassWeights(
  where: string,
  model: AnyModel,
  samples: ArraySamples,
  classWeight: Readonly<Record<number, number>> | undefined,
): Promise<ArraySamples> {
  if (classWeight === undefined) return samples
  const output = model.hasOwnSteps ? undefined : model.modelOutputs[0]?.shape
  return {
    ...samples,
    weights: [await classWeights(where, samples.y, samples.weights[0], classWeight, output)],
    trees: samples.trees && { ...samples.trees, weights: 0 },
  }
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

/** The same weight for all samples. */
const evenly = (samples: number): HostArray => ({
  data: new Float32Array(samples).fill(1),
  shape: [samples],
  dtype: 'float32',
})

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

const named = (name: string, arrays: readonly HostArray[]): NamedArray[] =>
  arrays.map((array, i) => [arrays.length > 1 ? `${name}[${i}]` : name, array])

/** What is handed in for each port. */
function listed(
  where: string,
  kind: 'inputs' | 'outputs',
  data: Data,
  ports: readonly Port[],
): readonly unknown[] {
  if (isRecord(data)) {
    const names = ports.map((port) => port.name)
    return ports.length === 0 ? flat(data) : byNames(where, kind, data, names)
  }
  const isList = Array.isArray(data) && (ports.length > 1 || data[0] instanceof Tensor)
  const items = isList ? (data as readonly unknown[]) : [data]
  // A class of the user's own may not know yet how many there are.
  if (items.length === ports.length || ports.length === 0) return items
  const names = ports.map((port) => port.name)
  throw new ArgumentError({
    where,
    expected: ports.length === 1 ? 'one array' : `a list of ${ports.length} arrays (${names.join(', ')})`,
    received: isList ? `a list of ${items.length}` : 'one',
    fix:
      ports.length === 1
        ? 'Put samples together first: stack(tensors).'
        : `They may come by name: { ${names.map((name) => `${name}: …`).join(', ')} }.`,
  })
}

/** Whether the samples have the shape that the model was built for. */
function checkShape(where: string, port: Port | undefined, { shape }: HostArray): void {
  const expected = port?.shape
  if (expected === undefined) return
  if (expected.length === shape.length && expected.every((d, i) => i === 0 || d === null || d === shape[i]))
    return
  throw new DataError({
    where,
    expected: `samples of shape ${formatSymbolicShape(port?.sizes ?? expected)} for input '${port?.name}'`,
    received: formatShape(shape),
    fix: 'Reshape the data, or build the model for another inputShape.',
  })
}

/** Rows of labels that are looked at between two looks at the clock. */
const labelRows = 1 << 15

/** Refuses labels that the loss of an output cannot mean. */
async function checkLabels(model: AnyModel, output: number, labels: HostArray): Promise<void> {
  const shape = model.modelOutputs[output]?.shape
  const loss = model.compiled('fit').lossOf(output, labels.shape)
  if (shape === undefined || loss === undefined) return
  const outputShape = shape.map((d, i) => d ?? labels.shape[i] ?? 1)
  const pacer = new Pacer()
  const rows = labels.shape[0] ?? 0
  const step = Math.max(1, Math.ceil(labelRows / Math.max(1, sizeOf(labels.shape.slice(1)))))
  for (let start = 0; start < rows; start += step) {
    loss.validate(rowsOf(labels, start, Math.min(start + step, rows)), outputShape, start)
    if (pacer.due()) await pacer.turn()
  }
}

/** Builds a model that has waited for its first data to know the shape of its input. */
function buildFor(model: AnyModel, shapes: readonly (readonly number[])[]): void {
  const open = shapes.map((shape) => [null, ...shape.slice(1)])
  model.ensureBuilt(open.length === 1 ? (open[0] as (number | null)[]) : open)
}
