import type { DType, TypedArray } from '../base/dtype.ts'
import type { SteppedSlice } from '../base/slice.ts'
import { dtypeCode } from '../onnx/fields.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/model.ts'

/** A size of a model's inputs that only its data will tell. */
export interface OpenSize {
  /** Its name in the file. */
  readonly name: string
  /** The input and the axis that tell it. */
  readonly input: string
  readonly axis: number
  /** What is taken off what the input tells. Default nothing. */
  readonly less?: OpenSize
  /** What stands for it in each of three traces. */
  readonly stand: Three
}

/** A bound of a slice, or how many positions it takes, where an axis may be too short for what was asked. */
export interface SliceSize {
  readonly of: 'start' | 'stop' | 'count'
  readonly slice: SteppedSlice
  /** The length of the sliced axis. */
  readonly length: Expression
  readonly stand: Three
}

/** What a window that moves on by `stride` positions leaves of an axis: ⌊(length + shift) / stride⌋. */
export interface WindowSize {
  readonly stride: number
  readonly shift: number
  readonly length: Expression
  readonly stand: Three
}

/** Two sizes one after the other, as what is joined along an axis has them. */
interface SumSize {
  readonly sum: readonly [OpenSize, OpenSize]
  readonly stand: Three
}

export type Three = readonly [number, number, number]

export type Size = OpenSize | SliceSize | WindowSize | SumSize

/** A size, or what windows leave of it: `size + shift`. */
interface Term {
  readonly size: Size
  readonly shift: number
}

/** What a size or a count is in three traces: `factor` · Π terms + `offset`. */
export interface Expression {
  readonly terms: readonly Term[]
  readonly factor: number
  readonly offset: number
}

/** A value that depends on sizes in a way that the file cannot say. */
export class DependsOnSizes extends Error {}

/**
 * The model of three traces that differ in their open sizes alone, with these open: what differs between the traces
 * is computed from the inputs' shapes.
 *
 * @throws DependsOnSizes naming a value that follows from them in another way.
 */
export function openModel(
  traces: readonly [OnnxModel, OnnxModel, OnnxModel],
  told: readonly (OpenSize | SliceSize | WindowSize)[],
): OnnxModel {
  const sizes = withSums(told)
  const [a, b, c] = traces.map(({ graph }) => graph) as [OnnxGraph, OnnxGraph, OnnxGraph]
  for (const other of [b, c])
    if (structureOf(a) !== structureOf(other)) throw new DependsOnSizes('the operations themselves')
  const [ofB, ofC] = [b, c].map(({ initializers }) => new Map(initializers.map((t) => [t.name, t])))
  const computed = new Computed(sizes)
  const kept: OnnxTensor[] = []
  const renamed: OnnxNode[] = []
  for (const tensor of a.initializers) {
    const three = [tensor, ofB?.get(tensor.name), ofC?.get(tensor.name)] as const
    if (three[1] === undefined || three[2] === undefined) throw new DependsOnSizes(`'${tensor.name}'`)
    const twins = three as readonly [OnnxTensor, OnnxTensor, OnnxTensor]
    if (twins.every((twin) => same(tensor, twin))) kept.push(tensor)
    else {
      const left = leftToReshape(twins, a)
      if (left === undefined) renamed.push(...computed.tensor(twins))
      else kept.push(left)
    }
  }
  const open = (values: readonly OnnxValue[], i: keyof OnnxGraph): OnnxValue[] => {
    const others = [b[i], c[i]] as unknown as readonly [readonly OnnxValue[], readonly OnnxValue[]]
    return values.map((value, k) => openValue(value, [others[0][k], others[1][k]], sizes))
  }
  return {
    ...traces[0],
    graph: {
      ...a,
      nodes: [
        ...computed.nodes,
        ...renamed,
        ...a.nodes.map((node, i) => openBodies(node, [b.nodes[i], c.nodes[i]], sizes)),
      ],
      initializers: [...kept, ...computed.constants],
      inputs: open(a.inputs, 'inputs'),
      outputs: open(a.outputs, 'outputs'),
      ...(a.values === undefined ? {} : { values: open(a.values, 'values') }),
    },
  }
}

