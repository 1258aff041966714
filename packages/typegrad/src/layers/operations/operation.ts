/**
 * `layers/operations/`: operations on symbolic tensors become layers of a model, by one table. They know `ops/` and a
 * layer's base.
 */
import { ShapeError } from '../../base/errors.ts'
import { checkOptions } from '../../base/options.ts'
import type { SerializedObject } from '../../base/serialization.ts'
import { formatShape } from '../../base/shape.ts'
import { Tensor } from '../../tensor/tensor.ts'
import type { CallOptions } from '../base/call-options.ts'
import { type CallContext, Layer } from '../base/layer.ts'
import { formatSymbolicShape, type NamedShape, withoutNames } from '../base/sizes.ts'
import { type Outputs, type SymbolicSpec, SymbolicTensor, type TraceSizes } from '../base/symbolic.ts'
import { openWhereSliced } from './get-item.ts'
import { type Row, unsupported } from './row.ts'
import { isOperationName, type OperationName, operations } from './table.ts'

export interface OperationOptions {
  /** Unique within a model. Default: the class name in snake case, with a number from the second on. */
  readonly name?: string
  /** Those of Keras's class, in camel case. */
  readonly [option: string]: unknown
}

/** Arguments of an operation: tensors, symbolic ones, numbers, and what else it takes, in the order of Keras's class. */
export interface OperationCall extends CallOptions {
  readonly args: readonly unknown[]
}

/**
 * An operation in a functional model, as Keras has them: what `x.add(y)` makes of symbolic tensors. It has no weights,
 * passes no masks on, and does what the table's row of its class says.
 *
 * All its arguments are options of the call: a number may stand where a tensor does, on either side.
 */
export class Operation extends Layer<readonly Tensor[], Outputs> {
  readonly className: OperationName
  readonly #options: Readonly<Record<string, unknown>>
  #sizes = openSizes
  #firstInputs: readonly SymbolicTensor[] = []
  #firstOutputs: readonly SymbolicTensor[] = []

