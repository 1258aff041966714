import { sizeOf } from '../../base/shape.ts'
import type { Maker } from './elementwise.ts'
import { NotHere, type RandomGraph, type Value } from './random-graph.ts'

const moves = { moves: true } as const
/** Far past every end, as exporters write it. */
const far = 2 ** 62

const any = (g: RandomGraph, fits: (value: Value) => boolean = () => true): Value =>
  g.value((one) => ['float32', 'int64', 'int32', 'bool'].includes(one.dtype) && fits(one))
const withAxes = ({ shape }: Value): boolean => shape.length > 0

const reshape: Maker = (g) => {
  const x = any(g)
  const shape: number[] = []
  let rest = sizeOf(x.shape)
  while (rest > 1 && shape.length < 3) {
    const divisor = g.pick(Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0))
    shape.push(divisor)
    rest /= divisor
  }
  shape.push(rest)
  const written = shape.map((d, i) => (x.shape[i] === d && g.chance(3) ? 0 : d))
  const free = g.chance(2) ? g.draw(written.length) : -1
  g.node('Reshape', [x, g.ints(written.map((d, i) => (i === free ? -1 : d)))], {}, moves)
}

const slice: Maker = (g) => {
  const x = any(g, withAxes)
  const axes = g.axes(x)
  const bound = (): number => g.pick([0, 1, 2, 3, -1, -2, -3, far, -far])
  const steps = axes.map(() => g.pick([1, 1, 2, -1, -2, 3]))
  const inputs = [axes.map(bound), axes.map(bound), axes].map((list) => g.ints(list))
  g.node('Slice', [x, ...inputs, ...(g.chance(4) ? [] : [g.ints(steps)])], {}, moves)
}

const pad: Maker = (g) => {
  const x = g.value(withAxes)
  const mode = g.pick(['constant', 'reflect', 'edge', ...(g.opset >= 19 ? ['wrap'] : []), undefined])
  if (x.dtype === 'bool' && mode !== undefined && mode !== 'constant') throw new NotHere()
  const axes = g.opset >= 18 && g.chance(2) ? g.axes(x) : undefined
  const padded = axes?.map((axis) => (axis < 0 ? axis + x.shape.length : axis)) ?? x.shape.map((_, i) => i)
  const amount = (axis: number): number => {
    const size = x.shape[axis] as number
    if (g.chance(5) && size > 2) return -1
    return mode === 'reflect' || mode === 'wrap' ? g.draw(Math.min(3, size)) : g.draw(3)
  }
  const pads = g.ints([...padded.map(amount), ...padded.map(amount)])
  const value =
    mode === undefined || mode === 'constant' ? g.constant(x.dtype as 'float32', [], [1]) : undefined
  if (axes !== undefined) return g.node('Pad', [x, pads, value, g.ints(axes)], { mode }, moves)
  return g.node('Pad', value === undefined || g.chance(2) ? [x, pads] : [x, pads, value], { mode }, moves)
}

const squeeze: Maker = (g) => {
  const x = any(g, ({ shape }) => shape.includes(1))
  if (g.chance(2)) return g.node('Squeeze', [x], {}, moves)
  const axes = x.shape.flatMap((d, i) =>
    d === 1 && !g.chance(3) ? [g.chance(2) ? i : i - x.shape.length] : [],
  )
  return g.node('Squeeze', [x, g.ints(axes.length > 0 ? axes : [x.shape.indexOf(1)])], {}, moves)
}

const unsqueeze: Maker = (g) => {
  const x = any(g, ({ shape }) => shape.length < 4)
  const rank = x.shape.length + 2
  const [a, b] = [g.draw(rank), g.draw(rank)]
  const axes = a === b ? [a] : [a, b - rank]
  const kept = axes.length === 1 ? [a === rank - 1 ? -1 : a] : axes
  g.node('Unsqueeze', [x, g.ints(kept)], {}, moves)
}

const split: Maker = (g) => {
  const x = any(g, withAxes)
  const axis = g.axis(x)
  const size = x.shape.at(axis) as number
  if (g.opset >= 18 && g.chance(2)) {
    const parts = g.between(1, size)
    // The last part may not be empty.
    if ((parts - 1) * Math.ceil(size / parts) >= size) throw new NotHere()
    return g.node('Split', [x], { axis, num_outputs: parts }, { ...moves, outputs: parts })
  }
  const first = g.between(0, size)
  return g.node('Split', [x, g.ints([first, size - first])], { axis }, { ...moves, outputs: 2 })
}

