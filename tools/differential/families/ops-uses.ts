/** How ops get their arguments at random: tensors of a graph that fit, and what stands behind them. */
import type { Json } from '../json.ts'
import type { Random } from '../random.ts'
import type { Graph, Operand } from './ops-graph.ts'

/** What an op takes: references to inputs (`x0`) and nodes (`n0`), and what comes behind the tensors. */
export interface OpUse {
  readonly inputs: readonly string[]
  readonly args: readonly Json[]
  /** Which of several results the node is: a place in a list, or a name. */
  readonly take?: number | string
}

/** How one op of the table gets its arguments at random; undefined where nothing in the graph fits it. */
export type Use = (random: Random, graph: Graph) => OpUse | undefined

export const isFloat = ({ dtype }: Operand): boolean => dtype.startsWith('float')
export const any = (): boolean => true

/** One operand, as it comes, or first brought into the function's domain. */
export const unary =
  (domain?: 'positive' | 'unit' | 'float'): Use =>
  (random, graph) => {
    const x = graph.pick(random, domain === undefined ? any : isFloat)
    return (
      x && {
        inputs: [domain === undefined || domain === 'float' ? x.ref : graph.within(domain, x)],
        args: [],
      }
    )
  }

/** Two operands that broadcast, or one and a number. */
export const binary =
  (right: 'any' | 'apart from 0' = 'any'): Use =>
  (random, graph) => {
    const a = graph.pick(random, any)
    if (a === undefined) return undefined
    if (random.chance(0.2)) return { inputs: [a.ref], args: [random.pick([0.5, 1, 2, 3, -1, -2])] }
    const b = graph.broadcastable(random, a)
    const second = right === 'any' || graph.edges || !isFloat(b) ? b.ref : graph.within('positive', b)
    return random.chance(0.5) || right !== 'any'
      ? { inputs: [a.ref, second], args: [] }
      : { inputs: [second, a.ref], args: [] }
  }

export const power: Use = (random, graph) => {
  const a = graph.pick(random, isFloat)
  if (a === undefined) return undefined
  if (random.chance(0.5)) return { inputs: [a.ref], args: [random.pick([0, 1, 2, 3, 4, -1, -2])] }
  return { inputs: [graph.within('positive', a), graph.broadcastable(random, a).ref], args: [] }
}

/** An axis of the shape, counted from the front or from the back. */
export const axisOf = (random: Random, { shape }: Operand): number => {
  const axis = random.int(0, shape.length - 1)
  return random.chance(0.5) ? axis : axis - shape.length
}

export const axesOf = (random: Random, x: Operand): Json => {
  if (x.shape.length === 0 || random.chance(0.3)) return null
  if (random.chance(0.6)) return axisOf(random, x)
  const all = random.shuffled(x.shape.map((_, i) => i)).slice(0, random.int(1, x.shape.length))
  return all.map((axis) => (random.chance(0.5) ? axis : axis - x.shape.length))
}

export const reduction =
  (fits: (x: Operand) => boolean = any, needsElements = false): Use =>
  (random, graph) => {
    const x = graph.pick(random, (o) => fits(o) && !(needsElements && o.shape.includes(0)))
    if (x === undefined) return undefined
    return { inputs: [x.ref], args: [axesOf(random, x), random.chance(0.4) ? { keepDims: true } : {}] }
  }

export const argReduction: Use = (random, graph) => {
  const x = graph.pick(random, (o) => !o.shape.includes(0))
  if (x === undefined) return undefined
  const axis = x.shape.length === 0 || random.chance(0.3) ? null : axisOf(random, x)
  return { inputs: [x.ref], args: [axis, random.chance(0.4) ? { keepDims: true } : {}] }
}

/** An op along one axis, with further arguments behind it. */
export const along =
  (
    more: (random: Random, length: number, x: Operand) => readonly Json[] = () => [],
    fits = any as (x: Operand) => boolean,
  ): Use =>
  (random, graph) => {
    const x = graph.pick(random, (o) => o.shape.length > 0 && fits(o))
    if (x === undefined) return undefined
    const axis = axisOf(random, x)
    return { inputs: [x.ref], args: [axis, ...more(random, x.shape.at(axis) as number, x)] }
  }

