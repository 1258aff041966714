import { bytesOf } from '../base/shape.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import type { Node } from '../graph/node.ts'
import type { Variable, VariableWatcher } from '../tensor/variable.ts'
import { buildWithConstants } from './program.ts'
import type { Runtime } from './runtime.ts'

/** After so many calls with the same values the second form is made, beside the calls that follow, … */
export const callsUntilMade = 8
/** … and after so many it serves. A call that comes before it is ready waits, so that no result depends on time. */
export const callsUntilUsed = 16

/** Bytes that the constants of all forms of one function may have together. */
const mostBytes = 512 << 20

/** What the forms of one function take; they share it, for each holds weights of its own. */
export class ConstantBudget {
  #free: number

  constructor(bytes = mostBytes) {
    this.#free = bytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#free += bytes
  }
}

/** A graph that only reads variables, as it was compiled with them as inputs. */
export interface ReadingGraph {
  /** Outputs as they were traced. */
  readonly outputs: readonly Node[]
  /** The leaves that stay inputs, in the order in which a call has them. */
  readonly inputs: readonly Node[]
  /** All other leaves: memory that stays what it is until a variable changes. */
  readonly constants: ReadonlyMap<Node, () => Storage>
  readonly variables: Iterable<Variable>
}

/** A model that is being made or serves, of the values that the variables had when it was begun. */
interface Made {
  /** Until it is ready, or the engine has refused it. */
  making: Promise<void> | undefined
  executable: Executable | undefined
  /** Whether the values have changed since. */
  stale: boolean
}

/**
 * A second form of a compiled function that only reads variables: their values are constants of the model, which the
 * runtime packs once for its products and convolutions. It is made when a function is called again and again with the
 * same values, and dropped as soon as one of them changes; the form with variables as inputs is always there.
 *
 * Which form a call takes follows from the calls and changes before it alone. The two may differ in the last digits.
 */
export class ConstantForm implements VariableWatcher {
  readonly #on: Runtime
  readonly #graph: ReadingGraph
  readonly #budget: ConstantBudget
  readonly #bytes: number
  #calls = 0
  #made: Made | undefined

  constructor(on: Runtime, graph: ReadingGraph, budget: ConstantBudget) {
    this.#on = on
    this.#graph = graph
    this.#budget = budget
    this.#bytes = [...graph.constants.keys()].reduce((sum, node) => sum + bytesOf(node), 0)
    for (const variable of graph.variables) variable.watch(this)
  }

  /** What the next call has to wait for; undefined if it may begin. */
  awaited(): Promise<void> | undefined {
    return this.#calls < callsUntilUsed ? undefined : this.#made?.making
  }

  /** Counts a call that begins now. @returns the model that it runs, with the arguments as inputs, if not the plan's. */
  begin(): Executable | undefined {
    this.#calls += 1
    if (this.#calls > callsUntilUsed) return this.#made?.executable
    if (this.#calls === callsUntilMade && this.#budget.take(this.#bytes)) this.#made = this.#make()
    return undefined
  }

  /** From now on calls begin with the variables as they are. Runs that have been queued are not disturbed. */
  changed(): void {
    this.#calls = 0
    const made = this.#made
    if (made === undefined) return
    this.#made = undefined
    made.stale = true
    this.#budget.giveBack(this.#bytes)
    this.#drop(made)
  }

  #make(): Made {
    const { outputs, inputs, constants } = this.#graph
    const values = new Map([...constants].map(([node, storage]) => [node, storage()]))
    const made: Made = { making: undefined, executable: undefined, stale: false }
    // Steps that are queued have yet to write what the variables are now.
    const written = Promise.resolve(this.#on.enqueue(() => {}))
    // Where the engine refuses, the other form goes on serving.
    made.making = written
      .then(() => (made.stale ? undefined : buildWithConstants(this.#on, outputs, inputs, values)))
      .catch(() => undefined)
      .then((executable) => {
        made.making = undefined
        made.executable = executable
        if (made.stale) this.#drop(made)
      })
    return made
  }

  #drop({ executable }: Made): void {
    if (executable !== undefined) void this.#on.enqueue(() => executable.dispose())
  }
}
