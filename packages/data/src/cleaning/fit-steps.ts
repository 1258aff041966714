import { DataError } from 'typegrad/core'
import type { Frame, Schema } from './frame.ts'
import { joinFrames } from './join-frames.ts'
import type { OpenSource } from './row-source.ts'
import type { FittedStep, Learning, Step, StepContext } from './step.ts'

/** What fitting found: the steps, and the columns before and behind them. */
export interface FittedSteps {
  readonly steps: readonly FittedStep[]
  readonly input: Schema
  /** How often the rows were read, beside the look for types. */
  readonly passes: number
}

export const contextOf = (
  step: { readonly kind: string },
  i: number,
  target: string | undefined,
): StepContext => ({
  where: `${step.kind} (step ${i + 1})`,
  target,
})

/**
 * Fits steps to the rows of a source, each to what those before it make of the rows. A pass over the rows fits every step whose
 * columns no unfitted step changes, so that most recipes take two or three passes however many steps they have.
 */
export async function fitSteps(
  source: OpenSource,
  steps: readonly Step[],
  target: string | undefined,
): Promise<FittedSteps> {
  const input = await inputOf(source, target)
  const fitted: (FittedStep | undefined)[] = steps.map(() => undefined)
  let passes = 0
  while (fitted.includes(undefined)) {
    const work = planPass(steps, fitted, input, target)
    if (work.some(({ kind }) => kind === 'learn')) {
      passes += 1
      const counts = new Map<number, number>()
      for await (const frame of source.frames(input, { where: 'Recipe.fit' }))
        runPass(frame.withTarget(target), work, counts)
      for (const [i, count] of counts)
        if (count === 0) throw nothingLeft(contextOf(steps[i] as Step, i, target))
    }
    for (const item of work) if (item.kind === 'learn') fitted[item.step] = item.learning.finish()
  }
  return { steps: fitted.filter((step) => step !== undefined), input, passes }
}

type PassWork =
  | { readonly kind: 'apply'; readonly step: number; readonly fitted: FittedStep }
  | { readonly kind: 'learn'; readonly step: number; readonly learning: Learning<FittedStep> }

/** What a pass does, in order. Steps that learn nothing are fitted on the way. */
function planPass(
  steps: readonly Step[],
  fitted: (FittedStep | undefined)[],
  input: Schema,
  target: string | undefined,
): PassWork[] {
  const work: PassWork[] = []
  /** Columns that an unfitted step changes; undefined where nothing is known any more. */
  let pending: Set<string> | undefined = new Set()
  let schema = input
  for (const [i, step] of steps.entries()) {
    if (pending === undefined) break
    const context = contextOf(step, i, target)
    let ready: FittedStep | undefined = fitted[i]
    const names = ready?.columns ?? namesNow(step, schema, pending, context)
    if (names === undefined) {
      // Its columns will come from a step before it: what it does to which columns is not known.
      pending = undefined
      break
    }
    const isClean = [...names, ...step.readsAlso(context)].every((name) => !pending?.has(name))
    if (ready === undefined && isClean && !(step.dropsRows && pending.size > 0)) {
      // Rows may only be left out once all columns are as they will be: others are fitted to what is left.
      const learning = step.begin(names, schema, context)
      if (step.learns) {
        work.push({ kind: 'learn', step: i, learning })
        if (step.dropsRows) break
      } else {
        ready = learning.finish()
        fitted[i] = ready
      }
    }
    if (ready !== undefined && isClean) {
      work.push({ kind: 'apply', step: i, fitted: ready })
      schema = ready.outputs(schema)
    } else {
      if (step.dropsRows) break
      for (const name of names) pending.add(name)
    }
  }
  return work
}

/** A step's columns as far as they are known by now; undefined where they are not. */
function namesNow(
  step: Step,
  schema: Schema,
  pending: ReadonlySet<string>,
  context: StepContext,
): readonly string[] | undefined {
  const { columns } = step
  if (pending.size === 0) return step.columnsIn(schema, context)
  if (columns === undefined || (typeof columns === 'object' && 'type' in columns)) return undefined
  const names = typeof columns === 'string' ? [columns] : columns
  if (!names.every((name) => schema.has(name))) return undefined
  // Types of columns that will change are looked at when they have.
  return names.some((name) => pending.has(name)) ? names : step.columnsIn(schema, context)
}

function runPass(frame: Frame, work: readonly PassWork[], counts: Map<number, number>): void {
  let now = frame
  for (const item of work) {
    if (item.kind === 'learn') {
      counts.set(item.step, (counts.get(item.step) ?? 0) + now.length)
      item.learning.add(now)
    } else
      now = item.fitted.step.dropsRows ? (item.fitted.applyToFitted(now) as Frame) : item.fitted.apply(now)
  }
}

const nothingLeft = ({ where }: StepContext): DataError =>
  new DataError({
    where,
    expected: 'rows to fit to',
    received: 'none: the steps before it leave out all of them',
  })

/** Fits steps to rows that are in memory, one after another, and gives what they make of these very rows. */
export async function fitWhole(
  source: OpenSource,
  steps: readonly Step[],
  target: string | undefined,
): Promise<FittedSteps & { readonly frame: Frame }> {
  const input = await inputOf(source, target)
  const frames: Frame[] = []
  for await (const frame of source.frames(input, { where: 'Recipe.fit' })) frames.push(frame)
  let frame = joinFrames(frames, input, target)
  const fitted: FittedStep[] = []
  for (const [i, step] of steps.entries()) {
    const context = contextOf(step, i, target)
    if (frame.length === 0) throw nothingLeft(context)
    const learning = step.begin(step.columnsIn(frame.schema, context), frame.schema, context)
    learning.add(frame)
    const one = learning.finish()
    fitted.push(one)
    frame = await one.applyToFitted(frame)
  }
  return { steps: fitted, input, passes: 1, frame }
}

async function inputOf(source: OpenSource, target: string | undefined): Promise<Schema> {
  const input = await source.schema('Recipe.fit')
  if (target === undefined || input.has(target)) return input
  throw new DataError({
    where: 'Recipe.fit',
    expected: `a table with the target '${target}'`,
    received: `one with ${[...input.keys()].join(', ')}`,
  })
}
