import { isFloating } from '../../base/dtype.ts'
import { type Shape, sizeOf, stridesOf } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { knownValues } from '../known-values.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

/** Positions count from the end where they are negative. */
const fromFront = (indices: Tensor, size: number): Tensor =>
  apply('select', [ops.less(indices, 0), ops.add(indices, size), indices], {})

const gather: Operator = (call) => {
  const [x, indices] = [call.input(0), call.input(1)]
  return apply('gather', [x, indices], { axis: call.axis(x, call.int('axis', 0)) })
}

/**
 * Row-major positions of (…, K) tuples of indices in the first K axes after `skipped`.
 *
 * @returns as int64, of the indices' shape without its last axis.
 */
function flatPositions(indices: Tensor, sizes: Shape): Tensor {
  const strides = stridesOf(sizes)
  const parts = ops.unstack(ops.cast(indices, 'int64'), -1)
  const first = apply('broadcast', [constant([0], [], 'int64')], { shape: indices.shape.slice(0, -1) })
  return parts.reduce<Tensor>(
    (sum, part, axis) =>
      ops.add(sum, ops.mul(fromFront(part, sizes[axis] as number), strides[axis] as number)),
    first,
  )
}

/** Slices at tuples of indices; the first `batch_dims` axes are those of both. */
const gatherND: Operator = (call) => {
  const [x, indices] = [call.input(0), call.input(1)]
  const batch = call.int('batch_dims', 0)
  const depth = indices.shape.at(-1) as number
  const batches = sizeOf(x.shape.slice(0, batch))
  const sizes = x.shape.slice(batch, batch + depth)
  const rest = x.shape.slice(batch + depth)
  const rows = sizeOf(sizes)
  const flat = ops.reshape(x, [batches * rows, ...rest])
  const own = flatPositions(ops.reshape(indices, [batches, ...indices.shape.slice(batch)]), sizes)
  const starts = Array.from({ length: batches }, (_, i) => i * rows)
  const at = ops.add(own, constant(starts, [batches, ...own.shape.slice(1).map(() => 1)], 'int64'))
  return ops.reshape(apply('gather', [flat, at], { axis: 0 }), [...indices.shape.slice(0, -1), ...rest])
}

/** What an update becomes of the value that is there. */
type Combine = (old: Tensor, update: Tensor) => Tensor
const reductions: Readonly<Record<string, Combine>> = {
  mul: (old, update) => apply('mul', [old, update], {}),
  max: (old, update) => apply('max', [old, update], {}),
  min: (old, update) => apply('min', [old, update], {}),
}

/**
 * Rows of `flat` (rows, …) put in the place of others. Repeated positions add up by `'add'`; ONNX's other reductions need
 * positions that are known, for those that repeat are taken in rounds.
 */
function scatterRows(
  call: NodeCall,
  flat: Tensor,
  positions: Tensor,
  updates: Tensor,
  reduction: string,
): Tensor {
  const size = flat.shape[0] as number
  const added = (values: Tensor): Tensor => apply('scatterAdd', [positions, values], { axis: 0, size })
  if (reduction === 'add') return apply('add', [flat, added(updates)], {})
  const ones = apply('broadcast', [constant([1], [], 'float32')], { shape: positions.shape })
  const count = ops.reshape(added(ones), [size, ...flat.shape.slice(1).map(() => 1)])
  const isHit = ops.greater(count, 0)
  if (reduction === 'none') {
    // Of repeated positions ONNX leaves open which wins.
    return apply('select', [isHit, added(updates), flat], {})
  }
  const combine = reductions[reduction] ?? call.refuse(`with the reduction '${reduction}'`)
  const known = knownValues(positions)
  if (known === undefined)
    return comparedRows(call, flat, positions, updates, reduction as keyof typeof starts)
  return roundsOf(known).reduce((values, rows) => {
    const which = constant(rows, [rows.length], 'int64')
    const [at, own] = [positions, updates].map((of) => apply('gather', [of, which], { axis: 0 })) as [
      Tensor,
      Tensor,
    ]
    const old = apply('gather', [values, at], { axis: 0 })
    const change = apply('sub', [combine(old, own), old], {})
    return apply('add', [values, apply('scatterAdd', [at, change], { axis: 0, size })], {})
  }, flat)
}

/** Elements that updates at positions which the network computes may be compared with. */
const mostCompared = 1 << 24

const starts = { mul: 1, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY } as const
const reducing = { mul: 'reduceProd', max: 'reduceMax', min: 'reduceMin' } as const

