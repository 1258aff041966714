import { ArgumentError, FormatError, StateError } from '../base/errors.ts'
import { anything, boolean, needed, optionsOf, string } from '../base/options.ts'
import { anyValue, checked, list, object, oneOf, optional, whole } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Callback, type Ending, type Logs, type TrainingPosition } from './callback.ts'

export interface BackupAndRestoreOptions {
  /** The folder of the backup. Each training needs its own. */
  readonly backupDir: string
  /** When to make a backup: after each epoch, or after so many batches. Default `'epoch'`. */
  readonly saveFreq?: 'epoch' | number
  /** Whether the backup is removed once the training is done. Default true. */
  readonly deleteCheckpoint?: boolean
  /**
   * What the training is: its model, data and batch, in numbers and words that JSON holds. It is kept in the backup, and a
   * training that is another one is refused, with all that differs. Default: what is saved is taken by whatever fits it.
   */
  readonly identity?: Readonly<Record<string, unknown>>
}

export const backupAndRestoreChecks = optionsOf<BackupAndRestoreOptions>()({
  backupDir: needed(string),
  saveFreq: anything,
  deleteCheckpoint: boolean,
  identity: anything,
})

interface Backup {
  readonly version: 1
  /** Number of epochs that are done. */
  readonly epoch: number
  /** Number of batches of the next epoch that are done. */
  readonly batch: number
  /** What `fit` knows besides. */
  readonly position: unknown
  /** The states of the callbacks that have one, in the order of the callbacks. */
  readonly callbacks: readonly unknown[]
  /** What the training is, where it was said. */
  readonly identity?: unknown
}

const backupCheck = object({
  version: oneOf(1),
  epoch: whole(),
  batch: whole(),
  position: anyValue,
  callbacks: list(anyValue),
  identity: optional(anyValue),
})

/** Lets an interrupted training go on; see {@link backupAndRestore}. */
@takes(backupAndRestoreChecks)
export class BackupAndRestore extends Callback {
  override readonly addsLogs = []
  // The other callbacks' states are kept too: they must have seen the epoch.
  override readonly runsLast = true
  readonly #backupDir: string
  readonly #saveFreq: 'epoch' | number
  readonly #deleteCheckpoint: boolean
  /** What the program said. */
  readonly #told: Readonly<Record<string, unknown>> | undefined
  /** The same, with what {@link identify} has added. */
  #identity: Readonly<Record<string, unknown>> | undefined
  /** Batches since the last backup. */
  #batches = 0

  constructor({ backupDir, saveFreq = 'epoch', deleteCheckpoint = true, identity }: BackupAndRestoreOptions) {
    super()
    if (saveFreq !== 'epoch' && !(Number.isInteger(saveFreq) && saveFreq > 0)) {
      throw new ArgumentError({
        where: 'backupAndRestore: saveFreq',
        expected: "'epoch' or a positive number of batches",
        received: String(saveFreq),
      })
    }
    this.#saveFreq = saveFreq
    this.#backupDir = backupDir
    this.#deleteCheckpoint = deleteCheckpoint
    this.#identity = identity
    this.#told = identity
  }

  /** Says what the training is, where `identity` did not; for functions around `fit` that know it, such as `finetune`. */
  identify(identity: Readonly<Record<string, unknown>>): void {
    this.#identity = { ...identity, ...this.#told }
  }

