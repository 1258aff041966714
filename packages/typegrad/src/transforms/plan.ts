import { TraceError } from '../base/errors.ts'
import { bytesOf } from '../base/shape.ts'
import { paced, type Work } from '../base/work.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import { withEngine } from '../engine/select.ts'
import type { DataSource, Node } from '../graph/node.ts'
import { evaluateWith, Tensor } from '../tensor/tensor.ts'
import { redefinitionCount, type Variable } from '../tensor/variable.ts'
import { ArgumentMemory } from './argument-memory.ts'
import { ConstantForm, type FormLeaf, type FormSharing } from './constant-form.ts'
import { areSeveralEngines, type EngineContext } from './engine-context.ts'
import { planInPlaceWork } from './in-place.ts'
import type { Packing } from './packing.ts'
import { build } from './program.ts'
import type { KeptProgram } from './program-cache.ts'
import { type Copy, copyAll, Results, runAndDeliver } from './results.ts'
import { type Trace, traceFunctionWork } from './trace.ts'
import { unflattenTree } from './tree.ts'
import { reserveAll, sourceOf, type Update, VariableMemory } from './variable-memory.ts'

/** Where an input of the model comes from at each call. */
type InputOrigin =
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
  readonly origins: readonly InputOrigin[]
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
  readonly #on: EngineContext
  readonly #trace: Pick<Trace, 'structure' | 'revisions'>
  readonly #origins: readonly InputOrigin[]
  /** What the function captured. */
  readonly #sources: readonly DataSource[]
  readonly #memories: readonly VariableMemory[]
  readonly #updates: readonly Update[]
  /** The function's own results, in the order of its leaves. */
  readonly #results: Results
  readonly #constantForm: ConstantForm | undefined
  #isDropped = false
  /** The `redefinitionCount` at which the trace was last found to be true. */
  #trueAt = -1

  constructor(on: EngineContext, { structure, revisions, results }: Trace, parts: PlanParts) {
    this.#on = on
    this.#trace = { structure, revisions }
    this.#results = new Results(on, results)
    this.executable = parts.executable
    this.bytes = parts.bytes
    this.#origins = parts.origins
    this.#sources = parts.origins.flatMap((origin) => (origin.kind === 'source' ? [origin.source] : []))
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
    this.#constantForm?.drop()
  }

  /**
   * What a call with these arguments has to wait for before it can begin; undefined if there is nothing.
   *
   * @param brought what the call has copied from other engines already, which may have changed there since: between
   * engines there is no order but that of the calls that were awaited.
   */
  awaited(leaves: readonly Tensor[], brought = new Set<unknown>()): Promise<void> | undefined {
    return this.#settle(leaves) ?? this.#bring(leaves, brought) ?? this.#constantForm?.awaited()
  }

  /** What each variable is now. */
  packing(): Packing[] {
    const assigned = new Set(this.#updates.map(({ memory }) => memory.variable))
    const known = this.#constantForm?.packing()
    const rest =
      known === undefined ? this.#memories : this.#memories.filter(({ variable }) => assigned.has(variable))
    return [
      ...(known ?? []),
      ...rest.map(({ variable }): Packing => {
        const reason = assigned.has(variable) ? 'the function assigns it' : this.#noForm
        return { variable, state: 'input', reason, pieces: [] }
      }),
    ]
  }

  get #noForm(): string {
    return this.#on.engine.loadWithConstants === undefined
      ? `the engine '${this.#on.engine.name}' packs nothing on ${this.#on.engine.device}`
      : 'compile was not asked to: packsWeights is false'
  }

  /** Computes arguments and variables that are pending; undefined if none is. */
  #settle(leaves: readonly Tensor[]): Promise<void> | undefined {
    const pending = leaves.filter((leaf) => leaf.node.kind !== 'data')
    const variables = pendingAmong(this.#memories)
    if (pending.length + variables.length === 0) return undefined
    return withEngine(this.#on.engine, () => evaluateWith(pending, variables))
  }

  /** Copies what other engines hold, all of it as it is at one time; undefined if there is nothing to copy. */
  #bring(leaves: readonly Tensor[], brought: Set<unknown>): Promise<void> | undefined {
    if (!areSeveralEngines()) return undefined
    const on = this.#on
    const sources = [...leaves.map(({ node }) => sourceOf(node)), ...this.#sources].filter(
      (source) => on.isForeign(source) && !brought.has(source),
    )
    const memories = this.#memories.filter((memory) => memory.isForeign && !brought.has(memory))
    if (sources.length + memories.length === 0) return undefined
    for (const one of [...sources, ...memories]) brought.add(one)
    return allOf([on.bring(sources), ...memories.map((memory) => memory.bring())])
  }

  /** Queues a run. Nothing waits here, so that calls made one after another see each other's updates. */
  begin(leaves: readonly Tensor[]): Begun {
    const form = this.#constantForm?.begin()
    const executable = form?.executable ?? this.executable
    const origins = form?.inputs.map((i) => this.#origins[i] as InputOrigin) ?? this.#origins
    const copies: Copy[] = []
    const inputs = origins.map((origin) => this.#storageFor(origin, leaves, copies))
    const results = this.#results.begin()
    const outputs = results.storages
    this.#updates.forEach(({ memory, inPlace }, i) => {
      outputs.push(memory.next(form?.inPlace[i] ?? inPlace))
    })
    const running = this.#on.enqueue(() => {
      copyAll(copies)
      return runAndDeliver(() => executable.run(inputs, outputs), results)
    })
    const tensors = results.leaves.map((leaf) => new Tensor(leaf))
    return { running, results: unflattenTree(this.#trace.structure, tensors.values()) }
  }

  #storageFor(origin: InputOrigin, leaves: readonly Tensor[], copies: Copy[]): Storage {
    switch (origin.kind) {
      case 'argument':
        return origin.memory.of(sourceOf((leaves[origin.index] as Tensor).node), copies)
      case 'variable':
        return origin.memory.storage
      case 'source':
        return this.#on.storageOf(origin.source)
    }
  }
}

