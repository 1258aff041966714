import { TraceError } from '../base/errors.ts'
import { anything, boolean, checked, either, oneOf, optionsOf } from '../base/options.ts'
import { asWork, complete, type Work } from '../base/work.ts'
import type { Engine } from '../engine/engine.ts'
import { chosenEngine, getEngine } from '../engine/select.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { currentScope } from '../tensor/trace.ts'
import { FormSharing } from './constant-form.ts'
import { beginOn, contextOf, type EngineContext } from './engine-context.ts'
import { explainGraph } from './explain.ts'
import { mergePackings, type VariablePacking } from './packing.ts'
import { type Begun, makePlan, type Plan } from './plan.ts'
import { toModel } from './program.ts'
import { traceFunctionWork } from './trace.ts'
import { flattenTree, structureKey } from './tree.ts'

/** A function that runs as one model. */
export interface CompiledFunction<A extends readonly unknown[], R> {
  (...args: A): Promise<R>
  /** The traced graph after its optimisation, with its size as ONNX, for a person to read. */
  explain(...args: A): string
  /** The ONNX model for these arguments' shapes; variables are among its inputs and outputs, by name. */
  toOnnx(...args: A): Uint8Array
  /**
   * What the function makes now, on the engine that a call would run on, of each variable that it has read or assigned: whether it is packed (see
   * `packsWeights`), the bytes that this takes, and the reason where it is not.
   *
   * @example
   * const w = new Variable(ones([64, 64]), { name: 'w' })
   * const project = compile((x: Tensor) => x.matmul(w.value), { packsWeights: true })
   * for (let i = 0; i < 20; i++) await project(ones([1, 64]))
   * project.packing() // [{ variable: w, state: 'packed', bytes: 16384, reason: undefined }]
   */
  packing(): VariablePacking[]
}

export interface CompileFunctionOptions {
  /**
   * Whether variables that the function reads and does not assign may become constants of further models, so that the
   * runtime keeps them packed for its products and convolutions: the weights of a step that updates a cache, for
   * example. Such a model is made beside the event loop once variables have stayed the same for 8 calls with one
   * combination of arguments' shapes, and serves from the 17th on, until one of them changes; those that keep changing
   * stay inputs. Results may then differ in their last digits. What it costs in memory is bounded for all functions of an
   * engine together (`createEngine({ packedBytes })`), and `packing()` tells what was packed. `'at once'` has the first
   * call wait for such a model: for functions that are known to run often with the same weights. Default false.
   */
  readonly packsWeights?: boolean | 'at once'
  /**
   * Where the function runs, or a function that says so at each call. Default: where `withEngine` says at the call, else
   * on the default engine.
   */
  readonly engine?: Engine | (() => Engine | undefined)
}

const compileChecks = optionsOf<CompileFunctionOptions>()({
  packsWeights: either(boolean, oneOf('at once')),
  engine: anything,
})

/** What a function has on one engine. */
interface Planned {
  readonly plans: Map<string, Plan | Promise<Plan>>
  readonly sharing: FormSharing | undefined
}

/**
 * Makes a function of tensors run as one model: forward, backward and update in a single call to the engine.
 *
 * The function is traced once for every combination of its arguments' shapes, dtypes and other values
 * (strings, booleans, numbers), and must only combine tensors: it sees no values. Variables that it reads
 * become inputs; those that it assigns become outputs whose memory persists, written in place where that
 * is safe. Calls on one engine run in the order in which they are made; those on different engines run at the same time,
 * and a variable that one reads and another assigns has to be awaited in between. What another engine holds is copied.
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
  const { packsWeights = false, engine } = checked('compile', options, compileChecks)
  const planned = new WeakMap<EngineContext, Planned>()
  const plannedOn = (on: EngineContext): Planned => {
    const known = planned.get(on)
    if (known !== undefined) return known
    const sharing = packsWeights === false ? undefined : new FormSharing(packsWeights === 'at once')
    const made: Planned = { plans: new Map(), sharing }
    planned.set(on, made)
    return made
  }

  /** The engine that was chosen for a call made now; undefined for the default one. */
  const engineOfCall = (): Engine | undefined =>
    (typeof engine === 'function' ? engine() : engine) ?? chosenEngine()

  const planFor = async (on: EngineContext, args: A, key: string): Promise<Plan> => {
    const { plans, sharing } = plannedOn(on)
    const known = plans.get(key)
    if (known !== undefined && !(known instanceof Promise) && known.isStale) on.programs.letGo(known)
    const found = plans.get(key) ?? remember(plans, key, makePlan(on, work, args, sharing))
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
    const begun = beginOn(engineOfCall(), async (on) => {
      const brought = new Set<unknown>()
      const awaited = (plan: Plan) => plan.awaited(leaves, brought)
      for (;;) {
        const plan = await planFor(on, args, key)
        for (let due = awaited(plan); due !== undefined; due = awaited(plan)) await due
        // Others may have compiled so much meanwhile that this one has gone.
        if (!plan.isDropped && !plan.isStale) return plan.begin(leaves)
      }
    })
    return finished(begun) as Promise<R>
  }
  const traced = (args: A) => {
    const trace = complete(traceFunctionWork(work, args))
    const names = { inputs: trace.names, outputs: trace.outputNames }
    return toModel(trace.outputs, names)
  }
  return Object.assign(run, {
    explain: (...args: A) => {
      const { model, outputs } = traced(args)
      return explainGraph(outputs, model, encodeModel(model).length)
    },
    toOnnx: (...args: A) => encodeModel(traced(args).model),
    packing: () => {
      const on = engineOfCall() ?? getEngine()
      const plans = on === undefined ? [] : plannedOn(contextOf(on)).plans.values()
      return mergePackings([...plans].flatMap((plan) => (plan instanceof Promise ? [] : plan.packing())))
    },
  })
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
