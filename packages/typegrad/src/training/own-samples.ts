import { isRecord } from '../base/structured.ts'
import { asLabels, type HostArray, toHostArray } from '../data/host-array.ts'
import { checkSamples, named } from '../data/validate.ts'
import type { AnyModel } from '../models/model.ts'
import type { Port } from '../models/port.ts'
import { leavesOf, type Tree } from './data-tree.ts'
import type { Data, StreamedBatch } from './fit-options.ts'
import { type ReadOptions, readInputs } from './read-inputs.ts'
import type { Samples } from './samples.ts'

/**
 * What a model's own steps are given. What labels and weights are to them is not for us to know, nor what inputs are
 * that are not those of the model: they are taken as they come.
 */
export async function readOwnSamples(
  where: string,
  model: AnyModel,
  [x, y, sampleWeight]: StreamedBatch,
  { allowNaN = false }: ReadOptions,
): Promise<Samples<HostArray>> {
  const given = leavesOf(x)
  const isOwn = !fitsInputs(x, given.tree, model.modelInputs)
  const inputs = isOwn
    ? await Promise.all(given.leaves.map((item) => toHostArray(`${where}: x`, item)))
    : (await readInputs(where, model, x, { allowNaN })).x
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
    weights: isShared ? (y == null ? [0] : labels.arrays).map(() => weights) : own.arrays,
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

/** The same weight for all samples. */
export const evenly = (samples: number): HostArray => ({
  data: new Float32Array(samples).fill(1),
  shape: [samples],
  dtype: 'float32',
})
