import { copyInto } from '../base/copy.ts'
import { ShapeError, TraceError } from '../base/errors.ts'
import { gate } from '../base/gate.ts'
import { boolean, checked, optionsOf } from '../base/options.ts'
import { bytesOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { asWork, complete, paced, type Work, within } from '../base/work.ts'
import type { Storage } from '../engine/engine.ts'
import { type DataSource, makeNode, type Node } from '../graph/node.ts'
import { encodeModel } from '../onnx/encode.ts'
import { evaluateWith, Tensor } from '../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../tensor/trace.ts'
import { redefinitionCount, type Variable } from '../tensor/variable.ts'
import { ArgumentMemory } from './argument-memory.ts'
import { ConstantBudget, ConstantForm } from './constant-form.ts'
import { explainGraph } from './explain.ts'
import { planInPlace } from './in-place.ts'
import { build, toModel } from './program.ts'
import type { KeptProgram } from './program-cache.ts'
import { type Copy, copyAll, Results, runAndDeliver } from './results.ts'
import { type Runtime, runtime } from './runtime.ts'
import { flattenTree, type Structure, structureKey, unflattenTree } from './tree.ts'

/** A function that runs as one model. */
export interface CompiledFunction<A extends readonly unknown[], R> {
  (...args: A): Promise<R>
  /** The traced graph after its optimisation, with its size as ONNX, for a person to read. */
  explain(...args: A): string
  /** The ONNX model for these arguments' shapes; variables are among its inputs and outputs, by name. */
  toOnnx(...args: A): Uint8Array
  /** Compiles for these arguments' shapes without running. */
  prepare(...args: A): Promise<void>
}

export interface CompileFunctionOptions {
  /**
   * Whether a function that assigns no variable may get a second model, in which the variables that it reads are
   * constants, so that the runtime keeps them packed for its products and convolutions. It is made beside the event
   * loop after 8 calls with unchanged variables, and serves from the 17th on until one of them changes. Results may
   * then differ in their last digits. It costs memory of the size of the variables for every combination of
   * arguments' shapes, up to 512 MB a function. Default false.
   */
  readonly packsWeights?: boolean
}

const compileChecks = optionsOf<CompileFunctionOptions>()({ packsWeights: boolean })

/**
 * Makes a function of tensors run as one model: forward, backward and update in a single call to the engine.
 *
 * The function is traced once for every combination of its arguments' shapes, dtypes and other values
 * (strings, booleans, numbers), and must only combine tensors: it sees no values. Variables that it reads
 * become inputs; those that it assigns become outputs whose memory persists, written in place where that
 * is safe. Calls run in the order in which they are made.
 *
 * @throws TraceError if the function looks at a value, or is asynchronous.
 * @example
 * const step = compile((x: Tensor, y: Tensor) => {
 *   const { value, grads } = valueAndGrad(() => lossOf(model.call(x), y), weights)
 *   weights.forEach((w, i) => w.assign(w.value.sub(grads[i].mul(0.1))))
 *   return value
 * })
 * const loss = await step(x, y)
 */
export const compile = <A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options?: CompileFunctionOptions,
): CompiledFunction<A, R> => compileWork((...args: A) => asWork(() => fn(...args)), options)