export const ofRank =
  (
    low: number,
    high: number,
    args: (random: Random, x: Operand) => readonly Json[],
    fits = any as (x: Operand) => boolean,
  ): Use =>
  (random, graph) => {
    const x = graph.pick(random, (o) => o.shape.length >= low && o.shape.length <= high && fits(o))
    return x && { inputs: [x.ref], args: args(random, x) }
  }

export const reshape: Use = ofRank(0, 5, (random, { shape }) => {
  const size = shape.reduce((a, b) => a * b, 1)
  if (size === 0) return [[...shape, 1]]
  const factors: number[] = []
  let rest = size
  for (const p of [2, 3, 5, 7]) while (rest % p === 0) [rest] = [rest / p, factors.push(p)]
  if (rest > 1) factors.push(rest)
  const target = new Array<number>(random.int(1, 4)).fill(1)
  for (const f of factors) {
    const at = random.int(0, target.length - 1)
    target[at] = (target[at] as number) * f
  }
  if (random.chance(0.4)) target[random.int(0, target.length - 1)] = -1
  return [target]
})

export const broadcastTo: Use = ofRank(0, 4, (random, { shape }) => [
  [
    ...Array.from({ length: random.int(0, 2) }, () => random.int(0, 3)),
    ...shape.map((d) => (d === 1 ? random.int(1, 4) : d)),
  ],
])

/** Several tensors alike but along one axis. */
export const joined =
  (stacked: boolean): Use =>
  (random, graph) => {
    const x = graph.pick(random, (o) => stacked || o.shape.length > 0)
    if (x === undefined) return undefined
    const rank = x.shape.length + (stacked ? 1 : 0)
    const axis = random.int(-rank, rank - 1)
    const at = axis < 0 ? axis + rank : axis
    const others = Array.from({ length: random.int(0, 2) }, () => {
      const shape = x.shape.map((d, i) => (!stacked && i === at ? random.int(0, 3) : d))
      return random.chance(0.3)
        ? x.ref
        : graph.input(random, shape, random.chance(0.8) ? x.dtype : graph.dtype)
    })
    return { inputs: random.shuffled([x.ref, ...others]), args: [axis] }
  }

export const split: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.length > 0)
  if (x === undefined) return undefined
  const axis = axisOf(random, x)
  const length = x.shape.at(axis) as number
  if (random.chance(0.5)) {
    const parts = [1, 2, 3, 4].filter((n) => length % n === 0)
    const count = random.pick(parts)
    return { inputs: [x.ref], args: [count, axis], take: random.int(0, count - 1) }
  }
  const first = random.int(0, length)
  return { inputs: [x.ref], args: [[first, length - first], axis], take: random.int(0, 1) }
}

export const unstack: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.some((d) => d > 0))
  const axis = x?.shape.findIndex((d) => d > 0)
  if (x === undefined || axis === undefined) return undefined
  return { inputs: [x.ref], args: [axis], take: random.int(0, (x.shape[axis] as number) - 1) }
}

export const slice: Use = ofRank(1, 5, (random, { shape }) => {
  const count = random.int(1, shape.length)
  const starts = shape
    .slice(0, count)
    .map((d) => (random.chance(0.3) && d > 0 ? -random.int(1, d) : random.int(0, d)))
  const sizes = starts.map((start, i) => {
    const d = shape[i] as number
    return random.chance(0.3) ? -1 : random.int(0, d - (start < 0 ? start + d : start))
  })
  return [starts, sizes]
})

const indices = (random: Random, length: number, count: number): number[] =>
  Array.from({ length: count }, () => random.int(random.chance(0.3) ? -length : 0, length - 1))

export const gather: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.length > 0 && !o.shape.includes(0))
  if (x === undefined) return undefined
  const axis = axisOf(random, x)
  const shape = random.pick([[], [random.int(0, 4)], [2, random.int(1, 3)]])
  const values = indices(
    random,
    x.shape.at(axis) as number,
    shape.reduce((a, b) => a * b, 1),
  )
  return { inputs: [x.ref, graph.given(random.pick(['int32', 'int64']), shape, values)], args: [axis] }
}

export const takeAlongAxis: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.length > 0 && !o.shape.includes(0))
  if (x === undefined) return undefined
  const axis = axisOf(random, x)
  const at = axis < 0 ? axis + x.shape.length : axis
  const shape = x.shape.map((d, i) => (i === at ? random.int(1, 4) : d))
  const values = indices(
    random,
    x.shape[at] as number,
    shape.reduce((a, b) => a * b, 1),
  )
  return { inputs: [x.ref, graph.given(random.pick(['int32', 'int64']), shape, values)], args: [axis] }
}

