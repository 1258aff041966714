import type { TypedArray } from '../base/dtype.ts'
import { TraceError } from '../base/errors.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import { type DataSource, type Node, topologicalOrder } from '../graph/node.ts'
import { registerEvaluator } from '../tensor/evaluator.ts'
import { graphKey } from './graph-key.ts'
import { build } from './program.ts'
import { type Runtime, runtime } from './runtime.ts'

/** Models of pending tensors by the shape of their graphs: an eager loop compiles once. */
const programs = new WeakMap<Runtime, Map<string, Promise<EagerProgram>>>()
const capacity = 256

interface EagerProgram {
  readonly executable: Executable
  /** For each input of the model the place of its leaf in the graph's key. */
  readonly order: readonly number[]
}

/** What pending nodes turned out to be, for other tensors that still hold them. */
const computed = new WeakMap<Node, DataSource>()

async function evaluate(nodes: readonly Node[]): Promise<DataSource[]> {
  const known = nodes.map((node) => settled(node))
  if (known.every((source) => source !== undefined)) return known
  const on = await runtime()
  const pending = [...new Set(nodes.filter((node) => settled(node) === undefined))]
  const { key, leaves } = graphKey(pending)
  for (const leaf of leaves) {
    if (leaf.kind === 'input') {
      throw new TraceError({
        where: 'traced function',
        expected: 'operations on tensors alone',
        received:
          'a look at a value (data, toArray, item or evaluate) of a tensor that stands for an argument',
        fix: 'Return the tensor and look at it outside, or choose with where(…) instead of if.',
      })
    }
  }
  const program = await cached(on, key, pending, leaves)
  const inputs = leaves.map((leaf) => on.storageOf(sourceOf(leaf)))
  const outputs = pending.map((node) => on.allocate(node))
  await on.enqueue(() =>
    program.executable.run(
      program.order.map((i) => inputs[i] as Storage),
      outputs,
    ),
  )
  pending.forEach((node, i) => {
    computed.set(node, outputs[i] as Storage)
  })
  return nodes.map((node) => settled(node) as DataSource)
}

const settled = (node: Node): DataSource | undefined =>
  node.kind === 'data' ? node.params.source : computed.get(node)

const sourceOf = (leaf: Node): DataSource => {
  if (leaf.kind !== 'data') throw new TraceError(`evaluate: a leaf of kind ${leaf.kind} has no value`)
  return leaf.params.source
}

/** The program of a graph like this one. Its leaves are counted as `graphKey` counts them. */
function cached(
  on: Runtime,
  key: string,
  pending: readonly Node[],
  leaves: readonly Node[],
): Promise<EagerProgram> {
  const known = programs.get(on) ?? new Map<string, Promise<EagerProgram>>()
  programs.set(on, known)
  let program = known.get(key)
  if (program === undefined) {
    program = build(on, pending).then((built) => ({
      executable: built.executable,
      order: built.leaves.map((leaf) => leaves.indexOf(leaf)),
    }))
    // A graph that the engine refuses is not remembered.
    program.catch(() => known.delete(key))
    if (known.size >= capacity) known.delete(known.keys().next().value as string)
  } else {
    known.delete(key)
  }
  known.set(key, program)
  return program
}

/** A copy that its reader owns: the memory itself may change in place later. */
async function read(source: DataSource): Promise<TypedArray> {
  if (source.host !== null) {
    const on = await runtime()
    await on.enqueue(() => {})
    return source.host.slice()
  }
  const on = await runtime()
  let data: TypedArray | undefined
  await on.enqueue(async () => {
    data = await on.engine.read(source as Storage)
  })
  return data as TypedArray
}

registerEvaluator({ evaluate, read })
