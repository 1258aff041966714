/**
 * `testing/onnx-graphs/`: graphs of ONNX at random, run by ONNX Runtime as it is and by what `onnxModel` makes of them. It
 * knows how files are read and written.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { toNumbers } from '../../base/conversions.ts'
import { sizeOf } from '../../base/shape.ts'
import { elementsOf } from '../../importing/elements.ts'
import { encodeOnnxFile } from '../../onnx/write-file.ts'
import '../../index.ts'
import * as ops from '../../ops/index.ts'
import { evaluateAll, scalar } from '../../tensor/tensor.ts'
import { elementwiseMakers, type Maker } from './elementwise.ts'
import { layerMakers } from './layers.ts'
import { movementMakers } from './movement.ts'
import { NotHere, RandomGraph } from './random-graph.ts'

const makers: Readonly<Record<string, Maker>> = { ...elementwiseMakers, ...layerMakers, ...movementMakers }
export const graphKinds: readonly string[] = Object.keys(makers)

const opsets = [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23] as const

export interface Finding {
  readonly seed: number
  /** The operator where it begins. */
  readonly op: string
  readonly what: string
  readonly graph: string
}

export interface Outcome {
  readonly graphs: number
  readonly nodes: number
  /** Nodes that were compared, by their operators. */
  readonly compared: ReadonlyMap<string, number>
  /** Graphs that ONNX Runtime does not take, by why. */
  readonly notTaken: ReadonlyMap<string, number>
  readonly findings: readonly Finding[]
}

/** The graph of a seed: up to five nodes. */
export function graphOf(seed: number, only?: string): RandomGraph {
  const g = new RandomGraph(seed, opsets)
  const shape = g.shape(g.between(1, 4))
  g.input('float32', shape, g.floats(shape))
  const whole = g.shape(g.draw(4))
  g.input(
    g.pick(['int32', 'int64'] as const),
    whole,
    g.floats(whole).map(() => g.between(-9, 9)),
  )
  if (g.chance(2))
    g.input(
      'bool',
      shape,
      g.floats(shape).map(() => g.draw(2)),
    )
  const count = 1 + g.draw(5)
  const names = only === undefined ? graphKinds : [only]
  for (let tries = 0; g.nodes.length < count && tries < 40 && g.refusal === undefined; tries++) {
    try {
      ;(makers[g.pick(names)] as Maker)(g)
    } catch (cause) {
      if (!(cause instanceof NotHere)) throw cause
    }
    // What grows by products of sizes is enough.
    if (g.values.some(({ shape }) => sizeOf(shape) > 4000)) break
  }
  return g
}

type Sessions = typeof InferenceSession
type Given = new (type: never, data: never, dims: readonly number[]) => OrtTensor

interface Answer {
  readonly outputs: Readonly<Record<string, OrtTensor>>
}

/** What ONNX Runtime computes of a graph; a sentence where it does not take it. */
async function answered(g: RandomGraph, sessions: Sessions, Given: Given): Promise<Answer | string> {
  try {
    const session = await sessions.create(encodeOnnxFile(g.file), {
      logSeverityLevel: 4,
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 1,
    })
    const feeds = g.inputs.map((tensor) => {
      const { data, dtype, shape } = elementsOf(tensor.name, tensor)
      return [tensor.name, new Given(dtype as never, data as never, shape)] as const
    })
    const outputs = await session.run(Object.fromEntries(feeds))
    await session.release()
    return { outputs }
  } catch (cause) {
    return (cause as Error).message
  }
}