/** Every position takes of all updates those that are its own. */
function comparedRows(
  call: NodeCall,
  flat: Tensor,
  positions: Tensor,
  updates: Tensor,
  reduction: keyof typeof starts,
): Tensor {
  const [size, count] = [flat.shape[0] as number, positions.size]
  const rest = flat.shape.slice(1)
  if (size * count * sizeOf(rest) > mostCompared || (reduction !== 'mul' && !isFloating(flat.dtype)))
    return call.refuse(`with the reduction '${reduction}' at positions that depend on the data`)
  const places = ops.reshape(apply('iota', [], { length: size, dtype: 'int64' }), [size, 1])
  const isOwn = ops.reshape(ops.equal(places, ops.reshape(positions, [1, count])), [
    size,
    count,
    ...rest.map(() => 1),
  ])
  const seen = apply('select', [isOwn, ops.expandDims(updates, 0), call.like(starts[reduction], flat)], {})
  const own = apply(reducing[reduction], [seen], { axes: [1], keepDims: false })
  return (reductions[reduction] as Combine)(flat, own)
}

/** Rows of updates one after the other, so that no position is twice in a round: [5, 7, 5] is done in rows 0 and 1, then row 2. */
function roundsOf(positions: readonly number[]): readonly (readonly number[])[] {
  const times = new Map<number, number>()
  const rounds: number[][] = []
  for (const [row, position] of positions.entries()) {
    const round = times.get(position) ?? 0
    times.set(position, round + 1)
    const rows = rounds[round] ?? []
    rounds[round] = rows
    rows.push(row)
  }
  return rounds
}

const scatterND: Operator = (call) => {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)]
  const depth = indices.shape.at(-1) as number
  const rest = x.shape.slice(depth)
  const flat = ops.reshape(x, [sizeOf(x.shape.slice(0, depth)), ...rest])
  const positions = ops.flatten(flatPositions(indices, x.shape.slice(0, depth)))
  const rows = ops.reshape(updates, [positions.size, ...rest])
  return ops.reshape(scatterRows(call, flat, positions, rows, call.string('reduction', 'none')), x.shape)
}

/** x with updates at positions along one axis: positions of the flattened x. */
const scatterElements: Operator = (call) => {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)]
  const axis = call.axis(x, call.int('axis', 0))
  const strides = stridesOf(x.shape)
  const along = fromFront(ops.cast(indices, 'int64'), x.shape[axis] as number)
  const positions = indices.shape.reduce<Tensor>(
    (sum, length, i) => {
      if (i === axis) return sum
      const places = apply('iota', [], { length, dtype: 'int64' })
      const spread = ops.reshape(
        places,
        indices.shape.map((_, j) => (j === i ? length : 1)),
      )
      return ops.add(sum, ops.mul(spread, strides[i] as number))
    },
    ops.mul(along, strides[axis] as number),
  )
  const flat = ops.flatten(x)
  const made = scatterRows(
    call,
    flat,
    ops.flatten(positions),
    ops.flatten(updates),
    call.string('reduction', 'none'),
  )
  return ops.reshape(made, x.shape)
}

const gatherElements: Operator = (call) => {
  const [x, indices] = [call.input(0), call.input(1)]
  const axis = call.axis(x, call.int('axis', 0))
  const at = fromFront(indices, x.shape[axis] as number)
  // Other axes may be shorter than x's.
  const cut = apply('slice', [x], {
    starts: x.shape.map(() => 0),
    stops: x.shape.map((d, i) => (i === axis ? d : (indices.shape[i] as number))),
    steps: x.shape.map(() => 1),
  })
  return apply('gatherElements', [cut, at], { axis })
}

const topK: Operator = (call) => {
  const x = call.input(0)
  const k = call.has('k') ? call.int('k', 0) : (call.numbers(1)[0] as number)
  const axis = call.axis(x, call.int('axis', -1))
  const last = x.rank - 1
  const swap = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i))
  const along = axis === last ? x : apply('transpose', [x], { permutation: swap })
  const indices = apply('topK', [along], { k, largest: call.int('largest', 1) === 1 })
  const values = apply('gatherElements', [along, indices], { axis: last })
  const back = (t: Tensor): Tensor => (axis === last ? t : apply('transpose', [t], { permutation: swap }))
  return [back(values), ops.cast(back(indices), 'int64')]
}

/** Values of [off, on]: `on` at each index along a new axis. */
const oneHot: Operator = (call) => {
  const [indices, values] = [call.input(0), call.input(2)]
  const depth = call.numbers(1)[0] as number
  const axis = call.axis(indices, call.int('axis', -1), 1)
  const at = ops.expandDims(fromFront(ops.cast(indices, 'int32'), depth), axis)
  const places = ops.reshape(
    apply('iota', [], { length: depth, dtype: 'int32' }),
    at.shape.map((_, i) => (i === axis ? depth : 1)),
  )
  return apply('select', [ops.equal(at, places), ops.at(values, 1), ops.at(values, 0)], {})
}

