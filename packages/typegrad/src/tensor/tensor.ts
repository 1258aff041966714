/**
 * `tensor/`: lazy tensors, variables, their creation and their shapes as types. It knows the graph; who evaluates a
 * tensor registers itself (`evaluator.ts`).
 */
import { conversions, fitsDType, integerRanges, toNumbers } from '../base/conversions.ts'
import { type DType, isFloating, type TypedArray, type TypedArrayOf } from '../base/dtype.ts'
import { DataError, DTypeError, ShapeError } from '../base/errors.ts'
import { denoInspect, nodeInspect } from '../base/inspect.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import { type DataSource, makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { type Evaluated, evaluator, type Holder, takeWaiting } from './evaluator.ts'
import { previewOf } from './preview.ts'

/** Numbers (or bigints of int64) nested as the tensor's dimensions are. */
export type NestedArray<T = number> = T | NestedArray<T>[]

/**
 * The elements of a tensor of shape `S` as nested arrays: `number[][]` for two dimensions, `number` for a scalar.
 * Where the rank is not known to the compiler, what comes can be used as a number and as an array, and the program
 * knows which of the two it is.
 */
export type NestedOf<S extends Shape> = number extends S['length']
  ? NestedOfAnyRank
  : S extends readonly [number, ...infer Rest extends number[]]
    ? NestedOf<Rest>[]
    : number
export type NestedOfAnyRank = number & NestedOfAnyRank[]

/**
 * A multi-dimensional array whose value is computed when the program asks for it.
 *
 * Operations only note what is to be done; `data()`, `toArray()`, `item()` or `evaluate()` compile what
 * is pending to one model and run it. A tensor that has been computed forgets how it was made.
 *
 * The type parameters are the shape and the dtype, as far as they are known: `Tensor<[3, 1]>`,
 * `Tensor<[number, 784], 'float32'>`, or `Tensor` for any.
 */
export class Tensor<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: S
  readonly dtype: D
  #node: Node

  /** Wraps a node; users call `tensor(…)` and the operations instead. */
  constructor(node: Node) {
    this.#node = node
    // The node is the truth that S and D describe: every maker of tensors states them from the same rules.
    this.shape = node.shape as S
    this.dtype = node.dtype as D
  }

  get rank(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** What makes this tensor: for code that builds or rewrites graphs. */
  get node(): Node {
    return this.#node
  }

  /** Replaces how the tensor is made by what it is. Called by the evaluator. */
  settle(source: DataSource): void {
    this.#node = makeNode('data', [], { source })
  }

  /** Computes the tensor now, if it is pending, and returns it. */
  evaluate(): Promise<this> {
    return evaluateAll([this]).then(() => this)
  }

  /**
   * The elements in row-major order, as a typed array that the caller owns: a `Float32Array` for float32, a
   * `BigInt64Array` for int64; the bits of float16 in a `Uint16Array`.
   */
  data(): Promise<TypedArrayOf[D]> {
    const read = (source: DataSource) => evaluator().read(source) as Promise<TypedArrayOf[D]>
    return this.#node.kind === 'data' ? read(this.#node.params.source) : computedSource(this).then(read)
  }

  /**
   * The elements as nested arrays; a plain number for a scalar.
   *
   * @example
   * await tensor([[1, 2], [3, 4]]).sum(0).toArray() // [4, 6]
   * (await model.predict(x).then((p) => p.toArray()))[0][1] // the first sample's second output
   */
  // The shape is inferred from `this` instead of being S: tensors of known rank stay assignable to `Tensor`.
  toArray<T extends Shape>(this: Tensor<T>): Promise<NestedOf<T>> {
    return this.data().then((data) => nest(data, this.shape, this.dtype) as NestedOf<T>)
  }

  /**
   * The only element, as a number.
   *
   * @throws ShapeError if there is more than one.
   */
  item(): Promise<number> {
    if (this.size !== 1) {
      const error = new ShapeError({
        where: 'item',
        expected: 'a tensor of one element',
        received: `shape ${formatShape(this.shape)}`,
        fix: 'Use toArray() or data(), or reduce it first.',
      })
      return Promise.reject(error)
    }
    return this.data().then((data) => exactNumber('item', toNumbers(data, this.dtype)[0]))
  }

  toString(): string {
    return `Tensor(${this.dtype} ${formatShape(this.shape)}${this.#node.kind === 'data' ? '' : ', pending'})`
  }

  /**
   * What `console.log` prints in Node, Bun and Deno: dtype, shape, and the values if they are there, of large tensors
   * those at the edges. Nothing is computed. In a browser: `console.log(x.preview)`.
   *
   * @example
   * console.log(await model.predict(x))
   * // Tensor float32 [2, 3]
   * // [[0.1, 0.7, 0.2],
   * //  [0.3, 0.3, 0.4]]
   */
  get preview(): string {
    return `Tensor ${describeNode(this.#node)}`
  }

  [nodeInspect](depth?: number): string {
    return depth !== undefined && depth < 0 ? this.toString() : this.preview
  }

  [denoInspect](): string {
    return this.preview
  }

  get [Symbol.toStringTag](): string {
    return 'Tensor'
  }
}

/** `float32 [2, 2]` and the values behind it, or why there are none. */
export function describeNode(node: Node): string {
  const { dtype, shape } = node
  const head = `${dtype} ${formatShape(shape)}`
  const data = valuesOf(node)
  if (data === undefined) {
    return `${head} (${node.kind === 'data' ? 'on the device' : node.kind === 'input' ? 'traced' : 'not computed yet'})`
  }
  const values = previewOf(data, shape, dtype)
  return `${head}${values.includes('\n') ? '\n' : ' '}${values}`
}