export const scatterAdd: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.length > 0 && !o.shape.includes(0) && o.dtype !== 'bool')
  if (x === undefined) return undefined
  const axis = axisOf(random, x)
  const at = axis < 0 ? axis + x.shape.length : axis
  const count = random.int(0, 4)
  const updates = x.shape.map((d, i) => (i === at ? count : d))
  const places = Array.from({ length: count }, () => random.int(0, (x.shape[at] as number) - 1))
  return {
    inputs: [x.ref, graph.given('int32', [count], places), graph.input(random, updates, x.dtype)],
    args: [axis],
  }
}

export const oneHot: Use = (random, graph) => {
  const depth = random.int(1, 5)
  const shape = random.pick([[], [3], [2, 2]])
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.int(-1, depth))
  return { inputs: [graph.given('int32', shape, values)], args: [depth] }
}

export const matmul: Use = (random, graph) => {
  const a = graph.pick(random, (o) => o.shape.length > 0 && o.dtype !== 'bool')
  if (a === undefined) return undefined
  const inner = a.shape.at(-1) as number
  const columns = graph.size(random)
  const batch = a.shape.slice(0, -2).map((d) => (random.chance(0.3) ? 1 : d))
  const extra = random.chance(0.1) ? [2] : []
  const shape = random.chance(0.25)
    ? [inner]
    : [...extra, ...batch.slice(random.int(0, batch.length)), inner, columns]
  return { inputs: [a.ref, graph.input(random, shape, isFloat(a) ? a.dtype : 'int32')], args: [] }
}

export const outer: Use = (random, graph) => {
  const a = graph.pick(random, (o) => o.shape.length === 1)
  return a && { inputs: [a.ref, graph.input(random, [graph.size(random)], a.dtype)], args: [] }
}

export const dot: Use = (random, graph) => {
  const a = graph.pick(random, (o) => o.dtype !== 'bool')
  return a && { inputs: [a.ref, graph.input(random, a.shape, a.dtype)], args: [] }
}

const equations = [
  'ij,jk->ik',
  'bij,bjk->bik',
  'bhqd,bhkd->bhqk',
  'ij->ji',
  'ii->i',
  'ii->',
  'ij->',
  'ij,ij->i',
  'i,j->ij',
  'i,i->',
  'abc,cd->abd',
  'abc,adc->bd',
  'ab,bc,cd->ad',
  'abc->ca',
  'bij,bj->bi',
  'ij,kj',
  'ijk,ikl->jl',
  'abcd,acef->bdef',
  'i,ij,j->',
] as const

export const einsum: Use = (random, graph) => {
  const equation = random.pick(equations)
  const sizes = new Map<string, number>()
  const terms = (equation.split('->')[0] as string).split(',')
  const inputs = terms.map((term) => {
    const shape = [...term].map((letter) => {
      if (!sizes.has(letter)) sizes.set(letter, random.pick([1, 2, 3, 4]))
      return sizes.get(letter) as number
    })
    return graph.input(random, shape, graph.dtype)
  })
  return { inputs, args: [equation] }
}

const perDimension = (random: Random, rank: number, high: number): Json =>
  random.chance(0.5) ? random.int(1, high) : Array.from({ length: rank }, () => random.int(1, high))

/** An image of `rank` spatial dimensions, each at least as large as the window's span. */
const image = (random: Random, graph: Graph, rank: number, channels: number, first: boolean): string => {
  const spatial = Array.from({ length: rank }, () => random.int(rank === 3 ? 3 : 5, rank === 3 ? 5 : 9))
  const batch = random.chance(0.05) ? 0 : random.int(1, 2)
  return graph.input(
    random,
    first ? [batch, channels, ...spatial] : [batch, ...spatial, channels],
    graph.dtype,
  )
}

