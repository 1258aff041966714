import type { AnyModel } from '../models/model.ts'
import type { Compiled, Labels } from './compile-options.ts'
import type { Steps } from './steps.ts'

/**
 * The compiled functions of a model for one user at a time: they gather losses and metrics in variables, so that
 * an evaluation beside a training needs others. Released functions are reused by the next caller.
 */
export class Lease {
  readonly #compiled: Compiled
  #steps: Steps | undefined

  constructor(model: AnyModel, where: string) {
    this.#compiled = model.compiled(where)
    this.#steps = this.#compiled.take(where)
  }

  /** The compiled functions, once they have been made for labels of some shapes. */
  get current(): Steps | undefined {
    return this.#steps
  }

  steps(labels: Labels): Steps {
    this.#steps ??= this.#compiled.steps(labels)
    return this.#steps
  }

  end(): void {
    if (this.#steps !== undefined) this.#compiled.free(this.#steps)
    this.#steps = undefined
  }
}
