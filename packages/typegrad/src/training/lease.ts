import type { AnyModel } from '../models/model.ts'
import type { Compiled, Labels } from './compile-options.ts'
import type { StepFunctions } from './step-functions.ts'

/**
 * The compiled functions of a model for one user at a time: they gather losses and metrics in variables, so that
 * an evaluation beside a training needs others. Released functions are reused by the next caller.
 */
export class Lease {
  readonly #compiled: Compiled
  #functions: StepFunctions | undefined

  constructor(model: AnyModel, where: string) {
    this.#compiled = model.compiled(where)
    this.#functions = this.#compiled.take(where)
  }

  /** The compiled functions, once they have been made for labels of some shapes. */
  get current(): StepFunctions | undefined {
    return this.#functions
  }

  functions(labels: Labels): StepFunctions {
    this.#functions ??= this.#compiled.functions(labels)
    return this.#functions
  }

  end(): void {
    if (this.#functions !== undefined) this.#compiled.free(this.#functions)
    this.#functions = undefined
  }
}
