import { TraceError } from '../base/errors.ts'
import { paced, type Work, within } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { Tensor } from '../tensor/tensor.ts'
import { type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { flattenTree, type Structure, unflattenTree } from './tree.ts'

/** What calling a function once with placeholders has shown of it. */
export interface Trace {
  /** Placeholders of the tensors among the arguments, in the order of the tree's leaves. */
  readonly arguments: readonly Node[]
  /** How the results lie in what the function returns. */
  readonly structure: Structure
  readonly results: readonly Node[]
  /** The last value that each assigned variable was given. */
  readonly updates: readonly { readonly variable: Variable; readonly after: Node }[]
  /** Placeholders of the variables that were read. */
  readonly variables: ReadonlyMap<Variable, Node>
  /** What reading or assigning each variable meant (`Variable.revision`). */
  readonly revisions: ReadonlyMap<Variable, number>
  /** The results, then the new values of variables. */
  readonly outputs: readonly Node[]
  /** Names of all placeholders, each different. */
  readonly names: ReadonlyMap<Node, string>
  /** Names of the outputs, different from these too. */
  readonly outputNames: readonly string[]
}

/** Variables as inputs of the graph that is traced. */
class TraceScope implements VariableScope {
  readonly inputs = new Map<Variable, Node>()
  readonly revisions = new Map<Variable, number>()
  readonly assigned = new Map<Variable, Node>()

  read(variable: Variable): Node {
    return this.assigned.get(variable) ?? this.#inputOf(variable)
  }

  assign(variable: Variable, value: Node): void {
    this.revisions.set(variable, variable.revision)
    this.assigned.set(variable, value)
  }

  #inputOf(variable: Variable): Node {
    let node = this.inputs.get(variable)
    if (node === undefined) {
      const { name, dtype, shape } = variable
      node = makeNode('input', [], { name, dtype, shape })
      this.inputs.set(variable, node)
      this.revisions.set(variable, variable.revision)
    }
    return node
  }
}

/** Calls a function with placeholders for the tensors among its arguments, and notes what it does with variables. */
export function* traceFunctionWork(
  fn: (...args: never) => Work<unknown>,
  args: readonly unknown[],
): Work<Trace> {
  const leaves: Tensor[] = []
  const argumentStructure = flattenTree(args, leaves)
  const placeholders = leaves.map(({ dtype, shape }, i) =>
    makeNode('input', [], { name: `argument_${i}`, dtype, shape }),
  )
  const scope = new TraceScope()
  const traced = unflattenTree(argumentStructure, placeholders.map((node) => new Tensor(node)).values())
  const work = (fn as (...args: unknown[]) => Work<unknown>)(...(traced as unknown[]))
  const value = yield* within((portion) => withScope(scope, portion), work)
  if (value instanceof Promise) {
    // The promise's own failure would only repeat what is said here.
    value.catch(() => {})
    throw new TraceError({
      where: 'compile',
      expected: 'a synchronous function',
      received: 'an async one, or one that returns a promise',
      fix: 'Await data before the call and results after it.',
    })
  }
  const resultTensors: Tensor[] = []
  const structure = flattenTree(value, resultTensors)
  const results = resultTensors.map((t) => t.node)
  const updates = [...scope.assigned].map(([variable, after]) => ({ variable, after }))
  const names = new Map<Node, string>()
  const taken = new Set<string>()
  const unique = (wish: string): string => {
    let name = wish
    for (let i = 1; taken.has(name); i++) name = `${wish}_${i}`
    taken.add(name)
    return name
  }
  placeholders.forEach((node, i) => {
    names.set(node, unique(`argument_${i}`))
  })
  for (const [variable, node] of scope.inputs) names.set(node, unique(variable.name))
  return {
    arguments: placeholders,
    structure,
    results,
    updates,
    variables: scope.inputs,
    revisions: scope.revisions,
    outputs: [...results, ...updates.map((update) => update.after)],
    names,
    outputNames: [
      ...results.map((_, i) => unique(`result_${i}`)),
      ...updates.map(({ variable }) => unique(`${variable.name}_next`)),
    ],
  }
}

/** What a function's arguments and results are in the graph, its variables being others of its inputs. */
export const traceWork = (
  work: (...args: never) => Work<unknown>,
  args: readonly unknown[],
): Promise<Pick<Trace, 'arguments' | 'results' | 'updates'>> => paced(traceFunctionWork(work, args))