/** `compile` of work that may be interrupted, so that the trace of a large model does not hold up the event loop. */
export function compileWork<A extends readonly unknown[], R>(
  work: (...args: A) => Work<R>,
  options: CompileFunctionOptions = {},
): CompiledFunction<A, R> {
  const { packsWeights = false } = checked('compile', options, compileChecks)
  const plans = new Map<string, Plan | Promise<Plan>>()
  let plannedOn: Runtime | undefined
  let budget: ConstantBudget | undefined

  const planFor = async (args: A, key: string): Promise<{ on: Runtime; plan: Plan }> => {
    const on = await runtime()
    if (plannedOn !== on) {
      plans.clear()
      plannedOn = on
      budget = packsWeights ? new ConstantBudget() : undefined
    }
    const known = plans.get(key)
    if (known !== undefined && !(known instanceof Promise) && isStale(known)) on.programs.letGo(known)
    const found = plans.get(key) ?? remember(plans, key, makePlan(on, work, args, budget))
    const plan = found instanceof Promise ? await found : found
    plan.forget ??= () => {
      if (plans.get(key) === plan) plans.delete(key)
    }
    if (!plan.isDropped) on.programs.use(plan)
    return { on, plan }
  }
  const run = (...args: A): Promise<R> => {
    if (currentScope() !== undefined) {
      throw new TraceError({
        where: 'compile',
        expected: 'a compiled function to be called from outside of traced functions',
        received: 'a call while another function is traced',
        fix: 'Call the plain function there: it becomes a part of the outer graph.',
      })
    }
    const leaves: Tensor[] = []
    const key = signature(args, leaves)
    const begun = inTurn(async () => {
      for (;;) {
        const { on, plan } = await planFor(args, key)
        for (let due = awaited(plan, leaves); due !== undefined; due = awaited(plan, leaves)) await due
        // Others may have compiled so much meanwhile that this one has gone.
        if (!plan.isDropped && !isStale(plan)) return begin(on, plan, leaves)
      }
    })
    return finished(begun) as Promise<R>
  }
  const traced = (args: A) => {
    const trace = complete(tracing(work, args))
    const names = { inputs: trace.names, outputs: trace.outputNames }
    return toModel(trace.outputs, names)
  }
  return Object.assign(run, {
    explain: (...args: A) => {
      const { model, outputs } = traced(args)
      return explainGraph(outputs, model, encodeModel(model).length)
    },
    toOnnx: (...args: A) => encodeModel(traced(args).model),
    prepare: async (...args: A) => {
      await planFor(args, signature(args, []))
    },
  })
}

/** Settles when the last call that was made has begun, or failed to. */
let turn: Promise<void> = Promise.resolve()

/**
 * Begins one call after the other, whatever each waits for first: its compilation, or a pending argument. What fails
 * is awaited once and nowhere chained with `then`, here, in `finished` and in the runtime: only so does an error's stack
 * lead to the line that called.
 */
async function inTurn<T>(begin: () => Promise<T>): Promise<T> {
  const before = turn
  const { opened, open } = gate()
  turn = opened
  await before
  try {
    return await begin()
  } finally {
    open()
  }
}

/** The results, in the structure of what the function returns, once they are there. */
async function finished(begun: Promise<Begun>): Promise<unknown> {
  const { running, results } = await begun
  if (running !== undefined) await running
  return results
}

/** Keeps a plan in the making, so that calls at the same time share it, then the plan; nothing if it fails. */
function remember(
  plans: Map<string, Plan | Promise<Plan>>,
  key: string,
  making: Promise<Plan>,
): Promise<Plan> {
  plans.set(key, making)
  making.then(
    (plan) => plans.set(key, plan),
    () => plans.delete(key),
  )
  return making
}

function signature(args: readonly unknown[], leaves: Tensor[]): string {
  let key = structureKey(flattenTree(args, leaves))
  for (const { dtype, shape } of leaves) key += `|${dtype}${shape.join()}`
  return key
}

/** Where an input of the model comes from at each call. */
type Feed =
  | { readonly kind: 'argument'; readonly index: number; readonly memory: ArgumentMemory }
  | { readonly kind: 'variable'; readonly state: VariableState }
  | { readonly kind: 'source'; readonly source: DataSource }

/** A variable as one compiled function knows it; the storage is looked up again only when its node changed. */
interface VariableState {
  readonly variable: Variable
  node: Node | undefined
  storage: Storage | undefined
}

interface Update {
  readonly state: VariableState
  readonly inPlace: boolean
}

interface Plan extends KeptProgram {
  /** Takes it out of its function's plans. */
  forget: (() => void) | undefined
  isDropped: boolean
  /** What reading each variable meant when it was traced. */
  readonly revisions: ReadonlyMap<Variable, number>
  /** The `redefinitionCount` at which these were last found to be the same. */
  trueAt: number
  readonly feeds: readonly Feed[]
  /** Those of the constant form. */
  readonly argumentFeeds: readonly Feed[]
  readonly states: readonly VariableState[]
  readonly structure: Structure
  /** The function's own results, in the order of its leaves. */
  readonly results: Results
  readonly updates: readonly Update[]
  readonly constantForm: ConstantForm | undefined
}

