import { type Shape, sizeOf } from '../base/shape.ts'
import { partsOfMaskedSoftmax } from '../graph/masked-softmax.ts'
import { type Node, type NodeOf, topologicalOrder } from '../graph/node.ts'
import {
  binaryPrimitives,
  comparisonPrimitives,
  type Primitive,
  reductionPrimitives,
  unaryPrimitives,
} from '../graph/primitives.ts'

/** Where the samples of a batch lie in a value: along an axis, each as `block` elements of it that are neighbours. */
interface Rows {
  readonly axis: number
  readonly block: number
}
/** Nowhere: a value that no sample has a part in. */
type Place = Rows | 'none'
/** Undefined where samples meet. */
type Rule<P extends Primitive> = (node: NodeOf<P>, places: readonly Place[]) => Place | undefined

/** The one place of all inputs that have one, counted from the last axis as shapes broadcast. */
function aligned(
  node: { readonly inputs: readonly Node[]; readonly shape: Shape },
  places: readonly Place[],
) {
  const rank = node.shape.length
  const found = places.flatMap((place, i) =>
    place === 'none' ? [] : [{ ...place, axis: place.axis + rank - (node.inputs[i] as Node).shape.length }],
  )
  const [first] = found
  if (first === undefined) return 'none'
  const isSame = found.every(({ axis, block }) => axis === first.axis && block === first.block)
  return isSame &&
    node.inputs.every((input, i) => places[i] !== 'none' || isUniform(input, first.axis - rank))
    ? first
    : undefined
}

/** Whether a value is the same for all samples, whose axis is counted from the end: it has 1 there, or was spread. */
function isUniform(node: Node, fromEnd: number): boolean {
  const at = node.shape.length + fromEnd
  if (at < 0 || node.shape[at] === 1) return true
  if (node.kind === 'broadcast') return isUniform(node.inputs[0] as Node, fromEnd)
  return node.kind === 'reshape' && sizeOf((node.inputs[0] as Node).shape) === 1
}

const elementwise: Rule<Primitive> = aligned
const never = (_: unknown, places: readonly Place[]): Place | undefined =>
  places.every((place) => place === 'none') ? 'none' : undefined
/** The first input's place, if that is along other axes than those that are worked along. */
const apartFrom =
  <P extends Primitive>(axes: (node: NodeOf<P>) => readonly number[]): Rule<P> =>
  (node, [place, ...others]) => {
    if (place === undefined || place === 'none') return never(node, [place ?? 'none', ...others])
    if (others.some((other) => other !== 'none') || axes(node).includes(place.axis)) return undefined
    return place
  }

/** As `apartFrom`, where the axes go. */
const withoutAxes =
  <P extends Primitive>(
    axes: (node: NodeOf<P>) => readonly number[],
    keeps: (node: NodeOf<P>) => boolean,
  ): Rule<P> =>
  (node, places) => {
    const place = apartFrom(axes)(node, places)
    if (place === undefined || place === 'none' || keeps(node)) return place
    return { ...place, axis: place.axis - axes(node).filter((axis) => axis < place.axis).length }
  }

const reduction = withoutAxes<(typeof reductionPrimitives)[number]>(
  ({ params }) => params.axes,
  ({ params }) => params.keepDims,
)
const positionOf = withoutAxes<'argMax' | 'argMin'>(
  ({ params }) => [params.axis],
  () => false,
)
const alongAxis = apartFrom<'cumsum' | 'softmax' | 'logSoftmax'>(({ params }) => [params.axis])
/** (N, C, …): samples are the images. */
const ofImages: Rule<Primitive> = (node, [place, ...others]) =>
  place !== undefined && place !== 'none' && place.axis === 0 && others.every((other) => other === 'none')
    ? place
    : never(node, [place ?? 'none', ...others])

const every = <K extends Primitive>(kinds: readonly K[], rule: Rule<K>): { readonly [P in K]: Rule<P> } =>
  Object.fromEntries(kinds.map((kind) => [kind, rule])) as unknown as { readonly [P in K]: Rule<P> }

