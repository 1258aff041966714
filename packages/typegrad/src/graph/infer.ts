import type { DType } from '../base/dtype.ts'
import { isFloating } from '../base/dtype.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { partsOfMaskedSoftmax } from './masked-softmax.ts'
import {
  binaryPrimitives,
  type ConvParams,
  comparisonPrimitives,
  type Node,
  type PoolParams,
  type Primitive,
  type PrimitiveParams,
  type ReduceParams,
  reductionPrimitives,
  unaryPrimitives,
} from './primitives.ts'
import { checkQuantized } from './quantized.ts'

/** What a rule finds out: shape and dtype of the node's value. */
export interface Inferred {
  readonly shape: Shape
  readonly dtype: DType
}

type InferRule<P extends Primitive> = (inputs: readonly Node[], params: PrimitiveParams[P]) => Inferred

/** Input `i`, which the primitive's makers always give. */
function at(inputs: readonly Node[], i: number): Node {
  const node = inputs[i]
  if (node === undefined) throw new ShapeError(`graph: a node lacks its input ${i}`)
  return node
}

/**
 * NumPy's broadcasting: shapes are aligned at their ends; dimensions must agree or one of them be 1.
 *
 * @throws ShapeError that names both dimensions.
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  const result: number[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError({
        where,
        expected: `shapes that broadcast (equal dimensions, or 1, aligned at the end)`,
        received: `${formatShape(a)} and ${formatShape(b)}, whose dimensions ${x} and ${y} differ`,
        fix: 'Reshape one of them, or insert a dimension with expandDims.',
      })
    }
    result.push(x === 1 ? y : x)
  }
  return result
}

function sameDTypes(where: string, a: Node, b: Node): DType {
  if (a.dtype !== b.dtype) {
    throw new DTypeError({
      where,
      expected: 'two tensors of one dtype',
      received: `${a.dtype} and ${b.dtype}`,
      fix: 'Cast one of them: x.cast(dtype).',
    })
  }
  return a.dtype
}

/** Elements a window of `size`, dilated, makes of `length` elements. */
export function windowCount(
  where: string,
  length: number,
  size: number,
  stride: number,
  dilation: number,
  [before, after]: readonly [number, number],
): number {
  const span = (size - 1) * dilation + 1
  const padded = length + before + after
  if (span > padded) {
    throw new ShapeError({
      where,
      expected: `an input of at least ${span} elements along each spatial dimension of the window`,
      received: `${length} elements with a padding of ${before} and ${after}`,
      fix: "Use padding: 'same', a smaller window or a larger input.",
    })
  }
  return Math.floor((padded - span) / stride) + 1
}

const convolved = (x: Shape, kernel: Shape, params: ConvParams): Shape => {
  const [batch, channels] = x
  const [outputs, perGroup, ...window] = kernel
  if (x.length !== kernel.length || channels !== (perGroup as number) * params.groups) {
    throw new ShapeError({
      where: 'conv',
      expected: `an input with ${(perGroup as number) * params.groups} channels and rank ${kernel.length} for a kernel of ${formatShape(window)} windows`,
      received: `${channels} channels in shape ${formatShape(x)} (channels first)`,
      fix: 'Check dataFormat, groups and the kernel.',
    })
  }
  const spatial = window.map((size, i) =>
    windowCount(
      'conv',
      x[i + 2] as number,
      size,
      params.strides[i] ?? 1,
      params.dilation[i] ?? 1,
      params.padding[i] ?? [0, 0],
    ),
  )
  return [batch as number, outputs as number, ...spatial]
}

function pooled(x: Shape, { window, strides, padding, isChannelsLast }: PoolParams): Shape {
  const first = isChannelsLast === true ? 1 : 2
  const places = window.map((size, i) =>
    windowCount('pool', x[i + first] as number, size, strides[i] ?? 1, 1, padding[i] ?? [0, 0]),
  )
  return x.toSpliced(first, window.length, ...places)
}

export const reducedShape = (shape: Shape, { axes, keepDims }: ReduceParams): Shape =>
  keepDims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i))

