import { StateError } from '../base/errors.ts'
import { fromJson, toJson } from '../formats/non-finite.ts'
import type { Trial } from './trial.ts'

const io = () => import('../formats/files.node.ts')
const version = 1

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

  /** A file of the search's; undefined without a folder. */
  async path(name: string): Promise<string | undefined> {
    return this.#folder === undefined ? undefined : (await io()).join(this.#folder, name)
  }

  /** @throws StateError if the folder has the trials of another search. */
  async read(): Promise<readonly Trial[]> {
    const path = await this.path('search.json')
    if (path === undefined) return []
    const bytes = await (await io()).readBytesIfAny(path)
    if (bytes === undefined) return []
    const saved = JSON.parse(new TextDecoder().decode(bytes)) as {
      version: number
      settings: unknown
      trials: unknown
    }
    if (saved.version !== version || JSON.stringify(saved.settings) !== this.#settings) {
      throw new StateError({
        where: 'tune: folder',
        expected: `a new folder, or that of the same search (${this.#settings})`,
        received: `${this.#folder}, of another one (${JSON.stringify(saved.settings)})`,
        fix: 'Give each search a folder of its own.',
      })
    }
    return fromJson(saved.trials) as Trial[]
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