/** Whether a variable is computed from others since, or no longer, so that the trace reads what nothing stands for. */
function isStale(plan: Plan): boolean {
  const count = redefinitionCount()
  if (plan.trueAt === count) return false
  for (const [variable, revision] of plan.revisions) if (variable.revision !== revision) return true
  plan.trueAt = count
  return false
}

interface Trace {
  readonly arguments: readonly Node[]
  readonly structure: Structure
  readonly results: readonly Node[]
  readonly updates: readonly { readonly variable: Variable; readonly after: Node }[]
  readonly variables: ReadonlyMap<Variable, Node>
  readonly revisions: ReadonlyMap<Variable, number>
  readonly outputs: readonly Node[]
  readonly names: ReadonlyMap<Node, string>
  readonly outputNames: readonly string[]
}

/** Variables as inputs of the graph that is traced. */
class TraceScope implements VariableScope {
  readonly inputs = new Map<Variable, Node>()
  readonly revisions = new Map<Variable, number>()
  readonly assigned = new Map<Variable, Node>()

  read(variable: Variable): Node {
    return this.assigned.get(variable) ?? this.#inputOf(variable)
  }

  assign(variable: Variable, value: Node): void {
    this.revisions.set(variable, variable.revision)
    this.assigned.set(variable, value)
  }

  #inputOf(variable: Variable): Node {
    let node = this.inputs.get(variable)
    if (node === undefined) {
      const { name, dtype, shape } = variable
      node = makeNode('input', [], { name, dtype, shape })
      this.inputs.set(variable, node)
      this.revisions.set(variable, variable.revision)
    }
    return node
  }
}

function* tracing(fn: (...args: never) => Work<unknown>, args: readonly unknown[]): Work<Trace> {
  const leaves: Tensor[] = []
  const argumentStructure = flattenTree(args, leaves)
  const placeholders = leaves.map(({ dtype, shape }, i) =>
    makeNode('input', [], { name: `argument_${i}`, dtype, shape }),
  )
  const scope = new TraceScope()
  const traced = unflattenTree(argumentStructure, placeholders.map((node) => new Tensor(node)).values())
  const work = (fn as (...args: unknown[]) => Work<unknown>)(...(traced as unknown[]))
  const value = yield* within((portion) => withScope(scope, portion), work)
  if (value instanceof Promise) {
    // The promise's own failure would only repeat what is said here.
    value.catch(() => {})
    throw new TraceError({
      where: 'compile',
      expected: 'a synchronous function',
      received: 'an async one, or one that returns a promise',
      fix: 'Await data before the call and results after it.',
    })
  }
  const resultTensors: Tensor[] = []
  const structure = flattenTree(value, resultTensors)
  const results = resultTensors.map((t) => t.node)
  const updates = [...scope.assigned].map(([variable, after]) => ({ variable, after }))
  const names = new Map<Node, string>()
  const taken = new Set<string>()
  const unique = (wish: string): string => {
    let name = wish
    for (let i = 1; taken.has(name); i++) name = `${wish}_${i}`
    taken.add(name)
    return name
  }
  placeholders.forEach((node, i) => {
    names.set(node, unique(`argument_${i}`))
  })
  for (const [variable, node] of scope.inputs) names.set(node, unique(variable.name))
  return {
    arguments: placeholders,
    structure,
    results,
    updates,
    variables: scope.inputs,
    revisions: scope.revisions,
    outputs: [...results, ...updates.map((update) => update.after)],
    names,
    outputNames: [
      ...results.map((_, i) => unique(`result_${i}`)),
      ...updates.map(({ variable }) => unique(`${variable.name}_next`)),
    ],
  }
}

/** What a function's arguments and results are in the graph, its variables being others of its inputs. */
export const traceWork = (
  work: (...args: never) => Work<unknown>,
  args: readonly unknown[],
): Promise<Pick<Trace, 'arguments' | 'results' | 'updates'>> => paced(tracing(work, args))