const concat: Maker = (g) => {
  const x = any(g, withAxes)
  const others = g.values.filter(({ dtype, shape }) => dtype === x.dtype && shape.join() === x.shape.join())
  g.node('Concat', [x, g.pick(others), ...(g.chance(2) ? [x] : [])], { axis: g.axis(x) }, moves)
}

const reduction: Maker = (g) => {
  // Of no elements ONNX Runtime leaves axes as they were, or takes others away.
  const fits = ({ shape }: Value): boolean => sizeOf(shape) > 0
  const isWhole = g.chance(3)
  const x = isWhole
    ? g.value((one) => (one.dtype === 'int32' || one.dtype === 'int64') && one.shape.length > 0 && fits(one))
    : g.value((one) => one.dtype === 'float32' && fits(one))
  const op = isWhole
    ? g.pick(['ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceMean'])
    : g.pick([
        'ReduceSum',
        'ReduceMean',
        'ReduceMax',
        'ReduceMin',
        'ReduceProd',
        'ReduceL1',
        'ReduceL2',
        'ReduceLogSumExp',
        'ReduceSumSquare',
      ])
  const isInput = op === 'ReduceSum' || g.opset >= 18
  const axes = g.chance(4) ? undefined : g.axes(x)
  const given = axes?.length === 0 && !isInput ? undefined : axes
  const attributes = {
    keepdims: g.pick([0, 1, undefined]),
    noop_with_empty_axes: isInput ? g.pick([0, 1, undefined]) : undefined,
  }
  if (isInput) return g.node(op, given === undefined ? [x] : [x, g.ints(given)], attributes)
  return g.node(op, [x], { ...attributes, axes: given })
}

const position: Maker = (g) => {
  // Of no elements ONNX Runtime leaves the axis as long as it was.
  const x = g.exact((one) => withAxes(one) && sizeOf(one.shape) > 0)
  g.node(g.pick(['ArgMax', 'ArgMin']), [x], {
    axis: g.axis(x),
    keepdims: g.pick([0, 1, undefined]),
    select_last_index: g.pick([0, 1, undefined]),
  })
}

const indices = (g: RandomGraph, shape: readonly number[], size: number): Value =>
  g.constant(
    g.pick(['int64', 'int32'] as const),
    shape,
    g.floats(shape).map(() => g.between(-size, size - 1)),
  )

const gather: Maker = (g) => {
  const x = any(g, withAxes)
  const axis = g.axis(x)
  g.node('Gather', [x, indices(g, g.shape(g.draw(3)), x.shape.at(axis) as number)], { axis }, moves)
}

const gatherElements: Maker = (g) => {
  const x = any(g, withAxes)
  const axis = g.axis(x)
  const at = axis < 0 ? axis + x.shape.length : axis
  const shape = x.shape.map((d, i) => (i === at ? g.between(1, 4) : g.between(1, d)))
  g.node('GatherElements', [x, indices(g, shape, x.shape[at] as number)], { axis }, moves)
}

/** Tuples of indices into the axes from `start` on. */
function tuples(g: RandomGraph, front: readonly number[], sizes: readonly number[]): Value {
  const numbers = g.floats(front).flatMap(() => sizes.map((size) => g.between(-size, size - 1)))
  return g.constant('int64', [...front, sizes.length], numbers)
}

const gatherND: Maker = (g) => {
  const x = any(g, withAxes)
  const batch = x.shape.length > 1 && g.chance(3) ? 1 : 0
  const depth = g.between(1, x.shape.length - batch)
  const front = [...x.shape.slice(0, batch), ...g.shape(g.draw(2))]
  g.node(
    'GatherND',
    [x, tuples(g, front, x.shape.slice(batch, batch + depth))],
    { batch_dims: batch === 0 && g.chance(2) ? undefined : batch },
    moves,
  )
}

/** Positions that repeat only where a reduction says what becomes of them. */
const reductionsOf = (g: RandomGraph): string | undefined =>
  g.pick([
    undefined,
    'none',
    ...(g.opset >= 16 ? ['add', 'mul'] : []),
    ...(g.opset >= 18 ? ['max', 'min'] : []),
  ])

const scatterND: Maker = (g) => {
  const x = g.value(({ dtype, shape }) => dtype === 'float32' && shape.length > 0)
  const reduction = reductionsOf(g)
  const depth = g.between(1, x.shape.length)
  const sizes = x.shape.slice(0, depth)
  const repeats = reduction !== undefined && reduction !== 'none'
  const count = repeats ? g.between(1, 4) : 1
  g.node('ScatterND', [x, tuples(g, [count], sizes), g.float([count, ...x.shape.slice(depth)])], {
    reduction,
  })
}

