/** Random graphs of ops, with first and second derivatives, against PyTorch. */
import { evaluateAll, grad, scalar, type Tensor, tensor } from 'typegrad'
import type { DType } from 'typegrad/engine'
import { type ArrayJson, arrayJson, nestedText, sizeOf, tensorJson, tensorOf } from '../arrays.ts'
import type { Family } from '../family.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { shrunkArrays } from '../shrink-arrays.ts'
import { build, Graph, type OpNode, type OpsSpec, sinks } from './ops-graph.ts'
import { type OpName, opNames, ops } from './ops-table.ts'
import type { OpUse } from './ops-uses.ts'

function generate(random: Random): OpsSpec {
  const edges = random.chance(0.25)
  const dtype = random.pick<DType>([
    'float64',
    'float64',
    'float64',
    'float64',
    'float32',
    'int32',
    'int64',
    'uint8',
    'bool',
  ])
  const graph = new Graph(dtype, edges, random.chance(0.1) ? 70 : 12)
  const rank = random.pick([0, 1, 1, 2, 2, 2, 3, 3, 4])
  graph.input(
    random,
    Array.from({ length: rank }, () => graph.size(random)),
    dtype,
  )
  const length = edges ? 1 : random.pick([1, 2, 3, 4, 6, 8])
  for (let made = 0, tries = 0; made < length && tries < 50; tries++) {
    const op = random.pick(opNames)
    if (edges && unlikeAtEdges.has(op)) continue
    const use: OpUse | undefined = ops[op].use(random, graph)
    if (use === undefined) continue
    made++
    const { inputs, args, take } = use
    try {
      graph.add({ op, inputs, args, ...(take === undefined ? {} : { take }) })
    } catch {
      // What typegrad refuses stays as the last node: PyTorch says whether it was right to.
      break
    }
  }
  const isExact = graph.nodes.every(({ op }) => exactAtEdges.has(op))
  return { inputs: graph.inputs, nodes: graph.nodes, order: edges ? (isExact ? 1 : 0) : 2, edges }
}

/**
 * Where derivatives at NaN, infinities and ties are a matter of definition rather than of how the formula happens to be
 * written: what moves elements, and extremes.
 */
const exactAtEdges: ReadonlySet<OpName> = new Set<OpName>([
  'neg',
  'abs',
  'relu',
  'add',
  'sub',
  'where',
  'sum',
  'max',
  'min',
  'cumsum',
  'sort',
  'topK',
  'reshape',
  'flatten',
  'transpose',
  'expandDims',
  'squeeze',
  'broadcastTo',
  'concat',
  'stack',
  'split',
  'unstack',
  'slice',
  'at',
  'stridedSlice',
  'flip',
  'roll',
  'tile',
  'repeat',
  'pad',
  'tril',
  'triu',
  'gather',
  'takeAlongAxis',
  'scatterAdd',
  'floor',
  'ceil',
  'round',
  'sign',
  'mean',
  'stopGradient',
])

/** Where 0 · ∞ depends on whether a zero of the padding, or outside of a window, is multiplied at all. */
const unlikeAtEdges: ReadonlySet<OpName> = new Set<OpName>([
  'conv',
  'convTranspose',
  'adaptiveAveragePool',
  'averagePool',
  'matmul',
  'einsum',
])

/** What ONNX Runtime computes in float32 alone: float64 has the digits of float32 there. */
const throughSingle: ReadonlySet<OpName> = new Set<OpName>([
  'asin',
  'acos',
  'atan',
  'erf',
  'gelu',
  'conv',
  'convTranspose',
  'averagePool',
  'adaptiveAveragePool',
  'takeAlongAxis',
  'sort',
  'topK',
  'maxPool',
])

/** f(by · i + shift) for the i-th element of a shape. */
function wave({ shape, dtype }: Tensor, f: (x: number) => number, by: number, shift: number): Tensor {
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) => f(by * i + shift))
  return tensor(values, { shape, dtype })
}

/** What is differentiated: the sum of all elements, each times a number of its own. */
function total(tensors: readonly Tensor[], f: (x: number) => number, by: number, shift: number): Tensor {
  return tensors
    .filter(({ dtype }) => dtype.startsWith('float'))
    .map((t) =>
      t
        .mul(wave(t, f, by, shift))
        .sum()
        .cast('float64'),
    )
    .reduce<Tensor>((sum, term) => sum.add(term), scalar(0, 'float64'))
}