  override async resumeFrom(): Promise<TrainingPosition | undefined> {
    const others = this.#others()
    const state = await this.model.loadTrainingState(this.#backupDir, (extra) => {
      const { callbacks, identity } = this.#checked(extra)
      this.#checkIdentity(identity)
      if (others.length === callbacks.length) return
      throw new StateError({
        where: 'backupAndRestore',
        expected: `the ${callbacks.length} callbacks with a state of the training that was interrupted`,
        received: `${others.length} (${others.map((callback) => callback.constructor.name).join(', ')})`,
        fix: `Give fit the same callbacks, or remove ${this.#backupDir} to begin anew.`,
      })
    })
    if (state === undefined) return undefined
    const backup = this.#checked(state.extra)
    for (const [i, callback] of others.entries()) {
      await callback.setState(backup.callbacks[i], membersOf(state.tensors, prefix(i)))
    }
    const { epoch, batch, position } = backup
    return { epoch, batch, state: position, tensors: membersOf(state.tensors, fitPrefix) }
  }

  override async onTrainBatchEnd(): Promise<void> {
    this.#batches += 1
    if (this.#saveFreq !== 'epoch' && this.#batches >= this.#saveFreq) await this.#save()
  }

  override async onEpochEnd(_epoch: number, _logs: Logs): Promise<void> {
    if (this.#saveFreq === 'epoch') await this.#save()
  }

  async #save(): Promise<void> {
    this.#batches = 0
    const position = this.params.position()
    const others = this.#others()
    const extra: Backup = {
      version: 1,
      epoch: position.epoch,
      batch: position.batch ?? 0,
      position: position.state ?? null,
      callbacks: others.map((callback) => callback.getState()),
      ...(this.#identity !== undefined && { identity: this.#identity }),
    }
    const tensors = {
      ...named(fitPrefix, position.tensors ?? {}),
      ...Object.assign({}, ...others.map((callback, i) => named(prefix(i), callback.getTensors()))),
    }
    await this.model.saveTrainingState(this.#backupDir, { extra, tensors })
  }

  override async onTrainEnd(_logs: Logs, ending: Ending): Promise<void> {
    const isDone = ending === 'end' || ending === 'callback'
    if (isDone && this.#deleteCheckpoint) await this.model.deleteTrainingState(this.#backupDir)
  }

  #others(): Callback[] {
    return this.params.callbacks.filter((callback) => callback !== this && callback.getState() !== undefined)
  }

  /** @throws StateError for a place that this `fit` does not come to. */
  #checkPlace({ epoch, batch }: Backup): void {
    const { epochs, steps } = this.params
    if (epoch <= epochs && batch <= (steps ?? batch)) return
    throw new StateError({
      where: 'backupAndRestore',
      expected: `a backup of at most ${epochs} epochs${steps === undefined ? '' : ` of ${steps} batches`}, as fit is to make`,
      received: `one after ${epoch} epochs and ${batch} batches`,
      fix: `Give fit the data and options of the interrupted training, or remove ${this.#backupDir} to begin anew.`,
    })
  }

  /** @throws StateError naming all that differs from the training that was interrupted. */
  #checkIdentity(saved: unknown): void {
    if (this.#identity === undefined || typeof saved !== 'object' || saved === null) return
    const before = new Map<string, unknown>(Object.entries(saved))
    const names = [...new Set([...before.keys(), ...Object.keys(this.#identity)])]
    const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
    const differing = names.filter((name) => text(before.get(name)) !== text(this.#identity?.[name]))
    if (differing.length === 0) return
    const list = (of: (name: string) => unknown): string =>
      differing.map((name) => `${name} ${text(of(name)).slice(0, 200)}`).join(', ')
    throw new StateError({
      where: 'backupAndRestore',
      expected: `the training that was interrupted: ${list((name) => before.get(name))}`,
      received: list((name) => this.#identity?.[name]),
      fix: `Go on with what it was, or remove ${this.#backupDir} to begin anew.`,
    })
  }

  #checked(extra: unknown): Backup {
    const { version } = (extra ?? {}) as { version?: unknown }
    if (version === 1) {
      const backup = checked(backupCheck, extra, `backupAndRestore: ${this.#backupDir}/training.json: extra`)
      this.#checkPlace(backup)
      return backup
    }
    throw new FormatError({
      where: 'backupAndRestore',
      expected: `a backup of version 1 in ${this.#backupDir}`,
      received: version === undefined ? 'something else' : `one of version ${version}`,
      fix: 'Remove the folder to begin anew, or update typegrad.',
    })
  }
}

const prefix = (i: number): string => `callback_${i}/`
const fitPrefix = 'fit/'

const named = (start: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [start + name, value]))

const membersOf = (tensors: Readonly<Record<string, Tensor>>, start: string): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, value]) =>
      name.startsWith(start) ? [[name.slice(start.length), value]] : [],
    ),
  )

/**
 * Keeps a backup after each epoch, or after so many batches (weights, optimizer, random numbers, metrics, callbacks,
 * the place in the data), from which the same `fit` goes on when it is called again after an interruption: it ends as
 * if there had been none. The backup is removed when the training is done.
 *
 * A `Dataset` goes on at the same sample; of another stream the batches that were seen are read again and left out,
 * but for a generator, which goes on where it stands.
 *
 * @throws ArgumentError for a saveFreq that is none; StateError if `fit` has other callbacks than the interrupted training; FormatError for a folder that
 * is no backup.
 * @example
 * await model.fit(x, y, { epochs: 50, callbacks: [backupAndRestore({ backupDir: 'runs/backup' })] })
 * @example
 * backupAndRestore({ backupDir: 'runs/backup', saveFreq: 500 }) // long epochs
 */
export const backupAndRestore = (options: BackupAndRestoreOptions): BackupAndRestore =>
  new BackupAndRestore(options)