export const conv: Use = (random, graph) => {
  const rank = random.pick([1, 1, 2, 2, 2, 3])
  const groups = random.pick([1, 1, 2, 3])
  const perGroup = random.int(1, 3)
  const first = random.chance(0.3)
  const x = image(random, graph, rank, groups * perGroup, first)
  const window = Array.from({ length: rank }, () => random.int(1, 3))
  const kernel = graph.input(random, [...window, perGroup, groups * random.int(1, 3)], graph.dtype)
  const dilated = random.chance(0.3)
  return {
    inputs: [x, kernel],
    args: [
      {
        padding: random.pick(rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same']),
        ...(random.chance(0.5) ? { strides: perDimension(random, rank, 3) } : {}),
        ...(dilated ? { dilation: perDimension(random, rank, rank === 3 ? 1 : 2) } : {}),
        ...(groups === 1 ? {} : { groups }),
        ...(first ? { dataFormat: 'channelsFirst' } : {}),
      },
    ],
  }
}

export const convTranspose: Use = (random, graph) => {
  const rank = random.pick([1, 1, 2, 2, 3])
  const channels = random.int(1, 3)
  const first = random.chance(0.3)
  const x = image(random, graph, rank, channels, first)
  const window = Array.from({ length: rank }, () => random.int(1, 4))
  const kernel = graph.input(random, [...window, random.int(1, 3), channels], graph.dtype)
  const strided = random.chance(0.6)
  return {
    inputs: [x, kernel],
    args: [
      {
        padding: random.pick(['valid', 'same']),
        ...(strided ? { strides: perDimension(random, rank, 3) } : {}),
        ...(!strided && random.chance(0.3) ? { dilation: perDimension(random, rank, 2) } : {}),
        ...(first ? { dataFormat: 'channelsFirst' } : {}),
      },
    ],
  }
}

export const pooling: Use = (random, graph) => {
  const rank = random.pick([1, 2, 2, 3])
  const first = random.chance(0.3)
  return {
    inputs: [image(random, graph, rank, random.int(1, 3), first)],
    args: [
      {
        poolSize: perDimension(random, rank, 3),
        padding: random.pick(['valid', 'same']),
        ...(random.chance(0.5) ? { strides: perDimension(random, rank, 3) } : {}),
        ...(first ? { dataFormat: 'channelsFirst' } : {}),
      },
    ],
  }
}

export const adaptivePooling: Use = (random, graph) => {
  const rank = random.pick([1, 2, 3])
  const first = random.chance(0.3)
  return {
    inputs: [image(random, graph, rank, random.int(1, 2), first)],
    args: [{ outputSize: perDimension(random, rank, 4), ...(first ? { dataFormat: 'channelsFirst' } : {}) }],
  }
}

export const where: Use = (random, graph) => {
  const a = graph.pick(random, any)
  if (a === undefined) return undefined
  const condition = graph.given(
    'bool',
    a.shape,
    Array.from({ length: a.size }, () => random.int(0, 1)),
  )
  return { inputs: [condition, a.ref, graph.broadcastable(random, a).ref], args: [] }
}

export const clip: Use = (random, graph) => {
  const x = graph.pick(random, isFloat)
  if (x === undefined) return undefined
  const [min, max] = [-random.int(0, 900) / 1024, random.int(1, 900) / 1024]
  return { inputs: [x.ref], args: [random.pick([{ min }, { max }, { min, max }])] }
}

export const topK: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.length > 0)
  if (x === undefined) return undefined
  return {
    inputs: [x.ref],
    args: [random.int(0, x.shape.at(-1) as number)],
    take: random.pick(['values', 'indices']),
  }
}

export const pad: Use = (random, graph) => {
  const x = graph.pick(random, (o) => o.shape.length > 0)
  if (x === undefined) return undefined
  const mode = random.pick(['constant', 'constant', 'reflect', 'edge'])
  const most = (d: number): number => (mode === 'constant' ? 3 : mode === 'reflect' ? d - 1 : 3)
  if (mode !== 'constant' && x.shape.includes(0)) return undefined
  const padding = x.shape.map((d) => [random.int(0, most(d)), random.int(0, most(d))])
  return {
    inputs: [x.ref],
    args: [
      padding,
      { mode, ...(mode === 'constant' && random.chance(0.5) ? { value: random.int(0, 3) } : {}) },
    ],
  }
}

export const atLeast1 = (x: Operand): boolean => !x.shape.includes(0)
export const noArgs = ofRank(0, 5, () => [])
export const rounds: Use = (random, graph) => {
  const x = graph.pick(random, any)
  return x && { inputs: [x.ref], args: [] }
}
export const strided: Use = along((random, length) => {
  const bound = (): number =>
    random.chance(0.25) ? random.int(-length - 3, length + 3) : random.int(0, length)
  return [bound(), bound(), random.pick([1, 1, 2, 3, -1, -2])]
})
