import { describe, expect, it } from 'vitest'
import { makeNode, type Node } from '../graph/node.ts'
import { decodeModel } from '../onnx/decode.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxGraph } from '../onnx/model.ts'
import { lowerGraph } from './lower.ts'

const leaf = (name: string, shape: readonly number[] = [2]): Node =>
  makeNode('input', [], { name, dtype: 'float32', shape })
const add = (a: Node, b: Node): Node => makeNode('add', [a, b], {})
const one = makeNode('constant', [], { data: Float32Array.of(1), dtype: 'float32', shape: [] })

/** Every value that is read was made before, every name is given once. */
function checkNames(graph: OnnxGraph, around: ReadonlySet<string> = new Set()): void {
  const known = new Set(around)
  const give = (name: string) => {
    expect(known.has(name), `${name} is given twice`).toBe(false)
    known.add(name)
  }
  for (const { name } of [...graph.inputs, ...graph.initializers]) give(name)
  for (const node of graph.nodes) {
    for (const name of node.inputs) expect(known.has(name), `${name} is read before it is made`).toBe(true)
    for (const attribute of Object.values(node.attributes ?? {})) {
      if (attribute.type === 'graph') checkNames(attribute.value, known)
    }
    for (const name of node.outputs) if (name !== '') give(name)
  }
  for (const { name } of graph.outputs) expect(known.has(name), `output ${name}`).toBe(true)
}

const lower = (
  inputs: readonly Node[],
  outputs: readonly Node[],
  names: Partial<Parameters<typeof lowerGraph>[0]> = {},
) => {
  const model = lowerGraph({ inputs, outputs, ...names })
  checkNames(model.graph)
  return model.graph
}

describe('a graph as an ONNX model', () => {
  const [x, y] = [leaf('x'), leaf('y')]

  it('names inputs and outputs as wished, with their shapes and dtypes', () => {
    const graph = lower([x, y], [add(x, y), makeNode('equal', [x, y], {})], {
      inputNames: ['left', 'right'],
      outputNames: ['sum', 'same'],
    })
    expect(graph.inputs).toEqual([
      { name: 'left', dtype: 'float32', shape: [2] },
      { name: 'right', dtype: 'float32', shape: [2] },
    ])
    expect(graph.outputs).toEqual([
      { name: 'sum', dtype: 'float32', shape: [2] },
      { name: 'same', dtype: 'bool', shape: [2] },
    ])
  })

  it('takes what ends in an axis of 1 as a row where the other operand is a single number', () => {
    const images = leaf('x', [64, 32, 1])
    const ops = (a: Node, b: Node) => lower([images], [makeNode('div', [a, b], {})]).nodes.map(({ op }) => op)
    expect(ops(images, one)).toEqual(['Reshape', 'Div', 'Reshape'])
    expect(ops(one, images)).toEqual(['Reshape', 'Div', 'Reshape'])
    expect(ops(images, images)).toEqual(['Div'])
    const few = leaf('f', [2, 1])
    expect(lower([few], [add(few, one)]).nodes.map(({ op }) => op)).toEqual(['Add'])
    const wide = leaf('w', [64, 32])
    expect(lower([wide], [add(wide, one)]).nodes.map(({ op }) => op)).toEqual(['Add'])
  })

  it('gives every output a value of its own: inputs, constants and repetitions are copied', () => {
    const sum = add(x, one)
    const graph = lower([x], [x, sum, sum, one], { outputNames: ['a', 'b', 'c', 'd'] })
    expect(graph.nodes.map(({ op, outputs }) => [op, outputs[0]])).toEqual([
      ['Add', 'b'],
      ['Identity', 'a'],
      ['Identity', 'd'],
      ['Identity', 'c'],
    ])
  })

  it('keeps names apart that a user and the compiler both chose', () => {
    const names = ['Add_0', 'constant_1', 'Add_1', 'constant_0']
    const inputs = names.map((name) => leaf(name))
    const total = [...inputs, one].reduce(add)
    lower(inputs, [total, total], { inputNames: names, outputNames: ['Add_2', 'Identity_5'] })
  })

  it('writes equal constants once, and tells −0 from 0', () => {
    const of = (value: number) =>
      makeNode('constant', [], { data: Float32Array.of(value), dtype: 'float32', shape: [] })
    const graph = lower([x], [[x, of(0), of(0), of(-0)].reduce(add)])
    expect(graph.initializers.map(({ data }) => data?.[0])).toEqual([0, -0])
  })

  it('leaves out what no output needs', () => {
    add(x, y)
    expect(lower([x, y], [add(x, x)]).nodes.length).toBe(1)
  })

  it('lets Gemm do the transposing', () => {
    const [a, b] = [leaf('a', [3, 2]), leaf('b', [3, 4])]
    const transposed = makeNode('transpose', [a], { permutation: [1, 0] })
    const { nodes } = lower([a, b], [makeNode('matmul', [transposed, b], {})])
    expect(nodes.map(({ op }) => op)).toEqual(['Gemm'])
    expect(nodes[0]?.attributes).toMatchObject({ transA: { value: 1 }, transB: { value: 0 } })
  })

  it('lets Gemm do the transposing of a table whose scores are of several axes', () => {
    const [states, table] = [leaf('states', [2, 3, 4]), leaf('table', [9, 4])]
    const transposed = makeNode('transpose', [table], { permutation: [1, 0] })
    const { nodes } = lower([states, table], [makeNode('matmul', [states, transposed], {})])
    expect(nodes.map(({ op }) => op)).toEqual(['Reshape', 'Gemm', 'Reshape'])
    expect(nodes[1]?.attributes).toMatchObject({ transA: { value: 0 }, transB: { value: 1 } })
  })

  it('is deep without recursion, and survives encoding', () => {
    let deep: Node = x
    for (let i = 0; i < 20_000; i++) deep = add(deep, y)
    const model = lowerGraph({ inputs: [x, y], outputs: [deep] })
    expect(model.graph.nodes.length).toBe(20_000)
    expect(decodeModel(encodeModel(model)).graph.nodes.length).toBe(20_000)
  })

  it('refuses a graph with leaves that are not its inputs', () => {
    expect(() => lowerGraph({ inputs: [x], outputs: [add(x, y)] })).toThrow(/leaf \(input\)/)
  })
})