async function makePlan(
  on: Runtime,
  fn: (...args: never) => Work<unknown>,
  args: readonly unknown[],
  budget: ConstantBudget | undefined,
): Promise<Plan> {
  const trace = await paced(tracing(fn, args))
  const { executable, leaves, outputs, bytes } = await build(on, trace.outputs, trace.results.length)
  const states = new Map<Variable, VariableState>()
  const stateOf = (variable: Variable): VariableState => {
    const state = states.get(variable) ?? { variable, node: undefined, storage: undefined }
    states.set(variable, state)
    return state
  }
  const byInput = new Map([...trace.variables].map(([variable, node]) => [node, variable]))
  const feeds = leaves.map((leaf): Feed => {
    if (leaf.kind === 'data') return { kind: 'source', source: leaf.params.source }
    const variable = byInput.get(leaf)
    if (variable !== undefined) return { kind: 'variable', state: stateOf(variable) }
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
    state: stateOf(variable),
    inPlace: inPlace[i] as boolean,
  }))
  // What the first call would have to do at once.
  await evaluateWith([], pendingAmong([...states.keys()]))
  await paced(uploading(on, states.values()))
  await memoryAhead(on, updates)
  const constantForm =
    budget === undefined || updates.length > 0 || on.engine.loadWithConstants === undefined
      ? undefined
      : constantFormOf(on, leaves, feeds, trace.outputs, budget)
  const plan: Plan = {
    executable,
    // What results become, arguments are copied into, and lies between is each program's own.
    bytes:
      bytes +
      feeds.reduce((sum, feed, i) => sum + (feed.kind === 'argument' ? bytesOf(leaves[i] as Node) : 0), 0),
    isDropped: false,
    forget: undefined,
    drop: () => {
      plan.isDropped = true
      plan.forget?.()
      constantForm?.changed()
    },
    constantForm,
    revisions: trace.revisions,
    trueAt: -1,
    feeds,
    argumentFeeds: feeds.filter(({ kind }) => kind === 'argument'),
    states: [...states.values()],
    structure: trace.structure,
    results: new Results(on, trace.results),
    updates,
  }
  return plan
}

/** The form in which all leaves but the arguments are constants. */
function constantFormOf(
  on: Runtime,
  leaves: readonly Node[],
  feeds: readonly Feed[],
  outputs: readonly Node[],
  budget: ConstantBudget,
): ConstantForm {
  const isArgument = (_: Node, i: number) => feeds[i]?.kind === 'argument'
  const constants = leaves.flatMap((leaf, i) =>
    isArgument(leaf, i) ? [] : [[leaf, () => storageFor(on, feeds[i] as Feed, [], [])] as const],
  )
  const variables = feeds.flatMap((feed) => (feed.kind === 'variable' ? [feed.state.variable] : []))
  const inputs = leaves.filter(isArgument)
  return new ConstantForm(on, { outputs, inputs, constants: new Map(constants), variables }, budget)
}

/**
 * The memory that the first call writes new values into. All of a large model's at once would hold up the event
 * loop: hundreds of megabytes make the garbage collector look around.
 */
async function memoryAhead(on: Runtime, updates: readonly Update[]): Promise<void> {
  const pacer = new Pacer()
  for (const { state, inPlace } of updates) {
    const { variable } = state
    // What is pending yet becomes the variable's own, as a rule, when it is computed.
    const isOwn = !variable.shared || variable.node.kind !== 'data'
    if (inPlace && (isOwn || (await takeCopy(on, state)))) continue
    if (!on.spares.has(variable)) on.spares.set(variable, on.allocate(variable))
    if (pacer.due()) await pacer.turn()
  }
}

/**
 * Gives a variable memory of its own with the value that other tensors may hold. What it leaves behind can be
 * collected before the first call, which takes more memory than any other.
 *
 * @returns false on a device whose memory JavaScript does not see.
 */
async function takeCopy(on: Runtime, state: VariableState): Promise<boolean> {
  const { variable } = state
  const { node } = variable
  const { host } = storageOfVariable(on, state)
  const own = host === null ? undefined : on.allocate(variable)
  if (host === null || own === undefined || own.host === null) return false
  const target = own.host
  // A run that is under way may be writing what is copied.
  await on.enqueue(() => copyInto(target, host))
  // A newer assignment wins.
  if (variable.node !== node) return false
  adopt(on, state, own)
  variable.shared = false
  return true
}