  constructor(className: OperationName, { name, ...options }: OperationOptions = {}) {
    super(name === undefined ? {} : { name })
    const { checks, defaults }: Row = operations[className]
    this.className = className
    // What Keras's class has beyond the row's options may be written, as long as it is off.
    const [known, others] = [true, false].map((isKnown) =>
      Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(checks, name) === isKnown)),
    ) as [OperationOptions, OperationOptions]
    const odd = Object.keys(others).find((name) => others[name] != null && others[name] !== false)
    if (odd !== undefined) throw unsupported(`${className} with ${odd}`)
    this.#options = { ...defaults, ...known }
    checkOptions(className, this.#options, checks)
  }

  /** What ops do with dtypes is theirs. */
  override get autocast(): boolean {
    return false
  }

  /** What tells an operation from a layer of the same name, such as Add, in configurations. */
  get module(): 'ops' {
    return 'ops'
  }

  override get callOptions(): readonly string[] {
    return ['args']
  }

  /** The operation on symbolic tensors. */
  symbolic(args: readonly unknown[]): readonly SymbolicTensor[] {
    return this.applySymbolic([], true, { args })
  }

  call(_inputs: readonly Tensor[], context: CallContext & Partial<OperationCall>): Outputs {
    const { compute }: Row = operations[this.className]
    return compute(context.args ?? [], this.#options)
  }

  protected override applySymbolic(
    inputs: readonly SymbolicTensor[],
    listed: boolean,
    options: CallOptions,
  ): SymbolicTensor[] {
    const outputs = super.applySymbolic(inputs, listed, options)
    if (this.#firstOutputs.length === 0) {
      this.#firstInputs = outputs[0]?.application.inputs ?? []
      this.#firstOutputs = outputs
    }
    return outputs
  }

  override outputSpecs(...given: Parameters<Layer['outputSpecs']>) {
    try {
      return this.#openWhereSliced(super.outputSpecs(...given), given)
    } catch (cause) {
      if (!(cause instanceof ShapeError)) throw cause
      const fixed = this.#withFixedSizes(given)
      if (fixed !== undefined) return fixed
      const shapes = shapesIn(given[2]?.args)
      // The trace has numbers in the place of open sizes, which say nothing to the user.
      throw new ShapeError({
        where: this.className,
        expected: 'shapes that fit each other and the options',
        received: `${shapes}${Object.keys(this.#options).length === 0 ? '' : ` with ${JSON.stringify(this.#options)}`}`,
      })
    }
  }

  #openWhereSliced(specs: Required<SymbolicSpec>[], [, , { args } = {}]: Parameters<Layer['outputSpecs']>) {
    const [x, key] = (args ?? []) as readonly unknown[]
    if (this.className !== 'GetItem' || !(x instanceof SymbolicTensor)) return specs
    return specs.map(({ dtype, sizes: traced }) => {
      const sizes = openWhereSliced(x.shape, key, traced)
      return { dtype, shape: withoutNames(sizes), sizes }
    })
  }

  /** Sizes that axes are cut into, and that positions may lie in: many divide them. */
  protected override get traceSizes(): TraceSizes {
    return this.#sizes
  }

  /** Where a constant or an option fixes sizes that are open elsewhere, as in [batch, 4] + [3, 4]: with these. */
  #withFixedSizes(given: Parameters<Layer['outputSpecs']>): Required<SymbolicSpec>[] | undefined {
    const numbers = new Set([given[2]?.args, Object.values(this.#options)].flatMap(numbersIn))
    for (const size of [...numbers].sort((a, b) => b - a)) {
      if (size < 2 || size > 1e6) continue
      this.#sizes = { batch: [size, size], open: [size, size], named: () => [size, size] }
      try {
        return super.outputSpecs(...given)
      } catch (cause) {
        if (!(cause instanceof ShapeError)) throw cause
      } finally {
        this.#sizes = openSizes
      }
    }
    return undefined
  }

  override get builtFor(): NamedShape | readonly NamedShape[] | undefined {
    const shapes = this.#firstInputs.map(({ sizes }) => sizes)
    return shapes.length === 1 ? shapes[0] : shapes
  }

  override computeOutputSizes(): NamedShape {
    return this.#firstOutputs[0]?.sizes ?? []
  }

  override get input(): SymbolicTensor {
    return this.#single(this.#firstInputs)
  }

  override get output(): SymbolicTensor {
    return this.#single(this.#firstOutputs)
  }

  #single(places: readonly SymbolicTensor[]): SymbolicTensor {
    return (places.length === 1 ? places[0] : places) as SymbolicTensor
  }

  override getConfig(): Record<string, unknown> {
    return { name: this.name, ...this.#options }
  }
}

const openSizes: TraceSizes = {
  batch: [5040, 7560],
  open: [55440, 83160],
  named: (index) => [55440 * (7 + 2 * index), 83160 * (8 + 2 * index)],
}

/** Sizes of constants, and whole numbers in lists of options. */
function numbersIn(value: unknown): number[] {
  if (value instanceof Tensor) return [...value.shape]
  if (Array.isArray(value)) return value.flatMap(numbersIn)
  return Number.isInteger(value) ? [value as number] : []
}

const shapesIn = (args: unknown): string =>
  [args]
    .flat(2)
    .map((item) => {
      if (item instanceof SymbolicTensor) return formatSymbolicShape(item.sizes)
      return item instanceof Tensor ? formatShape(item.shape) : undefined
    })
    .filter((text) => text !== undefined)
    .join(' and ')

/** Whether a configuration is that of an operation. */
export const isOperation = (saved: SerializedObject): boolean => saved.module === 'ops'

/** The operation that a saved configuration describes. @throws ArgumentError naming one that is not supported. */
export function operationOf({ className, config }: SerializedObject): Operation {
  if (isOperationName(className)) return new Operation(className, config)
  throw unsupported(`the operation ${className}`)
}
