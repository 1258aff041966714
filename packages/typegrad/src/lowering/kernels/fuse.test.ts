import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { complete } from '../../base/work.ts'
import { makeNode, type Node, topologicalOrder } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import { dtypeOfValue, type KernelValue, registersNeeded } from '../../kernel/elementwise.ts'
import { supportBy } from '../../kernel/support.ts'
import { type Fusion, fuseWork } from './fuse.ts'

/** What an engine of the test's own has room for. */
const limits = { pointers: 12, registers: 11, boolLanes: 8 }
const kernelSupport = supportBy({
  elementwise(kernel) {
    const { axes, values, outputs } = kernel
    const inputs = values.filter((value) => value.kind === 'input')
    const writesBools = outputs.some((i) => dtypeOfValue(values[i] as KernelValue) === 'bool')
    const hasBools = writesBools || inputs.some(({ dtype }) => dtype === 'bool')
    return (
      inputs.length + outputs.length <= limits.pointers &&
      registersNeeded(kernel) <= limits.registers &&
      (!hasBools || axes[3] % limits.boolLanes === 0)
    )
  },
})
const leaf = (shape: readonly number[]): Node => makeNode('input', [], { name: 'x', dtype: 'float32', shape })
const scalar = (value: number): Node =>
  makeNode('constant', [], { data: Float32Array.of(value), dtype: 'float32', shape: [] })
const apply = (kind: Primitive, ...inputs: Node[]): Node => makeNode(kind, inputs, {} as never)
const sum = (x: Node): Node => makeNode('reduceSum', [x], { axes: [0], keepDims: true })

const fused = (outputs: readonly Node[]): Fusion[] => [
  ...new Set(complete(fuseWork(topologicalOrder(outputs), outputs, kernelSupport)).values()),
]
const kinds = (fusion: Fusion): string[] => [...fusion.members].map(({ kind }) => kind).sort()

/** Adam over one weight: its gradient, the moments and the weight itself. */
function adam(shape: readonly number[]): { outputs: Node[]; members: number } {
  const [w, m, v, g, rate] = [leaf(shape), leaf(shape), leaf(shape), leaf(shape), leaf([])] as [
    Node,
    Node,
    Node,
    Node,
    Node,
  ]
  const first = apply('add', m, apply('mul', apply('sub', g, m), scalar(0.1)))
  const second = apply('add', v, apply('mul', apply('sub', apply('mul', g, g), v), scalar(0.001)))
  const step = apply('div', apply('mul', first, rate), apply('add', apply('sqrt', second), scalar(1e-7)))
  return { outputs: [apply('sub', w, step), first, second], members: 12 }
}

