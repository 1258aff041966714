import { TraceError } from '../base/errors.ts'
import { bytesOf } from '../base/shape.ts'
import { paced, type Work } from '../base/work.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import type { DataSource, Node } from '../graph/node.ts'
import { evaluateWith, Tensor } from '../tensor/tensor.ts'
import { redefinitionCount, type Variable } from '../tensor/variable.ts'
import { ArgumentMemory } from './argument-memory.ts'
import { type ConstantBudget, ConstantForm } from './constant-form.ts'
import { planInPlace } from './in-place.ts'
import { build } from './program.ts'
import type { KeptProgram } from './program-cache.ts'
import { type Copy, copyAll, Results, runAndDeliver } from './results.ts'
import type { Runtime } from './runtime.ts'
import { type Trace, tracing } from './trace.ts'
import { unflattenTree } from './tree.ts'
import { reserveAll, sourceOf, type Update, VariableMemory } from './variable-memory.ts'

/** Where an input of the model comes from at each call. */
type Feed =
  | { readonly kind: 'argument'; readonly index: number; readonly memory: ArgumentMemory }
  | { readonly kind: 'variable'; readonly memory: VariableMemory }
  | { readonly kind: 'source'; readonly source: DataSource }

/** A run that was put into the queue, and the results that it will have written at its end. */
export interface Begun {
  readonly running: void | Promise<void>
  readonly results: unknown
}

interface PlanParts {
  readonly executable: Executable
  readonly bytes: number
  /** One for each input of the model, in its order. */
  readonly feeds: readonly Feed[]
  readonly memories: readonly VariableMemory[]
  readonly updates: readonly Update[]
  readonly constantForm: ConstantForm | undefined
}

/**
 * What a compiled function does for one signature of its arguments: the loaded model, where each input comes from, and
 * where each output goes.
 */
export class Plan implements KeptProgram {
  readonly executable: Executable
  readonly bytes: number
  /** Takes it out of its function's plans. */
  forget: (() => void) | undefined
  readonly #on: Runtime
  readonly #trace: Pick<Trace, 'structure' | 'revisions'>
  readonly #feeds: readonly Feed[]
  /** Those of the constant form. */
  readonly #argumentFeeds: readonly Feed[]
  readonly #memories: readonly VariableMemory[]
  readonly #updates: readonly Update[]
  /** The function's own results, in the order of its leaves. */
  readonly #results: Results
  readonly #constantForm: ConstantForm | undefined
  #isDropped = false
  /** The `redefinitionCount` at which the trace was last found to be true. */
  #trueAt = -1

  constructor(on: Runtime, { structure, revisions, results }: Trace, parts: PlanParts) {
    this.#on = on
    this.#trace = { structure, revisions }
    this.#results = new Results(on, results)
    this.executable = parts.executable
    this.bytes = parts.bytes
    this.#feeds = parts.feeds
    this.#argumentFeeds = parts.feeds.filter(({ kind }) => kind === 'argument')
    this.#memories = parts.memories
    this.#updates = parts.updates
    this.#constantForm = parts.constantForm
  }

  /** Whether the program has been let go. */
  get isDropped(): boolean {
    return this.#isDropped
  }