const scatterElements: Maker = (g) => {
  const x = g.value(({ dtype, shape }) => dtype === 'float32' && shape.length > 0)
  const reduction = reductionsOf(g)
  const axis = g.axis(x)
  const at = axis < 0 ? axis + x.shape.length : axis
  const repeats = reduction !== undefined && reduction !== 'none'
  const shape = x.shape.map((d, i) => (i === at ? (repeats ? g.between(1, 4) : 1) : g.between(1, d)))
  g.node('ScatterElements', [x, indices(g, shape, x.shape[at] as number), g.float(shape)], {
    axis,
    reduction,
  })
}

const topK: Maker = (g) => {
  // Of no elements ONNX Runtime divides by zero and takes the process with it.
  const x = g.exact((one) => withAxes(one) && sizeOf(one.shape) > 0)
  const axis = g.axis(x)
  // Of equal elements any may stand first.
  const distinct = g.input('float32', x.shape, g.distinct(x.shape))
  g.node(
    'TopK',
    [distinct, g.ints([g.between(1, x.shape.at(axis) as number)])],
    { axis, largest: g.pick([0, 1, undefined]) },
    { ...moves, outputs: 2 },
  )
}

const oneHot: Maker = (g) => {
  const depth = g.between(2, 4)
  const at = indices(g, g.shape(g.between(1, 2)), depth)
  g.node(
    'OneHot',
    [
      g.constant(
        'int64',
        at.shape,
        g.floats(at.shape).map(() => g.between(-depth, depth - 1)),
      ),
      g.ints([depth]),
      g.float([2]),
    ],
    { axis: g.axis(at, 1) },
    moves,
  )
}

const matMul: Maker = (g) => {
  const a = g.floatOf([1, 2, 3])
  const inner = a.shape.at(-1) as number
  const batch = g.chance(2) ? g.broadcastable(a.shape.slice(0, -2)) : []
  const b = g.float(g.chance(4) ? [inner] : [...batch, inner, g.between(1, 4)])
  g.node('MatMul', [a, b])
}

const gemm: Maker = (g) => {
  // Where sums have no addends ONNX Runtime forgets beta.
  const a = g.floatOf([2], ({ shape }) => sizeOf(shape) > 0)
  const [transA, transB] = [g.draw(2), g.draw(2)]
  const [rows, inner] = (transA === 1 ? a.shape.toReversed() : a.shape) as readonly [number, number]
  const columns = g.between(1, 4)
  const b = g.float(transB === 1 ? [columns, inner] : [inner, columns])
  const c = g.chance(3) ? [] : [g.float(g.broadcastable([rows, columns]))]
  const factor = () => (g.chance(2) ? undefined : { float: g.pick([0, 0.5, -2]) })
  g.node('Gemm', [a, b, ...c], { transA, transB, alpha: factor(), beta: factor() })
}

const einsum: Maker = (g) => {
  const [equation, ...shapes] = g.pick([
    ['ij,jk->ik', [2, 3], [3, 4]],
    ['bij,bjk->bik', [2, 2, 3], [2, 3, 2]],
    ['...ij,...jk->...ik', [2, 2, 3], [3, 2]],
    ['bhqd,bhkd->bhqk', [1, 2, 3, 2], [1, 2, 4, 2]],
    ['i,j->ij', [3], [2]],
    ['ij->ji', [2, 3]],
    ['ii->i', [3, 3]],
    ['ij,ij', [2, 3], [2, 3]],
    ['ij->', [2, 3]],
    ['...i->...', [2, 1, 3]],
    ['a b, b -> a', [2, 3], [3]],
  ] as [string, ...number[][]][])
  g.node(
    'Einsum',
    shapes.map((shape) => g.float(shape)),
    { equation },
  )
}

const transpose: Maker = (g) => {
  const x = any(g)
  const perm = g.shuffled(x.shape.length)
  g.node('Transpose', [x], { perm: g.chance(3) ? undefined : perm }, moves)
}

const expand: Maker = (g) => {
  const x = any(g)
  const shape = [
    ...(g.chance(2) ? [2] : []),
    ...x.shape.map((d) => (d === 1 ? g.between(1, 3) : g.chance(3) ? 1 : d)),
  ]
  g.node('Expand', [x, g.ints(shape)], {}, moves)
}