describe('fuse', () => {
  test("an optimizer's update is one kernel with three outputs", () => {
    const { outputs, members } = adam([784, 256])
    const [fusion, ...others] = fused(outputs)
    expect(others).toEqual([])
    expect(fusion?.members.size).toBe(members)
    expect(fusion?.inputs).toHaveLength(5)
    expect(new Set(fusion?.outputs)).toEqual(new Set(outputs))
    expect(fusion?.kernel.axes).toEqual([1, 1, 1, 784 * 256])
  })

  test('another operation between them parts kernels', () => {
    const x = leaf([4, 8])
    const before = apply('mul', apply('add', x, x), x)
    const after = apply('mul', apply('sub', before, sum(before)), before)
    expect(fused([after]).map(kinds)).toEqual([
      ['add', 'mul'],
      ['mul', 'sub'],
    ])
  })

  test('what only a later kernel reads is computed there', () => {
    const x = leaf([8, 8])
    const mask = apply('less', scalar(0), x)
    const product = apply('matmul', x, x)
    const result = apply('mul', product, makeNode('cast', [mask], { dtype: 'float32' }))
    expect(fused([result]).map(kinds)).toEqual([['cast', 'less', 'mul']])
  })

  test("a product's bias and activation stay with the product", () => {
    const y = apply('relu', apply('add', apply('matmul', leaf([4, 3]), leaf([3, 8])), leaf([8])))
    expect(fused([y])).toEqual([])
    // A residual connection is no bias.
    const product = apply('matmul', leaf([4, 3]), leaf([3, 8]))
    expect(fused([apply('relu', apply('add', product, leaf([4, 8])))])).toHaveLength(1)
  })

  test('slices that kernels alone read are read in place', () => {
    const gates = apply('matmul', leaf([32, 128]), leaf([128, 512]))
    const part = (i: number): Node =>
      makeNode('slice', [gates], { starts: [0, 128 * i], stops: [32, 128 * (i + 1)], steps: [1, 1] })
    const [fusion] = fused([apply('mul', apply('sigmoid', part(0)), apply('tanh', part(1)))])
    expect(fusion?.inputs).toEqual([gates, gates])
    expect(fusion?.kernel.axes).toEqual([1, 1, 32, 128])
    expect(fusion?.kernel.values.slice(0, 2)).toMatchObject([
      { offset: 0, strides: [0, 0, 512, 1] },
      { offset: 128, strides: [0, 0, 512, 1] },
    ])
  })

  test('a slice of a variable is made before the variable may be overwritten', () => {
    const w = leaf([4, 8])
    const first = makeNode('slice', [w], { starts: [0, 0], stops: [1, 8], steps: [1, 1] })
    const [fusion] = fused([apply('mul', apply('sub', w, first), scalar(2))])
    expect(fusion?.inputs).toEqual([w, first])
  })

  test('bools do not pass in and out where rows end within a vector', () => {
    const x = leaf([3])
    expect(fused([apply('not', apply('less', x, scalar(0)))])).toEqual([])
    expect(fused([makeNode('cast', [apply('less', x, scalar(0))], { dtype: 'float32' })])).toHaveLength(1)
  })

  test('integers and other floats stay as they are', () => {
    const whole = makeNode('input', [], { name: 'i', dtype: 'int32', shape: [8] })
    const wide = makeNode('input', [], { name: 'd', dtype: 'float64', shape: [8] })
    expect(fused([apply('add', apply('mul', whole, whole), whole)])).toEqual([])
    expect(fused([apply('add', apply('mul', wide, wide), wide)])).toEqual([])
  })

  /** Random graphs of elementwise operations with reductions and broadcasts between them. */
  const random = fc.array(
    fc.record({
      kind: fc.constantFrom('add', 'mul', 'sigmoid', 'sub', 'sum', 'max'),
      at: fc.tuple(fc.nat(99), fc.nat(99)),
    }),
    { minLength: 2, maxLength: 120 },
  )
  const build = (steps: readonly { kind: string; at: readonly [number, number] }[]): Node[] => {
    const nodes: Node[] = [leaf([4, 8]), leaf([4, 8])]
    for (const { kind, at } of steps) {
      const [a, b] = at.map((n) => nodes[nodes.length - 1 - (n % Math.min(nodes.length, 9))]) as [Node, Node]
      if (kind === 'sum') nodes.push(sum(a))
      else if (kind === 'sigmoid') nodes.push(apply('sigmoid', a))
      else nodes.push(apply(kind as Primitive, a, b))
    }
    return nodes.slice(-3)
  }

  test('kernels never wait for each other in a circle, and keep to their limits', () => {
    fc.assert(
      fc.property(random, (steps) => {
        const outputs = build(steps)
        const order = topologicalOrder(outputs)
        const fusions = complete(fuseWork(order, outputs, kernelSupport))
        for (const fusion of new Set(fusions.values())) {
          expect(fusion.inputs.length + fusion.outputs.length).toBeLessThanOrEqual(limits.pointers)
          expect(registersNeeded(fusion.kernel)).toBeLessThanOrEqual(limits.registers)
        }
        // Kernels and other nodes as units: each can be done once those that it reads are.
        const unitOf = (node: Node): Node | Fusion => fusions.get(node) ?? node
        const waiting = new Set(order.map(unitOf))
        const done = new Set<Node | Fusion>()
        for (let progress = true; progress; ) {
          progress = false
          for (const unit of waiting) {
            if (!unit.inputs.every((input) => done.has(unitOf(input)))) continue
            waiting.delete(unit)
            done.add(unit)
            progress = true
          }
        }
        expect(waiting.size).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('every value that is read outside of its kernel is an output of it', () => {
    fc.assert(
      fc.property(random, (steps) => {
        const outputs = build(steps)
        const order = topologicalOrder(outputs)
        const fusions = complete(fuseWork(order, outputs, kernelSupport))
        for (const node of order) {
          for (const input of node.inputs) {
            const fusion = fusions.get(input)
            if (fusion === undefined || fusion === fusions.get(node)) continue
            expect(fusion.outputs).toContain(input)
          }
        }
        for (const output of outputs) {
          const fusion = fusions.get(output)
          if (fusion !== undefined) expect(fusion.outputs).toContain(output)
        }
      }),
    )
  })
})
