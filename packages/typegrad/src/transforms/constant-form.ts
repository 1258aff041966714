import { paced, type Work } from '../base/work.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import type { Node } from '../graph/node.ts'
import type { Variable, VariableWatcher } from '../tensor/variable.ts'
import { type ConstantProgram, loadWithConstants, lowerWithConstants } from './constant-program.ts'
import type { EngineContext } from './engine-context.ts'
import { bytesOfPieces, type PackedForm, type PackedPiece } from './packed-weights.ts'
import type { Packing } from './packing.ts'

/** After so many calls without a change of a variable a form is made in which it is constant, beside the calls that follow, … */
export const callsUntilMade = 8
/** … and after so many that form serves. A call that comes before it is ready waits, so that no result depends on time. */
export const callsUntilUsed = 16

/** What a leaf of a compiled graph is to a form with constants. */
export type FormLeaf =
  /** An argument, or a variable that the function assigns: an input always. */
  | { readonly kind: 'input'; readonly node: Node }
  | {
      readonly kind: 'variable'
      readonly node: Node
      readonly variable: Variable
      readonly storage: () => Storage
    }
  /** A tensor that the function captured, which never changes. */
  | {
      readonly kind: 'captured'
      readonly node: Node
      readonly source: object
      readonly storage: () => Storage
    }

/** A graph as it was compiled with all variables as inputs. */
export interface FormGraph {
  /** Outputs as they were traced. */
  readonly outputs: readonly Node[]
  /** Inputs of the model, in its order. */
  readonly leaves: readonly FormLeaf[]
  /** For each update of a variable whether it may be in place, by the outputs after all passes. */
  readonly planUpdates: (outputs: readonly Node[]) => Work<readonly boolean[]>
}

/** What the forms of one function, one for each signature, have in common. */
export class FormSharing {
  /** Whether the first call waits for a form: variables are taken to stay as they are until one changes. */
  readonly isAtOnce: boolean
  /** Forms with the same object share what the runtime packs; renewed when a weight changes, lest that grows. */
  token: object = {}

  constructor(isAtOnce = false) {
    this.isAtOnce = isAtOnce
  }

  renew(): void {
    this.token = {}
  }
}

/** A model that a call runs in the place of the plan's own. */
export interface ServingForm {
  readonly executable: Executable
  /** Which of the leaves are its inputs. */
  readonly inputs: readonly number[]
  /** For each update whether it may be in place. */
  readonly inPlace: readonly boolean[]
}

/** A variable that may become constant. */
class Candidate implements VariableWatcher {
  readonly variable: Variable
  /** The call after which it changed last. */
  changedAt = 0
  /** Calls without a change that it takes until it is constant. */
  patience: number
  readonly #onChange: (candidate: Candidate) => void

  constructor(variable: Variable, patience: number, onChange: (candidate: Candidate) => void) {
    this.variable = variable
    this.patience = patience
    this.#onChange = onChange
    variable.watch(this)
  }

  changed(): void {
    this.#onChange(this)
  }
}

/** A form that is being made or serves, of the values that its constants had when it was begun. */
class Form implements PackedForm {
  /** The call at which it was begun. */
  readonly since: number
  readonly considered: ReadonlySet<Candidate>
  readonly letGo: () => void
  /** Until it is ready, or the engine has refused it. */
  making: Promise<void> | undefined
  program: ConstantProgram | undefined
  pieces: readonly PackedPiece[] = []
  /** Variables among those considered that would not fit into the budget. */
  over: ReadonlySet<Node> = new Set()
  serving: ServingForm | undefined
  /** What the engine said against it. */
  refusal: string | undefined
  /** Whether the values have changed since, or its memory was needed. */
  isStale = false

  constructor(since: number, considered: ReadonlySet<Candidate>, letGo: (form: Form) => void) {
    this.since = since
    this.considered = considered
    this.letGo = () => letGo(this)
  }
}

/**
 * Further forms of a compiled function, in which variables are constants of the model that the runtime packs once for
 * its products and convolutions: those that the function does not assign and that have not changed for some calls. Those
 * that change stay inputs. A form is dropped as soon as one of its constants changes; the one with all variables as inputs
 * is always there.
 *
 * Which form a call takes follows from the calls and changes before it alone. They may differ in the last digits.
 */
export class ConstantForm {
  readonly #on: EngineContext
  readonly #graph: FormGraph
  readonly #sharing: FormSharing
  readonly #candidates = new Map<Node, Candidate>()
  #calls = 0
  #serving: Form | undefined
  #making: Form | undefined
  /** The constants of forms that have ended since the last call, and those of them that have changed. */
  readonly #ended = new Set<Candidate>()
  readonly #changed = new Set<Candidate>()
  /** The leaves that products read, as far as is known. */
  #packable: ReadonlySet<Node> | undefined
  /** Set when others needed the memory: the call before which no form is made, and how many calls it waits next. */
  #notBefore = 0
  /** The call at which there may be something to make, if nothing changes before. */
  #lookAt = 0
  #backoff = callsUntilUsed