function family<P extends Primitive>(
  kinds: readonly P[],
  rule: (kind: P) => InferRule<P>,
): Record<P, InferRule<P>> {
  return Object.fromEntries(kinds.map((kind) => [kind, rule(kind)])) as Record<P, InferRule<P>>
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

const sum = ([before, after]: readonly [number, number]): number => before + after

/**
 * How many elements a slice takes along each axis. Native code reads where these bounds say, so none may lie outside of
 * the axis: the operations have made them so (`ops/slice-bounds.ts`), and a graph from elsewhere is refused here.
 */
function slicedShape(shape: Shape, { starts, stops, steps }: PrimitiveParams['slice']): Shape {
  const isAxis = (length: number, i: number): boolean => {
    const [start, stop, step] = [starts[i], stops[i], steps[i]] as const
    if (![start, stop, step].every(Number.isSafeInteger)) return false
    const [first, last] = (step as number) > 0 ? [0, length] : [-1, length - 1]
    return (
      step !== 0 && [start, stop].every((bound) => first <= (bound as number) && (bound as number) <= last)
    )
  }
  if ([starts, stops, steps].some(({ length }) => length !== shape.length) || !shape.every(isAxis)) {
    throw new ShapeError({
      where: 'slice',
      expected: `a start, a stop and a step other than 0 within each axis of ${formatShape(shape)}`,
      received: `starts ${formatShape(starts)}, stops ${formatShape(stops)}, steps ${formatShape(steps)}`,
    })
  }
  return starts.map((start, i) =>
    Math.max(0, Math.ceil(((stops[i] as number) - start) / (steps[i] as number))),
  )
}

/** A block of `sizes` must fit into `shape`, wherever it begins, and begin somewhere along each axis. */
function checkBlock(where: string, shape: Shape, sizes: Shape, starts: Node): void {
  if (
    sizes.length !== shape.length ||
    sizes.some((size, i) => !isCount(size) || size > (shape[i] as number))
  ) {
    throw new ShapeError({
      where,
      expected: `a block that fits into shape ${formatShape(shape)}`,
      received: formatShape(sizes),
    })
  }
  if (!sameShape(integer(`${where}: starts`, starts).shape, [shape.length])) {
    throw new ShapeError({
      where: `${where}: starts`,
      expected: `one start for each of the ${shape.length} axes of ${formatShape(shape)}`,
      received: `shape ${formatShape(starts.shape)}`,
    })
  }
}

/** What may follow scores: a mask that broadcasts to them, and a whole number. */
function checkMasks(scores: Node, inputs: readonly Node[]): void {
  if (scores.shape.length < 2) {
    throw new ShapeError({
      where: 'maskedSoftmax',
      expected: 'scores (…, queries, keys)',
      received: formatShape(scores.shape),
    })
  }
  const { mask, offset } = partsOfMaskedSoftmax(inputs)
  const given = 1 + [mask, offset].filter(Boolean).length
  if (mask !== undefined && !sameShape(broadcastShapes('mask', mask.shape, scores.shape), scores.shape)) {
    throw new ShapeError({
      where: 'maskedSoftmax: mask',
      expected: `a shape that broadcasts to the scores' ${formatShape(scores.shape)}`,
      received: formatShape(mask.shape),
    })
  }
  if (offset !== undefined && offset.shape.length > 0) {
    throw new ShapeError({
      where: 'maskedSoftmax: queryOffset',
      expected: 'a scalar, shape []',
      received: formatShape(offset.shape),
      fix: 'Reshape it: offset.reshape([]).',
    })
  }
  if (given !== inputs.length) {
    throw new DTypeError({
      where: 'maskedSoftmax',
      expected: 'a mask of dtype bool and an offset of dtype int32 or int64, each at most once',
      received: inputs
        .slice(1)
        .map(({ dtype }) => dtype)
        .join(', '),
    })
  }
}

/** What is without one axis: positions along it, of which there has to be one. */
function positions(where: string, shape: Shape, axis: number): Inferred {
  if (shape[axis] === 0) {
    throw new ShapeError({
      where,
      expected: `at least one element along axis ${axis}, to have a position`,
      received: `shape ${formatShape(shape)}`,
    })
  }
  return { shape: shape.filter((_, i) => i !== axis), dtype: 'int32' }
}

const likeFirst = (inputs: readonly Node[]): Inferred => at(inputs, 0)

/** Shape and dtype of every primitive's value. */
export const inferRules: { readonly [P in Primitive]: InferRule<P> } = {
  ...family(unaryPrimitives, () => likeFirst),
  ...family(binaryPrimitives, (kind) => (inputs) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)]
    return { shape: broadcastShapes(kind, a.shape, b.shape), dtype: sameDTypes(kind, a, b) }
  }),
  ...family(comparisonPrimitives, (kind) => (inputs) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)]
    sameDTypes(kind, a, b)
    return { shape: broadcastShapes(kind, a.shape, b.shape), dtype: 'bool' as const }
  }),
  ...family(reductionPrimitives, () => (inputs, params) => {
    const x = at(inputs, 0)
    return { shape: reducedShape(x.shape, params), dtype: x.dtype }
  }),
  isNaN: (inputs) => ({ shape: at(inputs, 0).shape, dtype: 'bool' }),

  constant: (_, { dtype, shape }) => ({ dtype, shape }),
  data: (_, { source }) => source,
  input: (_, { dtype, shape }) => ({ dtype, shape }),
  iota: (_, { length, dtype }) => ({ shape: [length], dtype }),
  randomBits: (_, { shape }) => ({ shape, dtype: 'uint32' }),

  cast: (inputs, { dtype }) => ({ shape: at(inputs, 0).shape, dtype }),
  select: (inputs) => {
    const [condition, a, b] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)]
    if (condition.dtype !== 'bool') {
      throw new DTypeError({
        where: 'where',
        expected: 'a condition of dtype bool',
        received: condition.dtype,
      })
    }
    return {
      shape: broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape)),
      dtype: sameDTypes('where', a, b),
    }
  },
  barrier: likeFirst,
  customGradient: likeFirst,

  argMax: (inputs, { axis }) => positions('argMax', at(inputs, 0).shape, axis),
  argMin: (inputs, { axis }) => positions('argMin', at(inputs, 0).shape, axis),
  topK: (inputs, { k }) => {
    const { shape } = at(inputs, 0)
    const last = shape.at(-1) ?? 0
    if (k > last) {
      throw new ShapeError({ where: 'topK', expected: `k of at most ${last}`, received: `k = ${k}` })
    }
    return { shape: [...shape.slice(0, -1), k], dtype: 'int32' }
  },
  cumsum: likeFirst,
  softmax: (inputs) => floating('softmax', at(inputs, 0)),
  logSoftmax: (inputs) => floating('logSoftmax', at(inputs, 0)),
  maskedSoftmax: (inputs) => {
    const scores = floating('maskedSoftmax', at(inputs, 0))
    checkMasks(scores, inputs)
    return scores
  },

  matmul: (inputs) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)]
    const [m, k] = a.shape.slice(-2)
    const [k2, n] = b.shape.slice(-2)
    if (a.shape.length < 2 || b.shape.length < 2 || k !== k2) {
      throw new ShapeError({
        where: 'matmul',
        expected: `inner dimensions that agree`,
        received: `${k ?? 'none'} and ${k2 ?? 'none'} (shapes ${formatShape(a.shape)} and ${formatShape(b.shape)})`,
        fix: 'Transpose or reshape one of them.',
      })
    }
    const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2))
    return { shape: [...batch, m as number, n as number], dtype: sameDTypes('matmul', a, b) }
  },
  dequantize: (inputs, params) => ({
    shape: [checkQuantized('dequantize', inputs, params), params.columns],
    dtype: 'float32',
  }),
  quantizedProduct: ([x, ...matrix], params) => ({
    shape: [...(x as Node).shape.slice(0, -1), checkQuantized('quantizedProduct', matrix, params)],
    dtype: 'float32',
  }),
  conv: (inputs, params) => {
    const [x, kernel] = [at(inputs, 0), at(inputs, 1)]
    const dtype = sameDTypes('conv', x, kernel)
    if (params.isChannelsLast !== true) return { shape: convolved(x.shape, kernel.shape, params), dtype }
    const [batch, ...rest] = x.shape
    const [inner, outputs] = kernel.shape.slice(-2) as [number, number]
    const first = [batch as number, rest.at(-1) as number, ...rest.slice(0, -1)]
    const [, , ...places] = convolved(first, [outputs, inner, ...kernel.shape.slice(0, -2)], params)
    return { shape: [batch as number, ...places, outputs], dtype }
  },
  convInputGradient: (inputs, { inputShape }) => ({ shape: inputShape, dtype: at(inputs, 0).dtype }),
  convKernelGradient: (inputs, { kernelShape }) => ({ shape: kernelShape, dtype: at(inputs, 0).dtype }),
  maxPool: (inputs, params) => ({ shape: pooled(at(inputs, 0).shape, params), dtype: at(inputs, 0).dtype }),
  maxPoolIndices: (inputs, params) => ({ shape: pooled(at(inputs, 0).shape, params), dtype: 'int64' }),
  maxPoolGradient: likeFirst,
  averagePool: (inputs, params) => ({
    shape: pooled(at(inputs, 0).shape, params),
    dtype: at(inputs, 0).dtype,
  }),

  reshape: (inputs, { shape }) => {
    const x = at(inputs, 0)
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError({
        where: 'reshape',
        expected: `a shape of ${sizeOf(x.shape)} elements, as in ${formatShape(x.shape)}`,
        received: `${formatShape(shape)}, which has ${sizeOf(shape)}`,
      })
    }
    return { shape, dtype: x.dtype }
  },
  broadcast: (inputs, { shape }) => {
    const x = at(inputs, 0)
    if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape)) {
      throw new ShapeError({
        where: 'broadcastTo',
        expected: `a shape that ${formatShape(x.shape)} can grow to`,
        received: formatShape(shape),
      })
    }
    return { shape, dtype: x.dtype }
  },
  transpose: (inputs, { permutation }) => {
    const x = at(inputs, 0)
    if (permutation.length !== x.shape.length || new Set(permutation).size !== x.shape.length) {
      throw new ShapeError({
        where: 'transpose',
        expected: `a permutation of the ${x.shape.length} axes of ${formatShape(x.shape)}`,
        received: formatShape(permutation),
      })
    }
    return { shape: permutation.map((axis) => x.shape[axis] as number), dtype: x.dtype }
  },
  concat: (inputs, { axis }) => {
    const first = at(inputs, 0)
    let length = 0
    for (const input of inputs) {
      sameDTypes('concat', first, input)
      if (
        input.shape.length !== first.shape.length ||
        input.shape.some((d, i) => i !== axis && d !== first.shape[i])
      ) {
        throw new ShapeError({
          where: 'concat',
          expected: `tensors alike in every dimension but ${axis}`,
          received: `${formatShape(first.shape)} and ${formatShape(input.shape)}`,
        })
      }
      length += input.shape[axis] as number
    }
    return { shape: first.shape.map((d, i) => (i === axis ? length : d)), dtype: first.dtype }
  },
  slice: (inputs, params) => ({
    shape: slicedShape(at(inputs, 0).shape, params),
    dtype: at(inputs, 0).dtype,
  }),
  pad: (inputs, { padding }) => {
    const x = at(inputs, 0)
    if (padding.length !== x.shape.length || padding.flat().some((count) => !isCount(count))) {
      throw new ShapeError({
        where: 'pad',
        expected: `two whole numbers of at least 0 for each axis of ${formatShape(x.shape)}`,
        received: padding.map(formatShape).join(', ') || 'none',
      })
    }
    return { shape: x.shape.map((d, i) => d + sum(padding[i] as readonly [number, number])), dtype: x.dtype }
  },
  dynamicSlice: (inputs, { sizes }) => {
    const x = at(inputs, 0)
    checkBlock('dynamicSlice', x.shape, sizes, at(inputs, 1))
    return { shape: sizes, dtype: x.dtype }
  },
  dynamicUpdateSlice: (inputs) => {
    const [x, update] = [at(inputs, 0), at(inputs, 1)]
    checkBlock('dynamicUpdateSlice', x.shape, update.shape, at(inputs, 2))
    return { shape: x.shape, dtype: sameDTypes('dynamicUpdateSlice', x, update) }
  },

  gather: (inputs, { axis }) => {
    const [x, indices] = [at(inputs, 0), integer('gather', at(inputs, 1))]
    return {
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      dtype: x.dtype,
    }
  },
  scatterAdd: (inputs, { axis, size }) => {
    const [indices, updates] = [integer('scatterAdd', at(inputs, 0)), at(inputs, 1)]
    const rest = updates.shape.slice(axis + indices.shape.length)
    if (!sameShape(updates.shape.slice(axis, axis + indices.shape.length), indices.shape)) {
      throw new ShapeError({
        where: 'scatterAdd',
        expected: `updates with the indices' shape ${formatShape(indices.shape)} at axis ${axis}`,
        received: formatShape(updates.shape),
      })
    }
    const shape = [...updates.shape.slice(0, axis), size, ...rest]
    const onto = inputs[2]
    if (onto !== undefined && !(sameShape(onto.shape, shape) && onto.dtype === updates.dtype)) {
      throw new ShapeError({
        where: 'scatterAdd',
        expected: `${updates.dtype} ${formatShape(shape)} to add the updates to`,
        received: `${onto.dtype} ${formatShape(onto.shape)}`,
      })
    }
    return { shape, dtype: updates.dtype }
  },
  gatherElements: (inputs, { axis }) => {
    const [x, indices] = [at(inputs, 0), integer('takeAlongAxis', at(inputs, 1))]
    if (
      x.shape.length !== indices.shape.length ||
      x.shape.some((d, i) => i !== axis && d !== indices.shape[i])
    ) {
      throw new ShapeError({
        where: 'takeAlongAxis',
        expected: `indices alike to ${formatShape(x.shape)} in every dimension but ${axis}`,
        received: formatShape(indices.shape),
      })
    }
    return { shape: indices.shape, dtype: x.dtype }
  },
  scatterElements: (inputs, { axis, size }) => {
    const [indices, updates] = [integer('scatterElements', at(inputs, 0)), at(inputs, 1)]
    if (!sameShape(indices.shape, updates.shape)) {
      throw new ShapeError({
        where: 'scatterElements',
        expected: `updates of the indices' shape ${formatShape(indices.shape)}`,
        received: formatShape(updates.shape),
      })
    }
    return { shape: updates.shape.map((d, i) => (i === axis ? size : d)), dtype: updates.dtype }
  },

  // A tuple has no shape of its own; its members are asked for theirs.
  scan: () => ({ shape: [], dtype: 'float32' }),
  element: (inputs, { index }) => {
    const scan = at(inputs, 0)
    if (scan.kind !== 'scan') throw new ShapeError(`element: expected a scan, received ${scan.kind}`)
    const { body, carries, length } = scan.params
    const output = at(body.outputs, index)
    return { shape: index < carries ? output.shape : [length, ...output.shape], dtype: output.dtype }
  },
}

function integer(where: string, indices: Node): Node {
  if (indices.dtype === 'int32' || indices.dtype === 'int64') return indices
  throw new DTypeError({
    where,
    expected: 'indices of dtype int32 or int64',
    received: indices.dtype,
    fix: "Cast them: indices.cast('int32').",
  })
}

function floating(where: string, x: Node): Node {
  if (isFloating(x.dtype)) return x
  throw new DTypeError({
    where,
    expected: 'a floating-point tensor',
    received: x.dtype,
    fix: "Cast it: x.cast('float32').",
  })
}