  /** Whether a variable is computed from others since, or no longer, so that the trace reads what nothing stands for. */
  get isStale(): boolean {
    const count = redefinitionCount()
    if (this.#trueAt === count) return false
    for (const [variable, revision] of this.#trace.revisions) if (variable.revision !== revision) return true
    this.#trueAt = count
    return false
  }

  drop(): void {
    this.#isDropped = true
    this.forget?.()
    this.#constantForm?.changed()
  }

  /** What a call with these arguments has to wait for before it can begin; undefined if there is nothing. */
  awaited(leaves: readonly Tensor[]): Promise<void> | undefined {
    return this.#settle(leaves) ?? this.#constantForm?.awaited()
  }

  /** Computes arguments and variables that are pending; undefined if none is. */
  #settle(leaves: readonly Tensor[]): Promise<void> | undefined {
    const pending = leaves.filter((leaf) => leaf.node.kind !== 'data')
    const variables = pendingAmong(this.#memories)
    return pending.length + variables.length === 0 ? undefined : evaluateWith(pending, variables)
  }

  /** Queues a run. Nothing waits here, so that calls made one after another see each other's updates. */
  begin(leaves: readonly Tensor[]): Begun {
    const constant = this.#constantForm?.begin()
    const executable = constant ?? this.executable
    const feeds = constant === undefined ? this.#feeds : this.#argumentFeeds
    const copies: Copy[] = []
    const inputs = feeds.map((feed) => this.#storageFor(feed, leaves, copies))
    const results = this.#results.begin()
    const outputs = results.storages
    for (const { memory, inPlace } of this.#updates) outputs.push(memory.next(inPlace))
    const running = this.#on.enqueue(() => {
      copyAll(copies)
      return runAndDeliver(() => executable.run(inputs, outputs), results)
    })
    const tensors = results.leaves.map((leaf) => new Tensor(leaf))
    return { running, results: unflattenTree(this.#trace.structure, tensors.values()) }
  }

  #storageFor(feed: Feed, leaves: readonly Tensor[], copies: Copy[]): Storage {
    switch (feed.kind) {
      case 'argument':
        return feed.memory.of(sourceOf((leaves[feed.index] as Tensor).node), copies)
      case 'variable':
        return feed.memory.storage
      case 'source':
        return this.#on.storageOf(feed.source)
    }
  }
}

/** Traces a function with arguments like these and compiles what it did. */
export async function makePlan(
  on: Runtime,
  fn: (...args: never) => Work<unknown>,
  args: readonly unknown[],
  budget: ConstantBudget | undefined,
): Promise<Plan> {
  const trace = await paced(tracing(fn, args))
  const { executable, leaves, outputs, bytes } = await build(on, trace.outputs, trace.results.length)
  const memories = new Map<Variable, VariableMemory>()
  const memoryOf = (variable: Variable): VariableMemory => {
    const memory = memories.get(variable) ?? new VariableMemory(on, variable)
    memories.set(variable, memory)
    return memory
  }
  const byInput = new Map([...trace.variables].map(([variable, node]) => [node, variable]))
  const feeds = leaves.map((leaf): Feed => {
    if (leaf.kind === 'data') return { kind: 'source', source: leaf.params.source }
    const variable = byInput.get(leaf)
    if (variable !== undefined) return { kind: 'variable', memory: memoryOf(variable) }
    const index = trace.arguments.indexOf(leaf)
    if (index === -1) throw strayInput(leaf)
    return { kind: 'argument', index, memory: new ArgumentMemory(on, leaf.dtype, leaf.shape) }
  })
  const after = outputs.slice(trace.results.length)
  const changes = trace.updates.map(({ variable }, i) => {
    const next = after[i] as Node
    return { before: trace.variables.get(variable) ?? next, after: next }
  })
  const inPlace = await paced(planInPlace(changes, outputs))
  const updates = trace.updates.map(({ variable }, i) => ({
    memory: memoryOf(variable),
    inPlace: inPlace[i] as boolean,
  }))
  // What the first call would have to do at once.
  await evaluateWith([], pendingAmong([...memories.values()]))
  await paced(uploading(memories.values()))
  await reserveAll(updates)
  const constantForm =
    budget === undefined || updates.length > 0 || on.engine.loadWithConstants === undefined
      ? undefined
      : constantFormOf(on, leaves, feeds, trace.outputs, budget)
  // What results become, arguments are copied into, and lies between is each program's own.
  const argumentBytes = feeds.reduce(
    (sum, feed, i) => sum + (feed.kind === 'argument' ? bytesOf(leaves[i] as Node) : 0),
    0,
  )
  return new Plan(on, trace, {
    executable,
    bytes: bytes + argumentBytes,
    feeds,
    memories: [...memories.values()],
    updates,
    constantForm,
  })
}

/** The form in which all leaves but the arguments are constants. */
function constantFormOf(
  on: Runtime,
  leaves: readonly Node[],
  feeds: readonly Feed[],
  outputs: readonly Node[],
  budget: ConstantBudget,
): ConstantForm {
  const inputs: Node[] = []
  const constants = new Map<Node, () => Storage>()
  const variables: Variable[] = []
  leaves.forEach((leaf, i) => {
    const feed = feeds[i] as Feed
    if (feed.kind === 'argument') inputs.push(leaf)
    else if (feed.kind === 'source') constants.set(leaf, () => on.storageOf(feed.source))
    else {
      constants.set(leaf, () => feed.memory.storage)
      variables.push(feed.memory.variable)
    }
  })
  return new ConstantForm(on, { outputs, inputs, constants, variables }, budget)
}

const strayInput = (leaf: Node): TraceError =>
  new TraceError({
    where: 'compile',
    expected: "tensors that exist outside of any trace, or this function's arguments",
    received: `a tensor from another trace (${leaf.kind === 'input' ? leaf.params.name : leaf.kind}, ${leaf.dtype} [${leaf.shape}])`,
    fix: 'Hand it in as an argument instead of keeping it from an earlier call.',
  })

const pendingAmong = (memories: readonly VariableMemory[]): Variable[] =>
  memories.filter(({ isPending }) => isPending).map(({ variable }) => variable)

/** Uploads the values of variables that are new to the engine. */
function* uploading(memories: Iterable<VariableMemory>): Work<void> {
  for (const memory of memories) {
    if (!memory.isPending) void memory.storage
    yield
  }
}