/** Runs the graphs of seeds both ways. */
export async function differential(seeds: readonly number[], only?: string): Promise<Outcome> {
  // The two share a runtime in memory, which this engine has to begin.
  await ops.add(scalar(1), 1).data()
  const { InferenceSession: sessions, Tensor: Given } = await import('onnxruntime-node')
  const graphs = seeds.map((seed) => ({ seed, g: graphOf(seed, only) }))
  const findings: Finding[] = []
  const [compared, notTaken] = [new Map<string, number>(), new Map<string, number>()]
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)
  const taken = []
  for (const { seed, g } of graphs) {
    const answer = await answered(g, sessions, Given as unknown as Given)
    const last = g.nodes.at(-1)
    if (typeof answer === 'string')
      count(notTaken, `${last?.op}: ${answer.replaceAll(/[\d']+|node_\w+/g, '').slice(0, 90)}`)
    else if (g.refusal !== undefined)
      findings.push({ seed, op: last?.op ?? '', what: `refused: ${g.refusal}`, graph: described(g) })
    else taken.push({ seed, g, answer })
  }
  const all = taken.flatMap(({ g }) =>
    g.nodes.flatMap(({ outputs }) => outputs.map((name) => g.tensorOf(name))),
  )
  await evaluateAll(all).catch(async () => {
    // One of them cannot be computed: it is found below.
  })
  for (const { seed, g, answer } of taken) {
    for (const { op, outputs } of g.nodes) {
      const what = (await Promise.all(outputs.map((name) => difference(g, op, name, answer)))).find(
        (one) => one !== undefined,
      )
      count(compared, op)
      if (what === undefined) continue
      findings.push({ seed, op, what, graph: described(g) })
      break
    }
  }
  const nodes = taken.reduce((sum, { g }) => sum + g.nodes.length, 0)
  return { graphs: taken.length, nodes, compared, notTaken, findings }
}

/** How much of the largest element values may differ by. */
const tolerance = 1e-4
/** Variances as E[x²] − E[x]² lose digits in ONNX Runtime where elements are few and alike. */
const looser: Readonly<Record<string, number>> = { GroupNormalization: 1e-2 }

/** In which way a value of an operator differs; undefined where it does not. */
async function difference(
  g: RandomGraph,
  op: string,
  name: string,
  { outputs }: Answer,
): Promise<string | undefined> {
  const expected = outputs[name] as OrtTensor
  const made = g.tensorOf(name)
  const [ours, theirs] = [made.shape.join(), expected.dims.join()]
  if (ours !== theirs) return `${name} has shape [${ours}] in place of [${theirs}]`
  const isFloat = expected.type === 'float32' || expected.type === 'float64'
  if (isFloat !== (made.dtype === 'float32' || made.dtype === 'float64'))
    return `${name} is ${made.dtype} in place of ${expected.type}`
  let actual: ArrayLike<number | bigint>
  try {
    actual = toNumbers(await made.data(), made.dtype)
  } catch (cause) {
    return `${name} is not computed: ${(cause as Error).message}`
  }
  const wanted = Array.from(expected.data as ArrayLike<number | bigint>, Number)
  const largest = wanted.reduce(
    (most, one) => (Number.isFinite(one) ? Math.max(most, Math.abs(one)) : most),
    1,
  )
  for (const [i, e] of wanted.entries()) {
    const a = Number(actual[i])
    if (Object.is(a, e) || a === e) continue
    // A product of integers that runs over goes around here and in NumPy, and stops at the largest there.
    if (!isFloat && Math.abs(e) > Number.MAX_SAFE_INTEGER) continue
    if (!isFloat || !(Math.abs(a - e) <= (looser[op] ?? tolerance) * largest))
      return `${name}[${i}] is ${a} in place of ${e}`
  }
  return undefined
}

/** A graph in lines, with the elements of small tensors. */
export function described(g: RandomGraph): string {
  const tensors = new Map([...g.inputs, ...g.initializers].map((tensor) => [tensor.name, tensor]))
  const named = (name: string): string => {
    const tensor = tensors.get(name)
    if (tensor === undefined) return name
    const { content, type, shape } = tensor
    const numbers =
      content.kind === 'numbers' && content.numbers.length <= 12 ? ` {${content.numbers.join(' ')}}` : ''
    return `${name}:${type}[${shape.join()}]${numbers}`
  }
  const lines = g.nodes.map(({ op, inputs, outputs, attributes }) => {
    const given = Object.entries(attributes).map(([key, { value }]) => `${key}=${JSON.stringify(value)}`)
    return `  ${outputs.join(', ')} = ${op}(${inputs.map(named).join(', ')}) ${given.join(' ')}`
  })
  return [`opset ${g.opset}`, ...lines].join('\n')
}
