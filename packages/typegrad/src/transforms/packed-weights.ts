import type { Storage } from '../engine/engine.ts'

/** What packed weights may take together, where the engine does not say. */
export const defaultPackedBytes = 512 * 2 ** 20

/** Memory that a program holds beside the variables: panels, blocks, copies. Forms that have one key share it. */
export interface PackedPiece {
  readonly key: string | object
  readonly bytes: number
}

/** A model with constants, as far as the budget is concerned. */
export interface PackedForm {
  readonly pieces: readonly PackedPiece[]
  /** Told to free its memory, since others need it. */
  readonly letGo: () => void
}

interface SharedValue {
  readonly storage: Promise<Storage>
  readonly users: Set<PackedForm>
}

/**
 * The packed weights of all compiled functions on one engine, within a budget of bytes. Memory that several forms share
 * counts once. Beyond the budget those forms go that have served longest ago.
 */
export class PackedWeights {
  readonly budget: number
  /** The one used last at the end. */
  readonly #forms = new Set<PackedForm>()
  readonly #users = new Map<PackedPiece['key'], number>()
  readonly #values = new Map<string, SharedValue>()
  #bytes = 0
  /** The one used last: a loop of one function need not move it. */
  #newest: PackedForm | undefined

  constructor(budget = defaultPackedBytes) {
    this.budget = budget
  }

  /** What the forms that serve hold. */
  get bytes(): number {
    return this.#bytes
  }

  /** Notes that a form serves, for the first time or again. */
  use(form: PackedForm): void {
    if (form === this.#newest) return
    this.#newest = form
    if (this.#forms.delete(form)) {
      this.#forms.add(form)
      return
    }
    this.#forms.add(form)
    for (const { key, bytes } of form.pieces) {
      const users = this.#users.get(key) ?? 0
      this.#users.set(key, users + 1)
      if (users === 0) this.#bytes += bytes
    }
    for (const oldest of this.#forms) {
      if (this.#bytes <= this.budget || oldest === form) return
      oldest.letGo()
    }
  }

  /** Notes that a form has been let go, in the making or later. */
  remove(form: PackedForm): void {
    for (const [key, { users }] of this.#values)
      if (users.delete(form) && users.size === 0) this.#values.delete(key)
    if (!this.#forms.delete(form)) return
    if (this.#newest === form) this.#newest = undefined
    for (const { key, bytes } of form.pieces) {
      const users = (this.#users.get(key) ?? 1) - 1
      if (users > 0) this.#users.set(key, users)
      else if (this.#users.delete(key)) this.#bytes -= bytes
    }
  }

  /** Whether a value is there, or is being made. */
  hasValue(key: string): boolean {
    return this.#values.has(key)
  }

  /** A value that is made once for all forms that ask for it by one key, and kept until all of them have been removed. */
  value(key: string, form: PackedForm, make: () => Promise<Storage>): Promise<Storage> {
    const known = this.#values.get(key) ?? { storage: make(), users: new Set() }
    this.#values.set(key, known)
    known.users.add(form)
    return known.storage
  }
}

/** What pieces take together. */
export function bytesOfPieces(pieces: readonly PackedPiece[]): number {
  const byKey = new Map(pieces.map(({ key, bytes }) => [key, bytes]))
  return [...byKey.values()].reduce((sum, bytes) => sum + bytes, 0)
}