/** Positions of what is not 0, (rank, count): a shape that depends on the elements, so these have to be known. */
const nonZero: Operator = (call) => {
  const { shape } = call.input(0)
  const strides = stridesOf(shape)
  const found = call.numbers(0).flatMap((value, i) => (value === 0 ? [] : [i]))
  const rows = shape.flatMap((d, axis) => found.map((i) => Math.floor(i / (strides[axis] as number)) % d))
  return constant(rows, [shape.length, found.length], 'int64')
}

/** Slices whose condition holds; the conditions have to be known, since they make the shape. */
const compress: Operator = (call) => {
  const x = call.has('axis') ? call.input(0) : ops.flatten(call.input(0))
  const axis = call.axis(x, call.int('axis', 0))
  // A condition may be longer than the axis: what is beyond it says nothing.
  const kept = call
    .numbers(1)
    .slice(0, x.shape[axis])
    .flatMap((value, i) => (value === 0 ? [] : [i]))
  return ops.gather(x, constant(kept, [kept.length], 'int32'), axis)
}

/** The first steps of each sequence in the opposite order, as many as it has. */
const reverseSequence: Operator = (call) => {
  const [x, lengths] = [call.input(0), ops.cast(call.input(1), 'int32')]
  const [batchAxis, timeAxis] = [call.int('batch_axis', 1), call.int('time_axis', 0)]
  return reversedSequences(x, lengths, timeAxis, batchAxis)
}

/** x with the first `lengths` elements along the time axis of each sequence turned around. */
export function reversedSequences(x: Tensor, lengths: Tensor, timeAxis: number, batchAxis: number): Tensor {
  const time = x.shape[timeAxis] as number
  const along = (t: Tensor, axis: number): Tensor =>
    ops.reshape(
      t,
      x.shape.map((_, i) => (i === axis ? t.size : 1)),
    )
  const places = along(apply('iota', [], { length: time, dtype: 'int32' }), timeAxis)
  const ends = along(lengths, batchAxis)
  const turned = ops.where(ops.less(places, ends), ops.sub(ops.sub(ends, places), 1), places)
  return apply('gatherElements', [x, apply('broadcast', [turned], { shape: x.shape })], { axis: timeAxis })
}

const cumSum: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.numbers(1)[0] as number)
  return apply('cumsum', [x], {
    axis,
    exclusive: call.int('exclusive', 0) === 1,
    reverse: call.int('reverse', 0) === 1,
  })
}

/** Products of all elements up to each: a loop, for no primitive has them. */
const cumProd: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.numbers(1)[0] as number)
  const first = ops.transpose(x, [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)])
  const isExclusive = call.int('exclusive', 0) === 1
  const start = apply('broadcast', [call.like(1, x)], { shape: first.shape.slice(1) })
  const made = ops.scan({
    initial: [start],
    sequences: [first],
    reverse: call.int('reverse', 0) === 1,
    step: ([before]: readonly Tensor[], [slice]: readonly Tensor[]) => {
      const after = apply('mul', [before as Tensor, slice as Tensor], {})
      return { carries: [after], outputs: [isExclusive ? (before as Tensor) : after] }
    },
  })
  const back = x.shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i))
  return ops.transpose(made.outputs[0] as Tensor, back)
}

/** A cache (batch, …) with new slices along an axis from where each sample says; they go on at the start in mode `circular`. */
const tensorScatter: Operator = (call) => {
  const [cache, update] = [call.input(0), call.input(1)]
  const axis = call.axis(cache, call.int('axis', -2))
  const [size, count] = [cache.shape[axis] as number, update.shape[axis] as number]
  const along = (t: Tensor, at: number): Tensor =>
    ops.reshape(
      t,
      cache.shape.map((_, i) => (i === at ? t.size : 1)),
    )
  const places = along(apply('iota', [], { length: size, dtype: 'int64' }), axis)
  const starts = call.optional(2)
  const moved = starts === undefined ? places : ops.sub(places, along(ops.cast(starts, 'int64'), 0))
  const from = call.string('mode', 'linear') === 'circular' ? ops.mod(moved, size) : moved
  const isNew = ops.logicalAnd(ops.greaterEqual(from, 0), ops.less(from, count))
  const rows = ops.broadcastTo(ops.clip(from, { min: 0, max: count - 1 }), cache.shape)
  return apply('select', [isNew, apply('gatherElements', [update, rows], { axis }), cache], {})
}

export const indexing: Operators = {
  Compress: compress,
  CumProd: cumProd,
  CumSum: cumSum,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  NonZero: nonZero,
  OneHot: oneHot,
  ReverseSequence: reverseSequence,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  TensorScatter: tensorScatter,
  TopK: topK,
}