const trilu: Maker = (g) => {
  if (g.opset < 14) throw new NotHere()
  const x = any(g, ({ shape, dtype }) => shape.length >= 2 && dtype !== 'int32')
  g.node(
    'Trilu',
    [x, ...(g.chance(3) ? [] : [g.constant('int64', [], [g.between(-3, 3)])])],
    { upper: g.pick([0, 1, undefined]) },
    moves,
  )
}

const shapeParts: Maker = (g) => {
  const x = any(g)
  const between = g.opset >= 15 && g.chance(2)
  g.node('Shape', [x], between ? { start: g.between(-2, 2), end: g.between(-2, 3) } : {}, moves)
}

const blocks: Maker = (g) => {
  const b = 2
  if (g.chance(2)) {
    const x = g.float([1, 4 * g.between(1, 2), g.between(1, 3), g.between(1, 3)])
    return g.node('DepthToSpace', [x], { blocksize: b, mode: g.pick(['DCR', 'CRD', undefined]) }, moves)
  }
  return g.node(
    'SpaceToDepth',
    [g.float([1, g.between(1, 2), 2 * g.between(1, 2), 2 * g.between(1, 2)])],
    { blocksize: b },
    moves,
  )
}

const reverseSequence: Maker = (g) => {
  const x = g.floatOf([2, 3])
  const isTimeFirst = g.chance(2)
  const [time, batch] = (isTimeFirst ? x.shape : [x.shape[1], x.shape[0]]) as readonly [number, number]
  const lengths = g.constant(
    'int64',
    [batch],
    g.floats([batch]).map(() => g.between(1, time)),
  )
  g.node(
    'ReverseSequence',
    [x, lengths],
    { time_axis: isTimeFirst ? 0 : 1, batch_axis: isTimeFirst ? 1 : 0 },
    moves,
  )
}

const compress: Maker = (g) => {
  const x = any(g, withAxes)
  const axis = g.chance(3) ? undefined : g.axis(x)
  const size = axis === undefined ? sizeOf(x.shape) : (x.shape.at(axis) as number)
  const count = g.between(1, size)
  g.node(
    'Compress',
    [
      x,
      g.constant(
        'bool',
        [count],
        g.floats([count]).map(() => g.draw(2)),
      ),
    ],
    { axis },
    moves,
  )
}

const centerCropPad: Maker = (g) => {
  if (g.opset < 18) throw new NotHere()
  const x = g.value(withAxes)
  const axes = g.chance(2) ? undefined : [g.axis(x)]
  const count = axes?.length ?? x.shape.length
  g.node('CenterCropPad', [x, g.ints(g.floats([count]).map(() => g.between(1, 6)))], { axes }, moves)
}

export const movementMakers: Readonly<Record<string, Maker>> = {
  ArgMax: position,
  Blocks: blocks,
  CenterCropPad: centerCropPad,
  Compress: compress,
  Concat: concat,
  CumSum: (g) => {
    const x = g.value(({ dtype, shape }) => ['float32', 'int32', 'int64'].includes(dtype) && shape.length > 0)
    g.node('CumSum', [x, g.constant('int64', [], [g.axis(x)])], { exclusive: g.draw(2), reverse: g.draw(2) })
  },
  Det: (g) => g.node('Det', [g.float([...g.shape(g.draw(2)), 3, 3])]),
  Einsum: einsum,
  Expand: expand,
  EyeLike: (g) =>
    g.node('EyeLike', [g.floatOf([2])], { k: g.between(-2, 2), dtype: g.pick([1, 7, undefined]) }, moves),
  Flatten: (g) => {
    const x = any(g)
    g.node('Flatten', [x], { axis: g.between(-x.shape.length, x.shape.length) }, moves)
  },
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Gemm: gemm,
  MatMul: matMul,
  OneHot: oneHot,
  Pad: pad,
  Range: (g) => {
    const [start, step] = [g.between(-3, 3), g.pick([-2, -1, 1, 2, 3])]
    const of = (n: number): Value => g.constant('int64', [], [n])
    g.node('Range', [of(start), of(start + step * g.between(0, 4) + Math.sign(step)), of(step)], {}, moves)
  },
  Reduce: reduction,
  Reshape: reshape,
  ReverseSequence: reverseSequence,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  Shape: shapeParts,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: (g) => {
    const x = any(g)
    g.node('Tile', [x, g.ints(x.shape.map(() => g.between(1, 2)))], {}, moves)
  },
  TopK: topK,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
}
