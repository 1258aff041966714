import type { ProductTile } from 'typegrad/engine'
import type { KernelCase, KernelSweep } from './case.ts'
import { type Dimensions, endless, pairs, singles } from './dimensions.ts'
import { Random } from './random.ts'

/** `nothing`: the values do not go together; else whether the numbers were right, or which case gave what. */
export type Verdict = 'nothing' | 'right' | { readonly wrong: string }

/** Cases by what they differ in, each of which is made, run and judged at once. */
export interface Sweep<T extends object = object> {
  readonly dimensions: Dimensions<T>
  /** About how many cases the short form takes. Default 120. */
  readonly shortCases?: number
  judge(values: T, random: Random): Verdict | Promise<Verdict>
}

/**
 * A kernel's cases: its tiles are those of one width, so that every pair of its other dimensions' values meets it.
 *
 * @param run runs one and says what is wrong.
 */
export const sweepOfKernel = (
  { dimensions, shortCases, build }: KernelSweep,
  tile: ProductTile,
  run: (sweepCase: KernelCase, random: Random) => Promise<string | undefined>,
): Sweep => ({
  dimensions: hasTiles(dimensions) ? { ...dimensions, tile: [tile] } : dimensions,
  ...(shortCases !== undefined && { shortCases }),
  async judge(values, random) {
    const made = build(values, random)
    if (made === undefined) return 'nothing'
    const wrong = await run(made, random)
    return wrong === undefined ? 'right' : { wrong: `${wrong}: ${JSON.stringify(made.kernel)}` }
  },
})

/** Whether a kernel's code depends on the width of the processor's registers. */
export const hasTiles = (dimensions: object): boolean => 'tile' in dimensions

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

/** Runs all cases of one sweep; the same options give the same cases. @returns how many there were. */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<number> {
  const { name, form, seed, from = 0, only, until = Number.POSITIVE_INFINITY } = options
  const all = { short: singles, whole: pairs, endless }[form](
    sweep.dimensions,
    new Random(hash(`${name} ${form} ${seed}`)),
  )
  const most = form === 'short' ? [...singles(sweep.dimensions, new Random(0))].length : 1
  const step = form === 'short' ? Math.ceil(most / (sweep.shortCases ?? 120)) : 1
  let [index, cases] = [-1, 0]
  for (const values of all) {
    index += 1
    if (index < from || index % step !== 0 || (only !== undefined && index !== only)) continue
    if (Date.now() > until) break
    options.onCase?.(index)
    const verdict = await judged(sweep, values, new Random(hash(`${name} ${form} ${seed} ${index}`)))
    if (verdict !== 'nothing') cases += 1
    if (typeof verdict !== 'string') options.onFailure(index, verdict.wrong)
    if (index === only) break
  }
  return cases
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