/** What each operation does with the samples of its inputs. */
const rules: { readonly [P in Primitive]: Rule<P> } = {
  ...every([...unaryPrimitives, ...binaryPrimitives, ...comparisonPrimitives], elementwise),
  ...every(reductionPrimitives, reduction),
  constant: () => 'none',
  data: () => 'none',
  input: () => 'none',
  iota: () => 'none',
  randomBits: never,
  cast: elementwise,
  select: elementwise,
  barrier: (_, [place]) => place,
  customGradient: (_, [place]) => place,
  argMax: positionOf,
  argMin: positionOf,
  topK: apartFrom(({ shape }) => [shape.length - 1]),
  cumsum: alongAxis,
  softmax: alongAxis,
  logSoftmax: alongAxis,
  // Queries of one sample are masked by where they stand in it, so that they are no samples themselves.
  maskedSoftmax: (node, places) => {
    const { mask, offset } = partsOfMaskedSoftmax(node.inputs)
    if (offset !== undefined && places.at(-1) !== 'none') return undefined
    const count = mask === undefined ? 1 : 2
    const place = aligned({ inputs: node.inputs.slice(0, count), shape: node.shape }, places.slice(0, count))
    return place === undefined || place === 'none' || place.axis < node.shape.length - 2 ? place : undefined
  },
  dequantize: never,
  quantizedProduct: apartFrom(({ shape }) => [shape.length - 1]),
  matmul: (node, places) => {
    const rank = node.shape.length
    const [a, b] = places as readonly [Place, Place]
    const [left, right] = node.inputs as readonly [Node, Node]
    // The axis that is summed over is the last of a, the last but one of b.
    if (a !== 'none' && a.axis === left.shape.length - 1) return undefined
    if (b !== 'none' && b.axis === right.shape.length - 2) return undefined
    const isRow = a !== 'none' && a.axis === left.shape.length - 2
    const isColumn = b !== 'none' && b.axis === right.shape.length - 1
    if (isRow) return b === 'none' ? { ...a, axis: rank - 2 } : undefined
    if (isColumn) return a === 'none' ? { ...b, axis: rank - 1 } : undefined
    return aligned(node, places)
  },
  conv: ofImages,
  convInputGradient: never,
  convKernelGradient: never,
  maxPool: ofImages,
  maxPoolIndices: never,
  maxPoolGradient: never,
  averagePool: ofImages,
  reshape: ({ inputs, shape }, [place]) => {
    if (place === undefined || place === 'none') return place
    const from = (inputs[0] as Node).shape
    const samples = (from[place.axis] as number) / place.block
    const before = sizeOf(from.slice(0, place.axis))
    const axis = shape.findIndex(
      (size, i) => sizeOf(shape.slice(0, i)) === before && size % samples === 0 && size > 0,
    )
    return axis === -1 ? undefined : { axis, block: (shape[axis] as number) / samples }
  },
  broadcast: (node, places) => {
    const place = aligned(node, places)
    if (place === undefined || place === 'none') return place
    return (node.inputs[0] as Node).shape.at(place.axis - node.shape.length) === node.shape[place.axis]
      ? place
      : undefined
  },
  transpose: ({ params }, [place]) =>
    place === undefined || place === 'none'
      ? place
      : { ...place, axis: params.permutation.indexOf(place.axis) },
  concat: (node, places) => {
    const place = aligned(node, places)
    return place !== undefined && place !== 'none' && place.axis === node.params.axis ? undefined : place
  },
  slice: ({ inputs, params }, [place]) => {
    if (place === undefined || place === 'none') return place
    const { axis } = place
    const isWhole = params.starts[axis] === 0 && params.steps[axis] === 1
    return isWhole && params.stops[axis] === (inputs[0] as Node).shape[axis] ? place : undefined
  },
  pad: ({ params }, [place]) =>
    place === undefined || place === 'none' || params.padding[place.axis]?.every((size) => size === 0)
      ? place
      : undefined,
  // Samples that are taken, or written, whole stay where they are.
  dynamicSlice: ({ inputs, params }, [place, starts]) => {
    if (starts !== 'none') return undefined
    if (place === undefined || place === 'none') return place
    return params.sizes[place.axis] === (inputs[0] as Node).shape[place.axis] ? place : undefined
  },
  dynamicUpdateSlice: ({ inputs, shape }, [x, update, starts]) => {
    if (starts !== 'none') return undefined
    const place = aligned({ inputs: inputs.slice(0, 2), shape }, [x as Place, update as Place])
    if (place === undefined || place === 'none') return place
    return (inputs[1] as Node).shape[place.axis] === shape[place.axis] ? place : undefined
  },
  gather: ({ inputs, params }, places) => {
    const [from, at] = places as readonly [Place, Place]
    if (from === 'none') return at === 'none' ? 'none' : { ...at, axis: at.axis + params.axis }
    if (at !== 'none' || from.axis === params.axis) return undefined
    const more = (inputs[1] as Node).shape.length - 1
    return from.axis < params.axis ? from : { ...from, axis: from.axis + more }
  },
  gatherElements: (node, places) => {
    const place = aligned(node, places)
    return place !== undefined && place !== 'none' && place.axis === node.params.axis ? undefined : place
  },
  scatterAdd: never,
  scatterElements: never,
  // Of loops the members are asked for, below.
  scan: never,
  element: never,
}