async function here(spec: OpsSpec): Promise<JsonObject> {
  const inputs = spec.inputs.map(tensorOf)
  const isLeaf = inputs.map(({ dtype }) => dtype.startsWith('float'))
  const leaves = inputs.filter((_, i) => isLeaf[i])
  const outputsOf = (free: readonly Tensor[]): Tensor[] => {
    let at = 0
    const all = build(
      spec,
      inputs.map((x, i) => (isLeaf[i] ? (free[at++] as Tensor) : x)),
    )
    return sinks(spec).map((ref) => all.get(ref) as Tensor)
  }
  const outputs = outputsOf(leaves)
  const value = (free: Tensor[]): Tensor => total(outputsOf(free), Math.cos, 0.7, 0.3)
  const first = spec.order >= 1 && leaves.length > 0 ? grad(value)(leaves) : undefined
  const second =
    spec.order >= 2 && leaves.length > 0
      ? grad((free: Tensor[]) => total(grad(value)(free), Math.sin, 0.9, 0.5))(leaves)
      : undefined
  await evaluateAll([...outputs, ...(first ?? []), ...(second ?? [])])
  const json = (list: readonly Tensor[]): Promise<ArrayJson[]> => Promise.all(list.map(tensorJson))
  return {
    outputs: await json(outputs),
    ...(first === undefined ? {} : { first: await json(first) }),
    ...(second === undefined ? {} : { second: await json(second) }),
  }
}

/** The nodes that some others are made of, renumbered, without inputs that nothing takes. */
function pruned(spec: OpsSpec, kept: readonly string[]): OpsSpec {
  const needed = new Set(kept)
  spec.nodes.toReversed().forEach((node, i) => {
    if (needed.has(`n${spec.nodes.length - 1 - i}`)) for (const ref of node.inputs) needed.add(ref)
  })
  const names = new Map<string, string>()
  const inputs = spec.inputs.filter((_, i) => {
    if (needed.has(`x${i}`))
      names.set(`x${i}`, `x${[...names.keys()].filter((n) => n.startsWith('x')).length}`)
    return needed.has(`x${i}`)
  })
  const nodes: OpNode[] = []
  spec.nodes.forEach((node, i) => {
    if (!needed.has(`n${i}`)) return
    names.set(`n${i}`, `n${nodes.length}`)
    nodes.push({ ...node, inputs: node.inputs.map((ref) => names.get(ref) ?? ref) })
  })
  return { ...spec, inputs, nodes }
}

/** A node replaced by an input of its shape and dtype. */
function cut(spec: OpsSpec, at: number): OpsSpec | undefined {
  try {
    const t = build({ ...spec, nodes: spec.nodes.slice(0, at + 1) }, spec.inputs.map(tensorOf)).get(
      `n${at}`,
    ) as Tensor
    const values = Array.from({ length: t.size }, (_, i) =>
      t.dtype.startsWith('float') ? ((i * 37) % 64) / 64 + 0.25 : t.dtype === 'bool' ? i % 2 : i % 5,
    )
    const fresh = `x${spec.inputs.length}`
    const nodes = spec.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((ref) => (ref === `n${at}` ? fresh : ref)),
    }))
    const wider = { ...spec, nodes, inputs: [...spec.inputs, arrayJson(t.dtype, t.shape, values)] }
    return pruned(
      wider,
      sinks(wider).filter((ref) => ref !== `n${at}`),
    )
  } catch {
    return undefined
  }
}

function* shrinks(spec: OpsSpec): Iterable<OpsSpec> {
  for (const [i] of spec.nodes.entries()) {
    const smaller = pruned(spec, [`n${i}`])
    if (smaller.nodes.length < spec.nodes.length) yield smaller
  }
  for (let i = spec.nodes.length - 2; i >= 0; i--) {
    const without = cut(spec, i)
    if (without !== undefined) yield without
  }
  if (spec.order > 0) yield { ...spec, order: spec.order - 1 }
  for (const [i, node] of spec.nodes.entries()) {
    for (const args of shorterArgs(node.args))
      yield { ...spec, nodes: spec.nodes.map((n, j) => (j === i ? { ...n, args } : n)) }
  }
  for (const inputs of shrunkArrays(spec.inputs)) yield { ...spec, inputs }
}