/** Elements that are in memory. */
function valuesOf(node: Node): TypedArray | undefined {
  if (node.kind === 'data') return node.params.source.host ?? undefined
  return node.kind === 'constant' ? node.params.data : undefined
}

/** The memory that holds a tensor's value, computed if need be. */
export function computedSource(tensor: Tensor): Promise<DataSource> {
  return evaluateAll([tensor]).then(() => {
    const { node } = tensor
    if (node.kind !== 'data') throw new ShapeError('evaluate: a tensor is pending after its evaluation')
    return node.params.source
  })
}

/**
 * Computes several tensors in one run.
 *
 * @example
 * await evaluateAll([loss, accuracy])
 */
export const evaluateAll = (tensors: readonly Tensor[]): Promise<void> => evaluateWith(tensors, [])

/**
 * Computes tensors, and holders that become owners of their values where nothing else may hold them: such a value can
 * be overwritten in place from the first update on.
 */
export function evaluateWith(tensors: readonly Tensor[], owners: readonly Holder[]): Promise<void> {
  const pending = tensors.filter((tensor) => tensor.node.kind !== 'data')
  const owning = owners.filter(({ node }) => node.kind !== 'data')
  if (pending.length + owning.length === 0) return Promise.resolve()
  const holders = [...new Set([...owning, ...takeWaiting()])]
  const held = holders.map(({ node }) => node)
  const nodes = [...pending.map((tensor) => tensor.node), ...held]
  return evaluator()
    .evaluate(nodes, ownable(owning, nodes))
    .then((values) => {
      pending.forEach((tensor, i) => {
        tensor.settle((values[i] as Evaluated).source)
      })
      holders.forEach((holder, i) => {
        // A newer assignment wins.
        if (holder.node !== held[i]) return
        const { source, isOwn } = values[pending.length + i] as Evaluated
        holder.node = makeNode('data', [], { source })
        if (isOwn) holder.shared = false
      })
    })
}

/**
 * Values that can have one owner: asked for once, and made of next to nothing in memory, as zeros and random numbers
 * (of a key) are. Another holder of such a node computes it again, and gets the same.
 */
function ownable(owners: readonly Holder[], nodes: readonly Node[]): ReadonlySet<Node> {
  const counts = new Map<Node, number>()
  for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1)
  const isGenerated = (node: Node) =>
    topologicalOrder([node]).every(({ kind, shape }) => kind !== 'data' || sizeOf(shape) <= 2)
  return new Set(owners.map(({ node }) => node).filter((node) => counts.get(node) === 1 && isGenerated(node)))
}

/** A tensor of elements that stand in memory; `data` becomes its own and must not change afterwards. */
export function fromData<S extends Shape, D extends DType>(
  data: TypedArray,
  shape: S,
  dtype: D,
): Tensor<S, D> {
  return new Tensor<S, D>(makeNode('data', [], { source: { host: data, shape, dtype } }))
}

/** A small value that becomes a part of the compiled model. */
export function constant<D extends DType>(
  values: ArrayLike<number>,
  shape: Shape,
  dtype: D,
): Tensor<Shape, D> {
  return new Tensor<Shape, D>(makeNode('constant', [], { data: toTyped(values, dtype), shape, dtype }))
}

/** A scalar constant. */
export const scalar = <D extends DType = 'float32'>(value: number, dtype?: D): Tensor<[], D> =>
  // D is float32 where no dtype is given.
  constant([value], [], dtype ?? ('float32' as D)) as Tensor<[], D>

/** Elements of a dtype. Bools are made of any numbers: all but 0 are true. @throws DataError as `refuseMisfit` does. */
export function toTyped(values: ArrayLike<number>, dtype: DType): TypedArray {
  if (dtype !== 'bool' && !isFloating(dtype)) {
    for (let i = 0; i < values.length; i++) {
      if (!fitsDType(values[i] as number, dtype)) refuseMisfit('tensor', values[i] as number, dtype, '')
    }
  }
  return conversions[dtype](values)
}

/** Refuses a number that would become another one in this dtype. `place` is where it stands, such as `[2][0]`. */
export function refuseMisfit(where: string, value: number | bigint, dtype: DType, place: string): never {
  const [smallest, largest] = integerRanges[dtype] ?? []
  throw new DataError({
    where,
    expected: `whole numbers from ${smallest} to ${largest} for dtype ${dtype}`,
    received: `${value}${place === '' ? '' : ` at ${place}`}`,
    fix: 'Choose a dtype that holds them, or round and cast them yourself.',
  })
}

/** An element as a number. Beyond 2⁵³ not every int64 is one: what would come out as another number is refused. */
function exactNumber(where: string, value: number | bigint | undefined): number {
  const number = Number(value)
  if (typeof value !== 'bigint' || BigInt(number) === value) return number
  throw new DTypeError({
    where,
    expected: 'elements of int64 that are numbers of JavaScript, which are exact up to 2⁵³',
    received: String(value),
    fix: 'data() gives a BigInt64Array, which has them all.',
  })
}

function nest(data: TypedArray, shape: Shape, dtype: DType): NestedArray {
  const values = toNumbers(data, dtype)
  let offset = 0
  const build = (axis: number): NestedArray =>
    axis === shape.length
      ? exactNumber('toArray', values[offset++])
      : Array.from({ length: shape[axis] as number }, () => build(axis + 1))
  return build(0)
}