/** The place of each of a loop's results; undefined where samples meet in its body. */
function ofLoop(node: NodeOf<'scan'>, places: readonly Place[]): readonly Place[] | undefined {
  const { body, carries, sequences } = node.params
  const isOfSteps = (i: number): boolean => i >= carries && i < carries + sequences
  if (places.some((place, i) => isOfSteps(i) && place !== 'none' && place.axis === 0)) return undefined
  const told = places.map(
    (place, i): Place => (place !== 'none' && isOfSteps(i) ? { ...place, axis: place.axis - 1 } : place),
  )
  // A state that begins the same for all samples is one for each of them afterwards.
  const first = told.find((place): place is Rows => place !== 'none')
  const given = told.map((place, i) => {
    const initial = node.inputs[i] as Node
    const begins = i < carries && place === 'none' && first !== undefined
    return begins && isUniform(initial, first.axis - initial.shape.length) ? first : place
  })
  const found = placesOf(body.outputs, new Map(body.inputs.map((input, i) => [input, given[i] as Place])))
  if (found === undefined) return undefined
  const isKept = found.every((place, i) => i >= carries || samePlace(place, given[i] as Place))
  return isKept
    ? found.map((place, i) => (place === 'none' || i < carries ? place : { ...place, axis: place.axis + 1 }))
    : undefined
}

const samePlace = (a: Place, b: Place): boolean =>
  a === 'none' || b === 'none' ? a === b : a.axis === b.axis && a.block === b.block

function placesOf(outputs: readonly Node[], known: ReadonlyMap<Node, Place>): readonly Place[] | undefined {
  const places = new Map<Node, Place>(known)
  const ofLoops = new Map<Node, readonly Place[]>()
  for (const node of topologicalOrder(outputs, new Set(known.keys()))) {
    if (places.has(node)) continue
    const given = node.inputs.map((input) => places.get(input) ?? 'none')
    if (node.kind === 'scan') {
      const found = ofLoop(node, given)
      if (found === undefined) return undefined
      ofLoops.set(node, found)
      continue
    }
    const place =
      node.kind === 'element'
        ? ofLoops.get(node.inputs[0] as Node)?.[node.params.index]
        : (rules[node.kind] as Rule<Primitive>)(node as NodeOf<Primitive>, given)
    if (place === undefined) return undefined
    places.set(node, place)
  }
  return outputs.map((output) => places.get(output) as Place)
}

/**
 * Whether row i of each output is made of row i of the inputs alone, so that more rows beside it change nothing: a
 * prediction of five samples is the first five rows of one of eight. What is not sure is refused.
 */
export function rowsStayApart(inputs: readonly Node[], outputs: readonly Node[]): boolean {
  const found = placesOf(outputs, new Map(inputs.map((input) => [input, { axis: 0, block: 1 }])))
  return found?.every((place) => place !== 'none' && place.axis === 0 && place.block === 1) ?? false
}