function* shorterArgs(args: readonly Json[]): Iterable<Json[]> {
  const last = args.at(-1)
  if (isJsonObject(last)) {
    for (const key of Object.keys(last)) {
      const { [key]: _, ...rest } = last
      yield [...args.slice(0, -1), rest]
    }
    if (Object.keys(last).length === 0) yield args.slice(0, -1)
  }
}

const number = (value: number, isFloat = true): string =>
  Object.is(value, -0)
    ? '-0'
    : Number.isNaN(value)
      ? 'NaN'
      : Number.isFinite(value) || !isFloat
        ? String(value)
        : value > 0
          ? 'Infinity'
          : '-Infinity'

function typescript(spec: OpsSpec): string {
  const names = [...new Set(spec.nodes.map(({ op }) => op))].join(', ')
  const inputs = spec.inputs.map(
    (x, i) => `const x${i} = tensor(${nestedText(x, number)}${shapeNote(x)}{ dtype: '${x.dtype}' })`,
  )
  const nodes = spec.nodes.map(({ op, inputs: refs, args, take }, i) => {
    const rest = args.map((arg) => (arg === null ? 'undefined' : JSON.stringify(arg)))
    const list =
      op === 'concat' || op === 'stack'
        ? [`[${refs.join(', ')}]`, ...rest]
        : op === 'einsum'
          ? [...rest, ...refs]
          : [...refs, ...rest]
    const taken = take === undefined ? '' : typeof take === 'number' ? `[${take}]` : `.${String(take)}`
    return `const n${i} = ${op}(${list.join(', ')})${taken}`
  })
  const ends = sinks(spec)
  return [
    `import { ${[names, 'evaluateAll', 'grad', 'tensor'].join(', ')} } from 'typegrad'`,
    ...inputs,
    ...nodes,
    `console.log(await Promise.all([${ends.join(', ')}].map((t) => t.data())))`,
    ...(spec.order > 0
      ? [
          `// derivative of order ${spec.order}: cotangents cos(0.7 i + 0.3), of first derivatives sin(0.9 i + 0.5)`,
        ]
      : []),
  ].join('\n')
}

const shapeNote = (x: ArrayJson): string => (x.shape.includes(0) ? `, /* shape [${x.shape}] */ ` : ', ')

function python(spec: OpsSpec): string {
  const inputs = spec.inputs.map((x, i) => {
    const values = nestedText(x, (v) =>
      number(v).replace('NaN', 'torch.nan').replace('Infinity', 'torch.inf'),
    )
    return `x${i} = torch.tensor(${values}, dtype=torch.${x.dtype})${x.shape.includes(0) ? `.reshape([${x.shape}])` : ''}`
  })
  const literal = (value: Json): string =>
    JSON.stringify(value).replaceAll('true', 'True').replaceAll('false', 'False').replaceAll('null', 'None')
  const nodes = spec.nodes.map(({ op, inputs: refs, args, take }, i) => {
    const rest = args.map(literal)
    const list =
      op === 'concat' || op === 'stack'
        ? [`[${refs.join(', ')}]`, ...rest]
        : op === 'einsum'
          ? [...rest, ...refs]
          : [...refs, ...rest]
    return `n${i} = OPS['${op}'](${list.join(', ')})${take === undefined ? '' : `[${JSON.stringify(take)}]`}`
  })
  return [
    "import sys, torch; sys.path.append('tools/differential/python'); from ops import OPS",
    ...inputs,
    ...nodes,
    `print(${sinks(spec).join(', ')})`,
  ].join('\n')
}

const isSingle = (spec: OpsSpec): boolean =>
  spec.inputs.some((x) => x.dtype === 'float32') ||
  spec.nodes.some(({ op, args }) => throughSingle.has(op) || args.includes('float32'))

export const opsFamily: Family<OpsSpec> = {
  name: 'ops',
  first: 'python',
  backends: ['torch'],
  generate,
  here,
  // Sums of some 4,000 products; float32 wherever integers become floats.
  tolerance: (spec) =>
    isSingle(spec) || spec.inputs.some((x) => !x.dtype.startsWith('float'))
      ? { relative: 1e-4, absolute: 1e-5 }
      : { relative: 1e-9, absolute: 1e-11 },
  keepsExtremes: ({ edges }) => edges,
  shrinks,
  typescript,
  python,
}
