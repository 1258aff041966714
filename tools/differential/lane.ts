import { fileURLToPath } from 'node:url'
import { difference, isExtreme, type Tolerance } from './compare.ts'
import type { Family } from './family.ts'
import type { Json, JsonObject } from './json.ts'
import { type Reply, Worker } from './pool.ts'

/** What came of a case. Only the first four are findings. */
export type Verdict =
  | 'differs'
  | 'refused here'
  | 'crash here'
  | 'no answer here'
  /** Both answered alike. */
  | 'agree'
  /** Another backend of Keras answers as typegrad does. */
  | 'backends differ'
  /** The other side refuses the case (with us or without us), ended, or did not answer in time. */
  | 'refused there'
  | 'crash there'
  | 'no answer there'
  /** Numbers that are not finite or so large that rounding decides. */
  | 'says nothing'

export interface Outcome {
  readonly verdict: Verdict
  readonly detail: string
  readonly theirs?: JsonObject | undefined
  readonly ours?: JsonObject | undefined
}

const findings: ReadonlySet<Verdict> = new Set(['differs', 'refused here', 'crash here', 'no answer here'])
export const isFinding = ({ verdict }: Outcome): boolean => findings.has(verdict)

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** A pair of workers, one of typegrad's and one of Python's for each backend, that answers one case at a time. */
export class Lane {
  readonly #here = new Worker([process.execPath, '--import', 'tsx', path('worker.ts')])
  readonly #there = new Map<string, Worker>()
  readonly #python: string

  constructor(python: string) {
    this.#python = python
  }

  async run(family: Family, spec: JsonObject, backend: string, milliseconds = 120_000): Promise<Outcome> {
    const there = (other?: JsonObject) =>
      this.#worker(backend).ask(
        { family: family.name, spec, ...(other === undefined ? {} : { other }) },
        milliseconds,
      )
    const here = (other?: JsonObject) =>
      this.#here.ask({ family: family.name, spec, ...(other === undefined ? {} : { other }) }, milliseconds)
    if (family.first === 'python') {
      const theirs = await there()
      if (theirs.kind !== 'answer') return refusedThere(theirs)
      return compared(family, spec, theirs.answer, await here(theirs.answer))
    }
    const ours = await here()
    if (ours.kind !== 'answer') return failedHere(ours, undefined)
    const theirs = await there(ours.answer)
    // A file of ours that the other side cannot open is a finding, unless it refuses the same case without a file.
    if (theirs.kind === 'error') {
      const alone = family.withoutFile
      const own = alone && (await this.#worker(backend).ask({ family: alone, spec }, milliseconds))
      if (own !== undefined && own.kind !== 'answer') return refusedThere(own)
      return { verdict: 'differs', detail: `Python: ${lastLine(theirs.message)}`, ours: ours.answer }
    }
    if (theirs.kind !== 'answer') return refusedThere(theirs)
    return compared(family, spec, theirs.answer, ours)
  }

  /** A case that differs, on another backend: where that one agrees with typegrad, it is Keras that differs. */
  async secondOpinion(
    family: Family,
    spec: JsonObject,
    outcome: Outcome,
    others: readonly string[],
  ): Promise<Outcome> {
    if (outcome.verdict !== 'differs') return outcome
    for (const backend of others) {
      const second = await this.run(family, spec, backend)
      if (second.verdict === 'agree')
        return { ...outcome, verdict: 'backends differ', detail: `as on ${backend}; ${outcome.detail}` }
    }
    return outcome
  }

  end(): void {
    this.#here.end()
    for (const worker of this.#there.values()) worker.end()
  }

  #worker(backend: string): Worker {
    const known = this.#there.get(backend)
    if (known !== undefined) return known
    const worker = new Worker([this.#python, path('python/worker.py')], {
      KERAS_BACKEND: backend,
      CUDA_VISIBLE_DEVICES: '',
      JAX_PLATFORMS: 'cpu',
      // Cases are small: threads would only wait for each other.
      OMP_NUM_THREADS: '1',
    })
    this.#there.set(backend, worker)
    return worker
  }
}

/** Keras wraps an error in others, each with the whole configuration: the last says what is wrong. */
const lastLine = (message: string): string =>
  message
    .trim()
    .split(/\n|Exception encountered: /)
    .at(-1)
    ?.slice(0, 300) ?? ''

function refusedThere(reply: Reply): Outcome {
  const detail = reply.kind === 'answer' ? '' : reply.message
  if (reply.kind === 'crash') return { verdict: 'crash there', detail }
  return { verdict: reply.kind === 'timeout' ? 'no answer there' : 'refused there', detail }
}

function failedHere(reply: Reply, theirs: JsonObject | undefined): Outcome {
  const detail = reply.kind === 'answer' ? '' : reply.message
  const verdict =
    reply.kind === 'crash' ? 'crash here' : reply.kind === 'timeout' ? 'no answer here' : 'refused here'
  return { verdict, detail, theirs }
}

function compared(family: Family, spec: JsonObject, theirs: JsonObject, ours: Reply): Outcome {
  if (ours.kind !== 'answer') return failedHere(ours, theirs)
  return verdictOf(family, spec, theirs, ours.answer)
}

/** Two answers held against each other. */
export function verdictOf(family: Family, spec: JsonObject, theirs: JsonObject, ours: JsonObject): Outcome {
  const part = (answer: JsonObject): Json => family.compared?.(answer) ?? answer
  const tolerance: Tolerance = family.tolerance(spec)
  const detail = difference(part(theirs), part(ours), tolerance)
  if (detail === undefined) return { verdict: 'agree', detail: '', theirs, ours }
  if (family.keepsExtremes?.(spec) !== true && isExtreme(part(theirs)))
    return { verdict: 'says nothing', detail, theirs, ours }
  return { verdict: 'differs', detail, theirs, ours }
}