/** Traces a function with arguments like these and compiles what it did. */
export async function makePlan(
  on: EngineContext,
  fn: (...args: never) => Work<unknown>,
  args: readonly unknown[],
  sharing: FormSharing | undefined,
): Promise<Plan> {
  const trace = await paced(traceFunctionWork(fn, args))
  const { executable, leaves, outputs, bytes } = await build(on, trace.outputs, trace.results.length)
  const memories = new Map<Variable, VariableMemory>()
  const memoryOf = (variable: Variable): VariableMemory => {
    const memory = memories.get(variable) ?? new VariableMemory(on, variable)
    memories.set(variable, memory)
    return memory
  }
  const byInput = new Map([...trace.variables].map(([variable, node]) => [node, variable]))
  const origins = leaves.map((leaf): InputOrigin => {
    if (leaf.kind === 'data') return { kind: 'source', source: leaf.params.source }
    const variable = byInput.get(leaf)
    if (variable !== undefined) return { kind: 'variable', memory: memoryOf(variable) }
    const index = trace.arguments.indexOf(leaf)
    if (index === -1) throw strayInput(leaf)
    return { kind: 'argument', index, memory: new ArgumentMemory(on, leaf.dtype, leaf.shape) }
  })
  const inPlace = await paced(planUpdatesWork(trace, outputs))
  const updates = trace.updates.map(({ variable }, i) => ({
    memory: memoryOf(variable),
    inPlace: inPlace[i] as boolean,
  }))
  // What the first call would have to do at once.
  await withEngine(on.engine, () => evaluateWith([], pendingAmong([...memories.values()])))
  await allOf([...memories.values()].map((memory) => memory.bring()))
  await paced(uploadWork(memories.values()))
  await reserveAll(updates)
  const constantForm =
    sharing === undefined || on.engine.loadWithConstants === undefined
      ? undefined
      : constantFormOf(on, trace, leaves, origins, sharing)
  // What results become, arguments are copied into, and lies between is each program's own.
  const argumentBytes = origins.reduce(
    (sum, origin, i) => sum + (origin.kind === 'argument' ? bytesOf(leaves[i] as Node) : 0),
    0,
  )
  return new Plan(on, trace, {
    executable,
    bytes: bytes + argumentBytes,
    origins,
    memories: [...memories.values()],
    updates,
    constantForm,
  })
}

/** For each variable that is assigned whether its new value, one of the outputs after all passes, may be in place. */
function planUpdatesWork({ results, updates, variables }: Trace, outputs: readonly Node[]): Work<boolean[]> {
  const after = outputs.slice(results.length)
  const changes = updates.map(({ variable }, i) => {
    const next = after[i] as Node
    return { before: variables.get(variable) ?? next, after: next }
  })
  return planInPlaceWork(changes, outputs)
}

/** The forms in which variables that the function does not assign are constants. */
function constantFormOf(
  on: EngineContext,
  trace: Trace,
  leaves: readonly Node[],
  origins: readonly InputOrigin[],
  sharing: FormSharing,
): ConstantForm {
  const assigned = new Set(trace.updates.map(({ variable }) => variable))
  const formLeaves = leaves.map((node, i): FormLeaf => {
    const origin = origins[i] as InputOrigin
    if (origin.kind === 'source')
      return { kind: 'captured', node, source: origin.source, storage: () => on.storageOf(origin.source) }
    if (origin.kind === 'argument' || assigned.has(origin.memory.variable)) return { kind: 'input', node }
    const { memory } = origin
    return { kind: 'variable', node, variable: memory.variable, storage: () => memory.storage }
  })
  const graph = {
    outputs: trace.outputs,
    leaves: formLeaves,
    planUpdates: (outputs: readonly Node[]) => planUpdatesWork(trace, outputs),
  }
  return new ConstantForm(on, graph, sharing)
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
function* uploadWork(memories: Iterable<VariableMemory>): Work<void> {
  for (const memory of memories) {
    if (!memory.isPending && !memory.isForeign) void memory.storage
    yield
  }
}

async function allOf(parts: readonly (Promise<void> | undefined)[]): Promise<void> {
  await Promise.all(parts)
}