const strayInput = (leaf: Node): TraceError =>
  new TraceError({
    where: 'compile',
    expected: "tensors that exist outside of any trace, or this function's arguments",
    received: `a tensor from another trace (${leaf.kind === 'input' ? leaf.params.name : leaf.kind}, ${leaf.dtype} [${leaf.shape}])`,
    fix: 'Hand it in as an argument instead of keeping it from an earlier call.',
  })

/** A run that was put into the queue, and the results that it will have written at its end. */
interface Begun {
  readonly running: void | Promise<void>
  readonly results: unknown
}

/** Nothing waits here, so that calls made one after another see each other's updates. */
function begin(on: Runtime, plan: Plan, leaves: readonly Tensor[]): Begun {
  const constant = plan.constantForm?.begin()
  const executable = constant ?? plan.executable
  const feeds = constant === undefined ? plan.feeds : plan.argumentFeeds
  const copies: Copy[] = []
  const inputs = feeds.map((feed) => storageFor(on, feed, leaves, copies))
  const results = plan.results.begin()
  const outputs = results.storages
  for (const update of plan.updates) outputs.push(nextStorage(on, update))
  const running = on.enqueue(() => {
    copyAll(copies)
    return runAndDeliver(() => executable.run(inputs, outputs), results)
  })
  const tensors = results.leaves.map((leaf) => new Tensor(leaf))
  return { running, results: unflattenTree(plan.structure, tensors.values()) }
}

function storageFor(on: Runtime, feed: Feed, leaves: readonly Tensor[], copies: Copy[]): Storage {
  switch (feed.kind) {
    case 'argument':
      return feed.memory.of(sourceOf((leaves[feed.index] as Tensor).node), copies)
    case 'variable':
      return storageOfVariable(on, feed.state)
    case 'source':
      return on.storageOf(feed.source)
  }
}

/** What a call has to wait for before it can begin; undefined if there is nothing. */
const awaited = (plan: Plan, leaves: readonly Tensor[]): Promise<void> | undefined =>
  settle(plan, leaves) ?? plan.constantForm?.awaited()

/** Computes arguments and variables that are pending; undefined if none is. */
function settle(plan: Plan, leaves: readonly Tensor[]): Promise<void> | undefined {
  const pending = leaves.filter((leaf) => leaf.node.kind !== 'data')
  const variables = pendingAmong(plan.states.map(({ variable }) => variable))
  return pending.length + variables.length === 0 ? undefined : evaluateWith(pending, variables)
}

const pendingAmong = (variables: readonly Variable[]): Variable[] =>
  variables.filter(({ node }) => node.kind !== 'data')

/** Looks up the storages of variables, which makes those of new ones. */
function* uploading(on: Runtime, states: Iterable<VariableState>): Work<void> {
  for (const state of states) {
    if (state.variable.node.kind === 'data') storageOfVariable(on, state)
    yield
  }
}

function storageOfVariable(on: Runtime, state: VariableState): Storage {
  const { node } = state.variable
  if (state.node !== node || state.storage === undefined) {
    state.storage = on.storageOf(sourceOf(node))
    state.node = node
  }
  return state.storage
}

/** Where a variable's new value goes, which is the variable's memory from now on. */
function nextStorage(on: Runtime, { state, inPlace }: Update): Storage {
  const { variable } = state
  variable.changed()
  if (variable.node.kind === 'data' && !variable.shared) {
    const storage = storageOfVariable(on, state)
    if (inPlace) return storage
    const next = on.spares.get(variable) ?? on.allocate(variable)
    on.spares.set(variable, storage)
    adopt(on, state, next)
    return next
  }
  // Other tensors may hold the old value: it stays theirs.
  const next = on.spares.get(variable) ?? on.allocate(variable)
  on.spares.delete(variable)
  adopt(on, state, next)
  variable.shared = false
  return next
}

function adopt(on: Runtime, state: VariableState, storage: Storage): void {
  state.storage = storage
  state.node = on.leafOf(storage)
  state.variable.node = state.node
}

function sourceOf(node: Node): DataSource {
  if (node.kind !== 'data') throw new ShapeError('compile: a value is pending after its evaluation')
  return node.params.source
}