/** Everything but sizes and what stands in tensors. */
function structureOf(graph: OnnxGraph): string {
  return JSON.stringify(graph.nodes, (key, value: unknown) => {
    if (key === 'shape' || key === 'data') return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
}

const numbersOf = ({ data }: OnnxTensor): number[] => Array.from<number | bigint, number>(data, Number)

const same = (a: OnnxTensor, b: OnnxTensor): boolean =>
  a === b ||
  (String(a.shape) === String(b.shape) &&
    (a.data === b.data || (a.data as Float32Array).every((value, i) => Object.is(value, b.data[i]))))

/** A target of Reshape with one size that is not fixed leaves that to the runtime. */
function leftToReshape(
  [a, b, c]: readonly [OnnxTensor, OnnxTensor, OnnxTensor],
  graph: OnnxGraph,
): OnnxTensor | undefined {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(a.name))
  if (!(a.data instanceof BigInt64Array) || String(a.shape) !== String(b.shape)) return undefined
  if (!readers.every(({ op, inputs }) => op === 'Reshape' && inputs[1] === a.name)) return undefined
  const differs = Array.from(a.data, (value, i) => value !== b.data[i] || value !== c.data[i])
  if (differs.filter(Boolean).length !== 1) return undefined
  return { ...a, data: a.data.map((value, i) => (differs[i] ? -1n : value)) }
}

/** Where a slice begins and ends is a size that nothing is multiplied with, and so are sums, of which there are many. */
const isBound = (size: Size): boolean => 'sum' in size || ('of' in size && size.of !== 'count')

export const addedStands = (a: Three, b: Three): Three => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]

/** The sizes with the sums of each two lengths. */
function withSums(sizes: readonly Size[]): readonly Size[] {
  const lengths = sizes.filter((size): size is OpenSize => 'name' in size && size.axis > 0)
  const sums = lengths.flatMap((a, i) =>
    lengths.slice(i + 1).map((b): SumSize => ({ sum: [a, b], stand: addedStands(a.stand, b.stand) })),
  )
  return [...sizes, ...sums]
}

/** Products of up to three of the sizes, fewer factors first. */
function products(all: readonly Size[]): (readonly Size[])[] {
  const sizes = all.filter((size) => !isBound(size))
  const pairs = sizes.flatMap((x, i) => sizes.slice(i + 1).map((y) => [x, y]))
  const triples = pairs.flatMap(([x, y]) =>
    sizes.slice(sizes.indexOf(y as Size) + 1).map((z) => [x, y, z] as Size[]),
  )
  return [...all.map((size) => [size]), ...pairs, ...triples]
}

/** How much windows take off a size or padding adds to it, at most. */
const maxShift = 16
const shifts = Array.from({ length: 2 * maxShift + 1 }, (_, i) => i - maxShift)

const shiftsOf = (size: Size): readonly number[] => (isBound(size) ? [0] : shifts)

/** Products of the sizes as they are, then with what windows leave of each. */
function* ways(sizes: readonly Size[]): Generator<readonly Term[]> {
  const chosen = products(sizes)
  for (const one of chosen) yield one.map((size) => ({ size, shift: 0 }))
  for (const one of chosen)
    yield* one.reduce<Term[][]>(
      (found, size) => found.flatMap((terms) => shiftsOf(size).map((shift) => [...terms, { size, shift }])),
      [[]],
    )
}

const productOf = (terms: readonly Term[], trace: 0 | 1 | 2): number =>
  terms.reduce((product, { size, shift }) => product * (size.stand[trace] + shift), 1)

const inTraces = (terms: readonly Term[]): Three => [
  productOf(terms, 0),
  productOf(terms, 1),
  productOf(terms, 2),
]

/** How a whole number follows from the sizes; undefined if in none of the ways that are known. */
export function expressed([a, b, c]: Three, sizes: readonly Size[]): Expression | undefined {
  if (a === b && b === c) return { terms: [], factor: 0, offset: a }
  for (const terms of ways(sizes)) {
    const [p, q, r] = inTraces(terms)
    const factor = (a - b) / (p - q)
    const offset = a - factor * p
    const isShifted = terms.some(({ shift }) => shift !== 0)
    if (!Number.isInteger(factor) || factor === 0 || (isShifted && offset !== 0)) continue
    if (c === factor * r + offset) return { terms, factor, offset }
  }
  return undefined
}

const nameOf = (size: Size): string | undefined => {
  if ('sum' in size) return size.sum.map(({ name }) => name).join(' + ')
  return 'name' in size ? size.name : undefined
}

/** A dimension by its name where it is one of the sizes, and by one of its own where it follows from them. */
function openValue(
  value: OnnxValue,
  [b, c]: readonly [OnnxValue | undefined, OnnxValue | undefined],
  sizes: readonly Size[],
): OnnxValue {
  const shape = value.shape.map((d, axis) => {
    const three = [d, b?.shape[axis], c?.shape[axis]] as const
    if (three.every((one) => one === d)) return d
    const found = three.every((one) => typeof one === 'number') ? expressed(three as Three, sizes) : undefined
    const [only, ...others] = found?.terms ?? []
    const isPlain = others.length === 0 && found?.factor === 1 && found.offset === 0
    const name = isPlain && only?.shift === 0 ? nameOf(only.size) : undefined
    return name ?? `${value.name}_axis${axis}`
  })
  return { ...value, shape }
}

