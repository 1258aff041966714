import { ArgumentError, DTypeError, ShapeError } from '../../base/errors.ts'
import { nearestName } from '../../base/nearest-name.ts'
import { formatShape, sameShape } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../../tensor/trace.ts'
import type { Variable } from '../../tensor/variable.ts'

/** Values of weights by their paths. */
export type WeightValues = Readonly<Record<string, Tensor>>

/**
 * Runs `body`, in which some weights have other values: the body reads these and differentiates through them. What it
 * assigns to such a weight is read in the rest of the body and then forgotten; other variables are what they were.
 *
 * @param where who complains of values that do not fit.
 * @throws ArgumentError for a path that no weight has; ShapeError and DTypeError naming the weight.
 */
export function withGivenValues<T>(
  where: string,
  paths: ReadonlyMap<string, Variable>,
  values: WeightValues,
  body: () => T,
): T {
  const given = new Map<Variable, Node>()
  for (const [path, value] of Object.entries(values)) {
    const variable = paths.get(path)
    if (variable === undefined) throw unknownPath(where, path, paths)
    checkFit(`${where}: '${path}'`, variable, value)
    given.set(variable, value.node)
  }
  return withScope(new GivenValues(given), body)
}

/** Gives variables other values, and keeps assignments to these to itself. */
class GivenValues implements VariableScope {
  readonly outer = currentScope()
  readonly #values: Map<Variable, Node>

  constructor(values: Map<Variable, Node>) {
    this.#values = values
  }

  read(variable: Variable): Node {
    return this.#values.get(variable) ?? withScope(this.outer, () => variable.value.node)
  }

  assign(variable: Variable, value: Node): void {
    if (this.#values.has(variable)) this.#values.set(variable, value)
    else withScope(this.outer, () => variable.assign(new Tensor(value)))
  }
}

function unknownPath(where: string, path: string, paths: ReadonlyMap<string, Variable>): ArgumentError {
  const near = nearestName(path, paths.keys())
  return new ArgumentError({
    where,
    expected: 'paths of weights',
    received: `'${path}'`,
    fix: near === undefined ? 'Paths are the keys of weightPaths.' : `Did you mean '${near}'?`,
  })
}

function checkFit(where: string, { shape, dtype }: Variable, value: unknown): void {
  if (!(value instanceof Tensor)) {
    throw new ArgumentError({ where, expected: 'a tensor', received: String(value) })
  }
  if (!sameShape(value.shape, shape)) {
    throw new ShapeError({
      where,
      expected: `shape ${formatShape(shape)}`,
      received: formatShape(value.shape),
    })
  }
  if (value.dtype !== dtype) {
    throw new DTypeError({
      where,
      expected: dtype,
      received: value.dtype,
      fix: `Cast it: value.cast('${dtype}').`,
    })
  }
}
