import { TraceError } from '../base/errors.ts'
import { gate } from '../base/gate.ts'
import { boolean, checked, optionsOf } from '../base/options.ts'
import { asWork, complete, type Work } from '../base/work.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { currentScope } from '../tensor/trace.ts'
import { ConstantBudget } from './constant-form.ts'
import { explainGraph } from './explain.ts'
import { type Begun, makePlan, type Plan } from './plan.ts'
import { toModel } from './program.ts'
import { type Runtime, runtime } from './runtime.ts'
import { tracing } from './trace.ts'
import { flattenTree, structureKey } from './tree.ts'

/** A function that runs as one model. */
export interface CompiledFunction<A extends readonly unknown[], R> {
  (...args: A): Promise<R>
  /** The traced graph after its optimisation, with its size as ONNX, for a person to read. */
  explain(...args: A): string
  /** The ONNX model for these arguments' shapes; variables are among its inputs and outputs, by name. */
  toOnnx(...args: A): Uint8Array
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

  const planFor = async (args: A, key: string): Promise<Plan> => {
    const on = await runtime()
    if (plannedOn !== on) {
      plans.clear()
      plannedOn = on
      budget = packsWeights ? new ConstantBudget() : undefined
    }
    const known = plans.get(key)
    if (known !== undefined && !(known instanceof Promise) && known.isStale) on.programs.letGo(known)
    const found = plans.get(key) ?? remember(plans, key, makePlan(on, work, args, budget))
    const plan = found instanceof Promise ? await found : found
    plan.forget ??= () => {
      if (plans.get(key) === plan) plans.delete(key)
    }
    if (!plan.isDropped) on.programs.use(plan)
    return plan
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
        const plan = await planFor(args, key)
        for (let due = plan.awaited(leaves); due !== undefined; due = plan.awaited(leaves)) await due
        // Others may have compiled so much meanwhile that this one has gone.
        if (!plan.isDropped && !plan.isStale) return plan.begin(leaves)
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