/** Shapes within loops. Their constants stand outside. */
function openBodies(
  node: OnnxNode,
  [b, c]: readonly [OnnxNode | undefined, OnnxNode | undefined],
  sizes: readonly Size[],
): OnnxNode {
  if (node.attributes === undefined) return node
  const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, OnnxAttribute] => {
    const others = [b?.attributes?.[name], c?.attributes?.[name]]
    if (attribute.type !== 'graph' || others.some((one) => one?.type !== 'graph')) return [name, attribute]
    const [second, third] = others.map((one) => one?.value) as [OnnxGraph, OnnxGraph]
    const body = attribute.value
    if (
      !body.initializers.every((tensor, i) =>
        [second, third].every((g) => same(tensor, g.initializers[i] as OnnxTensor)),
      )
    )
      throw new DependsOnSizes(`a constant within '${node.outputs[0]}'`)
    const open = (key: 'inputs' | 'outputs' | 'values') =>
      (body[key] ?? []).map((value, i) => openValue(value, [second[key]?.[i], third[key]?.[i]], sizes))
    const nodes = body.nodes.map((inner, i) => openBodies(inner, [second.nodes[i], third.nodes[i]], sizes))
    const values = body.values === undefined ? {} : { values: open('values') }
    return [
      name,
      {
        type: 'graph',
        value: { ...body, nodes, inputs: open('inputs'), outputs: open('outputs'), ...values },
      },
    ]
  })
  return { ...node, attributes: Object.fromEntries(attributes) }
}

/** What is left of a value without the count that it was multiplied with or divided by. */
const without = (op: 'Mul' | 'Div', value: number, count: number): number =>
  op === 'Mul' ? value / count : value * count

/** Nodes that compute what follows from the inputs' shapes. */
class Computed {
  readonly nodes: OnnxNode[] = []
  readonly constants: OnnxTensor[] = []
  readonly #sizes: readonly Size[]
  readonly #known = new Map<Size, string>()
  #count = 0

  constructor(sizes: readonly Size[]) {
    this.#sizes = sizes
  }

