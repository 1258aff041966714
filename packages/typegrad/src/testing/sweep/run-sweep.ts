import type { KernelSweep } from './case.ts'
import { type Dimensions, endless, pairs, singles } from './dimensions.ts'
import type { Executor } from './executor.ts'
import { Random } from './random.ts'
import { runCase } from './run-case.ts'

/**
 * `nothing`: the values do not go together; `left`: nothing here executes its instructions; else whether the numbers
 * were right, or which case gave what.
 */
export type Verdict = 'nothing' | 'left' | 'right' | { readonly wrong: string }

/** Cases by what they differ in, each of which is made, run and judged at once. */
export interface Sweep<T extends object = object> {
  readonly dimensions: Dimensions<T>
  /** About how many cases the short form takes. Default 120. */
  readonly shortCases?: number
  judge(values: T, random: Random): Verdict | Promise<Verdict>
}

/** A kernel's cases on an executor of its machine code. */
export const sweepOfKernel = (executor: Executor, sweep: KernelSweep): Sweep => ({
  dimensions: sweep.dimensions,
  async judge(values, random) {
    const made = sweep.build(values, random)
    if (made === undefined) return 'nothing'
    if ('tile' in made.kernel && !executor.tiles.has(made.kernel.tile)) return 'left'
    const wrong = await runCase(executor, made, random)
    return wrong === undefined ? 'right' : { wrong: `${wrong}: ${JSON.stringify(made.kernel)}` }
  },
})

/**
 * `short`: each value of each dimension, of which some are taken; `whole`: each pair of values of two
 * dimensions; `endless`: values at random, until the time is over.
 */
export const forms = ['short', 'whole', 'endless'] as const
export type Form = (typeof forms)[number]

export interface SweepOptions {
  readonly name: string
  readonly form: Form
  readonly seed: number
  /** Cases before this one are left out. Default 0. */
  readonly from?: number | undefined
  /** This case alone. */
  readonly only?: number | undefined
  /** Ends the sweep at this time, by Date.now(). */
  readonly until?: number | undefined
  /** Called before each case. */
  onCase?(index: number): void
  onFailure(index: number, message: string): void
}

/** How many cases were run, and how many wait for an executor that knows their instructions. */
export interface Counts {
  readonly cases: number
  readonly left: number
}

/** Runs all cases of one sweep. The same options give the same cases. */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<Counts> {
  const { name, form, seed, from = 0, only, until = Number.POSITIVE_INFINITY } = options
  const all = { short: singles, whole: pairs, endless }[form](
    sweep.dimensions,
    new Random(hash(`${name} ${form} ${seed}`)),
  )
  const most = form === 'short' ? [...singles(sweep.dimensions, new Random(0))].length : 1
  const step = form === 'short' ? Math.ceil(most / (sweep.shortCases ?? 120)) : 1
  let [index, cases, left] = [-1, 0, 0]
  for (const values of all) {
    index += 1
    if (index < from || index % step !== 0 || (only !== undefined && index !== only)) continue
    if (Date.now() > until) break
    options.onCase?.(index)
    const verdict = await judged(sweep, values, new Random(hash(`${name} ${form} ${seed} ${index}`)))
    if (verdict === 'left') left += 1
    else if (verdict !== 'nothing') cases += 1
    if (typeof verdict !== 'string') options.onFailure(index, verdict.wrong)
    if (index === only) break
  }
  return { cases, left }
}

/** An error is a failure of its case. */
async function judged(sweep: Sweep, values: object, random: Random): Promise<Verdict> {
  try {
    return await sweep.judge(values, random)
  } catch (error) {
    return { wrong: `${JSON.stringify(values)}: ${error instanceof Error ? error.stack : String(error)}` }
  }
}

/** FNV-1a of 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
