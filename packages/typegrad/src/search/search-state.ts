import { FormatError, StateError } from '../base/errors.ts'
import {
  anyValue,
  type Check,
  checked,
  list,
  object,
  oneOf,
  optional,
  real,
  text,
  whole,
} from '../base/schema.ts'
import { parseConfig } from '../formats/keras-config.ts'
import { fromJson, toJson } from '../formats/non-finite.ts'
import type { ChoiceValue, Parameter, Space } from './space.ts'
import type { Trial } from './trial.ts'

const io = () => import('../formats/files.node.ts')
const version = 1

const stateCheck = object({ version: anyValue, settings: anyValue, trials: anyValue })

/** A value of a parameter's range. */
function inRange(parameter: Parameter): Check<ChoiceValue> {
  if (parameter.type === 'int') return whole(parameter.min, parameter.max)
  if (parameter.type === 'choice') return choice(parameter.values)
  return (value, at) => {
    const found = real(value, at)
    if (found >= parameter.min && found <= parameter.max) return found
    throw new FormatError({
      where: at,
      expected: `a number from ${parameter.min} to ${parameter.max}`,
      received: String(found),
    })
  }
}

const choice =
  (values: readonly ChoiceValue[]): Check<ChoiceValue> =>
  (value, at) => {
    const found = values.find((one) => one === value)
    if (found !== undefined) return found
    throw new FormatError({
      where: at,
      expected: 'one of the choices',
      received: JSON.stringify(value).slice(0, 200),
    })
  }

function trialOf(space: Space, epochs: number): Check<Trial> {
  const values = Object.fromEntries(Object.entries(space).map(([name, one]) => [name, inRange(one)]))
  const check = object({
    id: whole(),
    values: object(values),
    scores: list(real),
    score: real,
    status: oneOf('complete', 'stopped', 'halved', 'failed'),
    error: optional(text),
  })
  return (value, at) => {
    const { error, ...trial } = check(value, at)
    checked(whole(0, epochs), trial.scores.length, `${at}.scores, their number`)
    return { ...trial, ...(error === undefined ? {} : { error }) } as Trial
  }
}

/**
 * The trials of a search in a file that is replaced whole after each of them: a search that was killed reads what
 * it has done and does what was under way again.
 */
export class SearchState {
  readonly #folder: string | undefined
  /** What makes the search; another one must not go on with its trials. */
  readonly #settings: string

  constructor(folder: string | undefined, settings: unknown) {
    this.#folder = folder
    this.#settings = JSON.stringify(toJson(settings))
  }

  /**
   * Does work that no other search does in this folder at the same time.
   *
   * @throws StateError if another search is at it, in this process or in another.
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#folder === undefined) return work()
    const { claimFolder } = await import('../formats/claim.node.ts')
    const claim = await claimFolder(this.#folder, 'search')
    if ('heldBy' in claim) {
      throw new StateError({
        where: 'tune: folder',
        expected: 'a folder in which no other search is under way',
        received: `${this.#folder}, which another one holds`,
        fix: `Wait for it, or give this search another folder. If none runs, remove ${claim.heldBy}.`,
      })
    }
    try {
      return await work()
    } finally {
      await claim.release()
    }
  }

  /** A file of the search's; undefined without a folder. */
  async path(name: string): Promise<string | undefined> {
    return this.#folder === undefined ? undefined : (await io()).join(this.#folder, name)
  }

  /**
   * @param epochs the most that a trial has.
   * @throws StateError if the folder has the trials of another search; FormatError if its file is damaged, or has
   * values outside of the space.
   */
  async read(space: Space, epochs: number): Promise<readonly Trial[]> {
    const path = await this.path('search.json')
    if (path === undefined) return []
    const bytes = await (await io()).readBytesIfAny(path)
    if (bytes === undefined) return []
    const parsed = parseConfig(new TextDecoder().decode(bytes), path)
    const saved = checked(stateCheck, parsed, path)
    if (saved.version !== version || JSON.stringify(saved.settings) !== this.#settings) {
      throw new StateError({
        where: 'tune: folder',
        expected: `a new folder, or that of the same search (${this.#settings})`,
        received: `${this.#folder}, of another one (${JSON.stringify(saved.settings)?.slice(0, 1000)})`,
        fix: 'Give each search a folder of its own.',
      })
    }
    const trials = checked(list(trialOf(space, epochs)), fromJson(saved.trials), `${path}: trials`)
    for (const [i, { id }] of trials.entries()) checked(whole(i, i), id, `${path}: trials[${i}].id`)
    return trials
  }

  async write(trials: readonly Trial[]): Promise<void> {
    const path = await this.path('search.json')
    if (path === undefined) return
    const { mkdir, dirname, writeFileAtomically } = await io()
    await mkdir(dirname(path), { recursive: true })
    const state = { version, settings: JSON.parse(this.#settings), trials: toJson(trials) }
    await writeFileAtomically(path, [`${JSON.stringify(state, null, 1)}\n`])
  }
}