describe('a loop as an ONNX model', () => {
  const initial = leaf('initial')
  const sequence = leaf('sequence', [4, 2])
  const outer = leaf('outer')
  const [carry, slice] = [leaf('carry'), leaf('slice')]
  // Does not depend on the step: computed once, before the loop.
  const captured = makeNode('exp', [outer], {})
  const next = add(add(carry, slice), captured)
  const loop = makeNode('scan', [initial, sequence, captured], {
    body: { inputs: [carry, slice, captured], outputs: [next, add(next, one), carry] },
    carries: 1,
    sequences: 1,
    length: 4,
    reverse: true,
  })
  const member = (index: number): Node => makeNode('element', [loop], { index })
  const graphs = (graph: OnnxGraph) =>
    graph.nodes.flatMap((node) =>
      Object.values(node.attributes ?? {}).flatMap((a) => (a.type === 'graph' ? [a.value] : [])),
    )

  it('is one Scan whose body takes from around it what stays the same', () => {
    const graph = lower([initial, sequence, outer], [member(0), member(1)])
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Exp', 'Scan'])
    expect(graph.nodes[1]?.inputs.length).toBe(2)
    expect(graphs(graph)[0]?.nodes.map(({ op }) => op)).toEqual(['Add', 'Add', 'Add'])
    expect(graph.nodes[1]?.attributes).toMatchObject({
      scan_input_directions: { value: [1] },
      scan_output_directions: { value: [1] },
    })
  })

  it('computes only the stacked outputs that are read', () => {
    const graph = lower([initial, sequence, outer], [member(0)])
    expect(graphs(graph)[0]?.outputs.length).toBe(1)
    expect(graphs(graph)[0]?.nodes.length).toBe(2)
  })

  it('does not look behind a captured value that was replaced', () => {
    const known = makeNode('data', [], {
      source: { host: Float32Array.of(1, 2), dtype: 'float32', shape: [2] },
    })
    const replaced = makeNode(
      'scan',
      [initial, sequence, known],
      (loop as Extract<Node, { kind: 'scan' }>).params,
    )
    const graph = lower([initial, sequence, known], [makeNode('element', [replaced], { index: 0 })])
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Scan'])
  })
})
