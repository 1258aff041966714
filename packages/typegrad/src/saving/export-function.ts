import { joinInSlices } from '../base/copy.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, checkOptions, func, list, needed, optionsOf } from '../base/options.ts'
import { nextTurn } from '../base/turn.ts'
import { paced } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { lowerGraph } from '../lowering/lower.ts'
import { encodePartsWork } from '../onnx/encode.ts'
import type { OnnxModel } from '../onnx/model.ts'
import { optimize } from '../passes/optimize.ts'
import { evaluateAll, Tensor } from '../tensor/tensor.ts'
import { type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { leavesOf } from '../transforms/program.ts'
import { distinctNames } from './distinct-names.ts'
import { addedStands, DependsOnSizes, type OpenSize, openModel, type Three } from './open-sizes.ts'
import { OpenSlices } from './open-slices.ts'
import {
  offsetsOfWindows,
  type StridedWindow,
  stridedWindows,
  widthOfWindows,
  windowSizes,
} from './open-windows.ts'

/** What an exported function takes. */
export interface ExportedInput {
  readonly dtype: DType
  /**
   * Numbers, and names of the sizes that are open: any number fits, the same wherever the name stands. A sum of two of the
   * names, `'past + new'`, is that (only one of the two has to be a size by itself), and null a size of its own that the
   * file gives a name.
   */
  readonly shape: readonly (number | string | null)[]
}

/** A function of tensors, and what is to be constant in its file. */
export interface ExportedFunction {
  readonly inputs: Readonly<Record<string, ExportedInput>>
  /** Its variables. Others that it reads are kept under names that are made up. */
  readonly weights: readonly Variable[]
  /** Gives the outputs by name, of the inputs by name. Called a few times, with tensors that have no values. */
  readonly call: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>
}

const exportedChecks = optionsOf<ExportedFunction>()({
  inputs: needed(anything),
  weights: needed(list),
  call: needed(func),
})

/**
 * A function of tensors as a file of ONNX, with its weights inside and sizes of its inputs left open.
 *
 * @throws ArgumentError for options that are none, a function that does not say how its operations follow from its open sizes, and for a sum of sizes
 * of which no input has one alone.
 * @example
 * const bytes = await exportFunction({
 *   inputs: { x: { dtype: 'float32', shape: ['batch', 4] } },
 *   weights: [kernel],
 *   call: ({ x }) => ({ y: x.matmul(kernel) }),
 * })
 */
export async function exportFunction(exported: ExportedFunction): Promise<Uint8Array> {
  checkOptions('exportFunction', exported, exportedChecks)
  const weights = await frozenWeights(exported.weights)
  const opened = await openOrFixed(exported, weights)
  return joinInSlices(await paced(encodePartsWork(opened)))
}

async function openOrFixed(exported: ExportedFunction, weights: FrozenWeights): Promise<OnnxModel> {
  let places = openPlaces(exported, false)
  if (places.sizes.length === 0) return lowered(exported, weights, () => 1).model
  let slices = new OpenSlices()
  const trace = async (at: OpenPlaces): Promise<Traces> => {
    places = at
    slices = new OpenSlices()
    return await traced(exported, weights, places, slices)
  }
  let areShared = false
  let traces = await trace(places).catch(async (cause) => {
    if (!(cause instanceof ShapeError)) throw cause
    // Inputs that have to agree: sizes without a name along the same axis are one.
    areShared = true
    return await trace(openPlaces(exported, areShared))
  })
  const width = widthOfWindows(traces.windows)
  if (width > 1) {
    traces = await trace(openPlaces(exported, areShared, { width, offsets: [0, 0, 0] }))
    const stands = places.sizes.filter(({ axis }) => axis > 0).map(({ stand }) => stand)
    const offsets = offsetsOfWindows(traces.windows, stands, width)
    traces = await trace(openPlaces(exported, areShared, { width, offsets }))
  }
  const { sizes } = places
  try {
    for (;;) {
      const windows = windowSizes(traces.windows, [...sizes, ...slices.sizes])
      if (!slices.place([...sizes, ...windows]))
        return openModel(traces.models, [...sizes, ...windows, ...slices.sizes])
      traces = await traced(exported, weights, places, slices)
    }
  } catch (cause) {
    if (!(cause instanceof DependsOnSizes)) throw cause
    const names = sizes.map(({ name }) => `'${name}'`).join(', ')
    throw new ArgumentError({
      where: 'toOnnx',
      expected: `a model that says how its operations follow from its open sizes (${names})`,
      received: `one that has them in ${cause.message}`,
      fix: 'Fix the number of samples, toOnnx({ batchSize: 1 }), or give the inputs a shape of numbers alone.',
    })
  }
}

/** Sizes that occur nowhere else, as different from trace to trace as windows and strides need. */
const stands: readonly Three[] = [
  [211, 307, 401],
  [509, 1021, 757],
  [523, 1031, 761],
  [541, 1033, 769],
  [547, 1039, 773],
  [557, 1049, 787],
]

/** Beyond the table, primes of a kind: 563 + 20 i, and further apart in the other traces. */
const standOf = (i: number): Three => stands[i] ?? [563 + 20 * i, 1051 + 34 * i, 797 + 26 * i]

/** How much larger what stands for lengths is than usual: `stand · width + offset`. */
interface Widening {
  readonly width: number
  readonly offsets: Three
}

const widened = (stand: Three, { width, offsets }: Widening): Three => {
  const [a, b, c] = stand.map((one, trace) => one * width + (offsets[trace] as number))
  return [a as number, b as number, c as number]
}

/** What is open in the inputs. */
interface OpenPlaces {
  readonly sizes: readonly OpenSize[]
  /** What stands in a trace for a size of an input. */
  readonly stand: (input: string, axis: number, trace: 0 | 1 | 2) => number
}

/** `'past + new'` as `['past', 'new']`; undefined for the name of one size. */
function termsOf(name: string): readonly [string, string] | undefined {
  const [a, b, ...others] = name.split(' + ')
  return a !== undefined && b !== undefined && others.length === 0 ? [a, b] : undefined
}

/**
 * The open sizes of the inputs: those that have a name, and others, to each of which the file gives one: `<input>_axis1`.
 *
 * @param areShared whether those without a name along the same axis of several inputs are one.
 * @param widening of what stands for them, but for numbers of samples.
 */
function openPlaces(
  { inputs }: ExportedFunction,
  areShared: boolean,
  widening: Widening = { width: 1, offsets: [0, 0, 0] },
): OpenPlaces {
  const named = Object.entries(inputs)
  const given = new Set(named.flatMap(([, { shape }]) => shape).filter((size) => typeof size === 'string'))
  const made = (name: string): string => (given.has(name) ? made(`${name}_`) : name)
  const found = new Map<string, OpenSize>()
  const places = new Map<string, OpenSize>()
  const add = (name: string, input: string, axis: number, stand: Three): void => {
    const known = found.get(name) ?? { name, input, axis, stand }
    found.set(name, known)
    places.set(`${axis} ${input}`, known)
  }
  const sums: (readonly [name: string, input: string, axis: number])[] = []
  for (const [input, { shape }] of named)
    for (const [axis, size] of shape.entries()) {
      if (typeof size === 'number') continue
      const name = size ?? made(areShared ? `axis${axis}` : `${input}_axis${axis}`)
      if (termsOf(name) !== undefined) {
        sums.push([name, input, axis])
        continue
      }
      add(name, input, axis, axis === 0 ? standOf(found.size) : widened(standOf(found.size), widening))
    }
  for (const [name, input, axis] of sums) {
    const [a, b] = termsOf(name) as readonly [string, string]
    const known = found.get(a) ?? found.get(b)
    if (known === undefined) {
      throw new ArgumentError({
        where: 'exportFunction',
        expected: `an input that has one of the sizes of '${name}' by itself`,
        received: `${input}, of shape [${inputs[input]?.shape.join(', ')}]`,
      })
    }
    const other = found.get(known.name === a ? b : a)?.stand ?? widened(standOf(found.size), widening)
    add(name, input, axis, addedStands(known.stand, other))
    // A term that no input has alone is what the other leaves of the sum.
    const rest = known.name === a ? b : a
    if (!found.has(rest)) found.set(rest, { name: rest, input, axis, stand: other, less: known })
  }
  return {
    sizes: [...found.values()],
    stand: (input, axis, trace) => places.get(`${axis} ${input}`)?.stand[trace] ?? 1,
  }
}

/** A function with three sets of sizes. */
interface Traces {
  readonly models: readonly [OnnxModel, OnnxModel, OnnxModel]
  readonly windows: readonly [readonly StridedWindow[], readonly StridedWindow[], readonly StridedWindow[]]
}

async function traced(
  exported: ExportedFunction,
  weights: FrozenWeights,
  { stand }: OpenPlaces,
  slices: OpenSlices,
): Promise<Traces> {
  const traces: Lowered[] = []
  for (const trace of [0, 1, 2] as const) {
    if (trace > 0) await new Promise<void>(nextTurn)
    const scope: VariableScope = {
      read: (variable) => weights.read(variable),
      assign: () => weights.assign(),
      slice: (asked, length) => slices.meet(trace, asked, length),
    }
    traces.push(lowered(exported, weights, (input, axis) => stand(input, axis, trace), scope))
  }
  const [a, b, c] = traces as [Lowered, Lowered, Lowered]
  return { models: [a.model, b.model, c.model], windows: [a.windows, b.windows, c.windows] }
}

/** The weights at one moment, whatever is trained beside. */
class FrozenWeights implements VariableScope {
  readonly #nodes = new Map<Variable, Node>()
  /** Data of the weights by their nodes, with a name for each. */
  readonly embedded = new Map<Node, { readonly name: string; readonly data: TypedArray }>()

  add(variable: Variable, name: string, data: TypedArray): void {
    const { shape, dtype } = variable
    const node = makeNode('data', [], { source: { host: data, shape, dtype } })
    this.#nodes.set(variable, node)
    this.embedded.set(node, { name, data })
  }

  read(variable: Variable): Node {
    return this.#nodes.get(variable) ?? variable.node
  }

  /** A forward pass may move on random numbers, which an export does not need. */
  assign(): void {}
}

async function frozenWeights(weights: readonly Variable[]): Promise<FrozenWeights> {
  const [names, values] = [distinctNames(weights), weights.map((weight) => weight.value)]
  await evaluateAll(values)
  const data: TypedArray[] = []
  for (const value of values) data.push(await value.data())
  const frozen = new FrozenWeights()
  weights.forEach((variable, i) => {
    frozen.add(variable, names[i] as string, data[i] as TypedArray)
  })
  return frozen
}

interface Lowered {
  readonly model: OnnxModel
  readonly windows: readonly StridedWindow[]
}

/**
 * @param sizeOf what stands for an open size of an input.
 * @param scope what else stands for something in the trace.
 */
function lowered(
  { inputs, call }: ExportedFunction,
  weights: FrozenWeights,
  sizeOf: (input: string, axis: number) => number,
  scope: VariableScope = weights,
): Lowered {
  const inputNames = Object.keys(inputs)
  const placeholders = Object.entries(inputs).map(([name, { dtype, shape }]) =>
    makeNode('input', [], {
      name,
      dtype,
      shape: shape.map((d, axis) => (typeof d === 'number' ? d : sizeOf(name, axis))),
    }),
  )
  const tensors = placeholders.map((node, i) => [inputNames[i] as string, new Tensor(node)] as const)
  const results = withScope(scope, () => call(Object.fromEntries(tensors)))
  const outputs = optimize(Object.values(results).map(({ node }) => node))
  const others = leavesOf(outputs).flatMap((node, i) => {
    if (node.kind !== 'data' || weights.embedded.has(node) || node.params.source.host === null) return []
    return [[node, { name: `value_${i}`, data: node.params.source.host }] as const]
  })
  const model = lowerGraph({
    inputs: placeholders,
    outputs,
    inputNames,
    outputNames: Object.keys(results),
    embedded: new Map([...weights.embedded, ...others]),
    isPlain: true,
  })
  return { model, windows: stridedWindows(outputs) }
}