  /** What makes a tensor under its name. @throws DependsOnSizes */
  tensor(twins: readonly [OnnxTensor, OnnxTensor, OnnxTensor]): OnnxNode[] {
    const [a, b, c] = twins
    const refuse = () => new DependsOnSizes(`'${a.name}'`)
    const isWhole = a.dtype === 'int64'
    if (String(a.shape) !== String(b.shape) || String(a.shape) !== String(c.shape)) {
      const value = a.data[0]
      if (
        value === undefined ||
        !twins.every(({ data }) => (data as Float32Array).every((one) => Object.is(one, value)))
      )
        throw refuse()
      const shapes = twins.map(({ shape }) => shape) as unknown as [
        readonly number[],
        readonly number[],
        readonly number[],
      ]
      const scalar = this.#constant(a.dtype, [], a.data.slice(0, 1) as TypedArray)
      return [{ op: 'Expand', inputs: [scalar, this.#vector(shapes, refuse)], outputs: [a.name] }]
    }
    const numbers = twins.map(numbersOf) as [number[], number[], number[]]
    if (isWhole || a.dtype === 'int32') {
      const whole = this.#vector(numbers, refuse)
      const vector = isWhole ? whole : this.#cast(whole, a.dtype)
      if (a.shape.length === 1) return [{ op: 'Identity', inputs: [vector], outputs: [a.name] }]
      return [{ op: 'Reshape', inputs: [vector, this.#whole(a.shape)], outputs: [a.name] }]
    }
    if (a.dtype !== 'float32' || a.data.length !== 1) throw refuse()
    return this.#share(a, numbers.map(([one]) => one) as unknown as Three, refuse)
  }

  /** A count, or a number that is divided by one, as means over open sizes have them. */
  #share(tensor: OnnxTensor, values: Three, refuse: () => Error): OnnxNode[] {
    for (const terms of ways(this.#sizes)) {
      const counts = inTraces(terms)
      if (counts.some((count) => count <= 0)) continue
      const op = (['Mul', 'Div'] as const).find((one) => {
        const [x, ...others] = values.map((value, i) => without(one, value, counts[i] as number))
        return others.every((y) => Math.abs(y - (x as number)) <= 1e-6 * Math.abs(x as number))
      })
      if (op === undefined) continue
      const exact = without(op, values[0], counts[0])
      // The number is whole, or as near to it as single precision tells.
      const isWhole = Math.abs(exact - Math.round(exact)) <= 1e-6 * Math.abs(exact)
      const count = this.#entry({ terms, factor: 1, offset: 0 })
      const cast = this.#cast(count, 'float32')
      const flat = this.#node('Reshape', cast, this.#whole(tensor.shape))
      const number = Float32Array.of(isWhole ? Math.round(exact) : exact)
      return [{ op, inputs: [this.#constant('float32', tensor.shape, number), flat], outputs: [tensor.name] }]
    }
    throw refuse()
  }

  /** The name of a vector of whole numbers. */
  #vector(
    three: readonly [readonly number[], readonly number[], readonly number[]],
    refuse: () => Error,
  ): string {
    const entries = three[0].map((value, i) => {
      const found = expressed([value, three[1][i] as number, three[2][i] as number], this.#sizes)
      if (found === undefined) throw refuse()
      return this.#entry(found)
    })
    const vector = this.#name()
    this.nodes.push({
      op: 'Concat',
      inputs: entries,
      outputs: [vector],
      attributes: { axis: { type: 'int', value: 0 } },
    })
    return vector
  }

  /** The name of a vector of one number. */
  #entry({ terms, factor, offset }: Expression): string {
    if (terms.length === 0) return this.#whole([offset])
    const names = terms.map(({ size, shift }) =>
      shift === 0 ? this.#size(size) : this.#node('Add', this.#size(size), this.#whole([shift])),
    )
    let product = names.reduce((x, y) => this.#node('Mul', x, y))
    if (factor !== 1) product = this.#node('Mul', product, this.#whole([factor]))
    return offset === 0 ? product : this.#node('Add', product, this.#whole([offset]))
  }

  #size(size: Size): string {
    const known = this.#known.get(size)
    if (known !== undefined) return known
    const made = this.#madeSize(size)
    this.#known.set(size, made)
    return made
  }

  #madeSize(size: Size): string {
    if ('input' in size) return this.#inputSize(size)
    if ('of' in size) return this.#sliceSize(size)
    if ('stride' in size) return this.#windowSize(size)
    return this.#node('Add', this.#size(size.sum[0]), this.#size(size.sum[1]))
  }

  #inputSize({ input, axis, less }: OpenSize): string {
    const shape = this.#node('Shape', input)
    const size = this.#node('Gather', shape, this.#whole([axis]))
    return less === undefined ? size : this.#node('Sub', size, this.#size(less))
  }

  #windowSize({ length, shift, stride }: WindowSize): string {
    const shifted = this.#node('Add', this.#entry(length), this.#whole([shift]))
    return this.#node('Div', shifted, this.#whole([stride]))
  }

  /** As `sliceBounds` has it for a step forward: ends within the axis, and no fewer than 0 positions. */
  #sliceSize({ of, slice, length }: SliceSize): string {
    const size = this.#entry(length)
    const within = (bound: number): string =>
      bound < 0
        ? this.#node('Max', this.#node('Add', size, this.#whole([bound])), this.#whole([0]))
        : this.#node('Min', size, this.#whole([bound]))
    const start = within(slice.start ?? 0)
    if (of === 'start') return start
    const stop = slice.stop === null ? size : within(slice.stop)
    if (of === 'stop') return stop
    const span = this.#node('Max', this.#node('Sub', stop, start), this.#whole([0]))
    if (slice.step === 1) return span
    // As many steps as begin within the span.
    const rounded = this.#node('Add', span, this.#whole([slice.step - 1]))
    return this.#node('Div', rounded, this.#whole([slice.step]))
  }

  #node(op: string, ...inputs: readonly string[]): string {
    const result = this.#name()
    this.nodes.push({ op, inputs, outputs: [result] })
    return result
  }

  #cast(value: string, dtype: DType): string {
    const result = this.#name()
    const attributes = { to: { type: 'int', value: dtypeCode[dtype] } } as const
    this.nodes.push({ op: 'Cast', inputs: [value], outputs: [result], attributes })
    return result
  }

  #whole(values: readonly number[]): string {
    return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  #constant(dtype: OnnxTensor['dtype'], shape: readonly number[], data: TypedArray): string {
    const name = this.#name()
    this.constants.push({ name, dtype, shape, data })
    return name
  }

  #name(): string {
    return `open_${this.#count++}`
  }
}