  constructor(on: EngineContext, graph: FormGraph, sharing: FormSharing) {
    this.#on = on
    this.#graph = graph
    this.#sharing = sharing
    const onChange = (candidate: Candidate) => this.#change(candidate)
    for (const leaf of graph.leaves)
      if (leaf.kind === 'variable')
        this.#candidates.set(leaf.node, new Candidate(leaf.variable, this.#untilMade, onChange))
  }

  get #untilMade(): number {
    return this.#sharing.isAtOnce ? 0 : callsUntilMade
  }

  /** Calls from the one that begins a form to the one before it serves. */
  get #untilUsed(): number {
    return this.#sharing.isAtOnce ? 0 : callsUntilUsed - callsUntilMade
  }

  /** What the next call has to wait for; undefined if it may begin. */
  awaited(): Promise<void> | undefined {
    if (this.#sharing.isAtOnce && this.#calls === 0) this.#makeIfSettled()
    const form = this.#making
    return form !== undefined && this.#isDue(form, this.#calls + 1) ? form.making : undefined
  }

  /** Counts a call that begins now. @returns what it runs, if not the plan's own model. */
  begin(): ServingForm | undefined {
    this.#calls += 1
    this.#judgeChanges()
    const next = this.#making
    if (next !== undefined && this.#isDue(next, this.#calls)) {
      if (this.#serving !== undefined) this.#drop(this.#serving)
      this.#serving = next
      this.#making = undefined
      this.#lookAt = 0
    }
    const form = this.#serving
    if (form?.serving !== undefined) this.#on.packed.use(form)
    // Others may have needed what it held while it was made, but what serves was used last.
    const serving = form?.serving
    this.#makeIfSettled()
    return serving
  }

  /** Lets go of all forms: the plan is no more. */
  drop(): void {
    for (const form of [this.#serving, this.#making]) if (form !== undefined) this.#drop(form)
  }

  /** What each variable of the forms is now. */
  packing(): Packing[] {
    const form = this.#serving ?? this.#making
    return [...this.#candidates].map(([node, candidate]): Packing => {
      const { variable } = candidate
      const row = (
        state: Packing['state'],
        reason: string | undefined,
        pieces: readonly PackedPiece[] = [],
      ) => ({
        variable,
        state,
        reason,
        pieces,
      })
      if (form === undefined || !form.considered.has(candidate)) return row('input', this.#whyNot(candidate))
      if (form.over.has(node)) return row('input', `over the budget of ${this.#on.packed.budget} bytes`)
      if (form.refusal !== undefined) return row('input', `refused by the engine: ${form.refusal}`)
      const role = form.program?.roles.get(node)
      const unpacked = form.serving === undefined ? 'input' : 'constant'
      if (form.making === undefined && role === 'unpacked dtype')
        return row(unpacked, `products of ${variable.dtype} are not packed`)
      if (form.making === undefined && role === undefined) return row(unpacked, 'no product reads it')
      if (form !== this.#serving)
        return row('input', `packed from call ${form.since + this.#untilUsed + 1} on, is being made`)
      const pieces = form.program?.pieces.filter(({ leaves }) => leaves.includes(node)) ?? []
      return row('packed', undefined, pieces)
    })
  }

  #whyNot({ changedAt, patience }: Candidate): string {
    if (this.#calls < this.#notBefore)
      return `over the budget of ${this.#on.packed.budget} bytes, which others use`
    const calls = this.#calls - changedAt
    const needed = `it takes ${patience + callsUntilUsed - callsUntilMade} without a change`
    return patience > callsUntilMade
      ? `changes too often: ${calls} calls since the last time, ${needed}`
      : `unchanged for ${calls} calls, ${needed}`
  }

  #isDue(form: Form, call: number): boolean {
    return call - form.since > this.#untilUsed
  }

  /** From now on calls begin with the variables as they are. Runs that have been queued are not disturbed. */
  #change(candidate: Candidate): void {
    candidate.changedAt = this.#calls
    candidate.patience = Math.max(candidate.patience, callsUntilMade)
    this.#lookAt = 0
    for (const form of [this.#serving, this.#making]) {
      if (form === undefined || !form.considered.has(candidate)) continue
      for (const other of form.considered) this.#ended.add(other)
      this.#drop(form)
      this.#sharing.renew()
    }
    if (this.#ended.has(candidate)) this.#changed.add(candidate)
  }

  /** A variable that has ended a form which others could have kept must stay the same for twice as long. */
  #judgeChanges(): void {
    if (this.#changed.size === 0) return
    if (this.#changed.size < this.#ended.size) for (const candidate of this.#changed) candidate.patience *= 2
    this.#changed.clear()
    this.#ended.clear()
  }

  #makeIfSettled(): void {
    if (this.#making !== undefined || this.#calls < Math.max(this.#notBefore, this.#lookAt)) return
    this.#lookAt = Number.POSITIVE_INFINITY
    const settled = new Set<Candidate>()
    const added: Node[] = []
    for (const [node, candidate] of this.#candidates) {
      const settledAt = candidate.changedAt + candidate.patience
      if (this.#calls < settledAt) {
        this.#lookAt = Math.min(this.#lookAt, settledAt)
        continue
      }
      settled.add(candidate)
      if (this.#serving?.considered.has(candidate) !== true) added.push(node)
    }
    if (this.#calls < this.#untilMade) this.#lookAt = Math.min(this.#lookAt, this.#untilMade)
    else if (this.#serving === undefined)
      for (const { kind, node } of this.#graph.leaves) if (kind === 'captured') added.push(node)
    if (!added.some((node) => this.#packable?.has(node) ?? true)) return
    const form = new Form(this.#calls, settled, (made) => {
      this.#drop(made)
      this.#notBefore = this.#calls + this.#backoff
      this.#backoff *= 2
    })
    this.#making = form
    this.#make(form)
  }

  #make(form: Form): void {
    // What the values are now: they may change while the form is made.
    const values = new Map<Node, { readonly storage: Storage; readonly identity: string }>()
    for (const leaf of this.#graph.leaves) {
      if (leaf.kind === 'variable' && form.considered.has(this.#candidates.get(leaf.node) as Candidate))
        values.set(leaf.node, {
          storage: leaf.storage(),
          identity: `variable ${identify(leaf.variable)}.${leaf.variable.version}`,
        })
      else if (leaf.kind === 'captured')
        values.set(leaf.node, { storage: leaf.storage(), identity: `tensor ${identify(leaf.source)}` })
    }
    const { token } = this.#sharing
    // Steps that are queued have yet to write what the variables are now.
    const written = Promise.resolve(this.#on.enqueue(() => {}))
    // Where the engine refuses, the other form goes on serving.
    form.making = written
      .then(async () => {
        if (!form.isStale) await this.#load(form, values, token)
      })
      .catch((error: unknown) => {
        form.refusal = error instanceof Error ? error.message : String(error)
        this.#on.packed.remove(form)
      })
      .then(() => {
        form.making = undefined
        if (form.isStale) this.#dispose(form)
      })
  }

  async #load(
    form: Form,
    values: ReadonlyMap<Node, { readonly storage: Storage; readonly identity: string }>,
    token: object,
  ): Promise<void> {
    const { outputs, leaves, planUpdates } = this.#graph
    const over = new Set<Node>()
    for (;;) {
      const constants = new Map<Node, string>()
      for (const [node, { identity }] of values) if (!over.has(node)) constants.set(node, identity)
      const inputs = leaves.flatMap(({ node }, i) => (constants.has(node) ? [] : [i]))
      const nodes = inputs.map((i) => (leaves[i] as FormLeaf).node)
      const program = await lowerWithConstants(
        this.#on,
        outputs,
        nodes,
        constants,
        `shared ${identify(token)}`,
      )
      const excess = overBudget(program.pieces, this.#on.packed.budget)
      if (excess.length > 0) {
        for (const node of excess) over.add(node)
        continue
      }
      form.over = over
      form.program = program
      this.#packable = new Set([...(this.#packable ?? []), ...packedIn(program)])
      if (form.isStale || packedIn(program).length === 0) return
      const inPlace = await paced(planUpdates(program.outputs))
      if (form.isStale) return
      form.pieces = program.pieces
      const storages = new Map(
        [...constants.keys()].map((node) => [node, values.get(node)?.storage as Storage]),
      )
      const executable = await loadWithConstants(this.#on, program, storages, form, token)
      if (executable !== undefined) form.serving = { executable, inputs, inPlace }
      return
    }
  }

  #drop(form: Form): void {
    if (this.#serving === form) this.#serving = undefined
    if (this.#making === form) this.#making = undefined
    this.#lookAt = 0
    form.isStale = true
    this.#dispose(form)
  }

  #dispose(form: Form): void {
    this.#on.packed.remove(form)
    const { serving } = form
    form.serving = undefined
    if (serving !== undefined) void this.#on.enqueue(() => serving.executable.dispose())
  }
}

const packedIn = ({ roles }: ConstantProgram): Node[] =>
  [...roles].filter(([, role]) => role === 'packed').map(([node]) => node)

/** The leaves of the pieces that would not fit, when the larger pieces are taken first. */
function overBudget(pieces: ConstantProgram['pieces'], budget: number): Node[] {
  if (bytesOfPieces(pieces) <= budget) return []
  let left = budget
  const over: Node[] = []
  for (const { bytes, leaves } of pieces.toSorted((a, b) => b.bytes - a.bytes)) {
    if (bytes <= left) left -= bytes
    else over.push(...leaves)
  }
  return over
}

const identities = new WeakMap<object, number>()
let identityCount = 0

/** A number for an object, the same each time. */
function identify(object: object): number {
  const known = identities.get(object) ?? ++identityCount
  identities.set(object, known)
  return known
}
