import { describe, expect, it } from 'vitest'
import { type Shape, type Tensor, tensor, Variable, zeros } from '../index.ts'
import { rootScope, type VariableScope, withScope } from './trace.ts'

describe('Variable', () => {
  it('holds a value that changes, with a name and whether it is trained', async () => {
    const w = new Variable(tensor([1, 2]), { name: 'w', trainable: false })
    expect([w.name, w.trainable, w.shape, w.dtype]).toEqual(['w', false, [2], 'float32'])
    expect([new Variable(zeros([])).name, new Variable(zeros([])).trainable]).toEqual(['variable', true])
    const before = w.value
    w.assign(w.value.mul(10))
    expect(await w.value.toArray()).toEqual([10, 20])
    expect(await before.toArray()).toEqual([1, 2])
  })

  it('of a known shape is one of any shape', () => {
    const known: Variable<[2]> = new Variable(tensor([1, 2]))
    const any: Variable<Shape> = known
    const value: Tensor = any.value
    expect(value.shape).toEqual([2])
  })
})

describe('scopes', () => {
  const scope = (
    name: string,
    outer?: { scope: VariableScope | undefined },
  ): VariableScope & { name: string } => ({
    name,
    ...(outer === undefined ? {} : { outer: outer.scope }),
    read: (variable) => variable.node,
    assign: () => {},
  })

  it('find the trace around them, and leave things as they were, after errors too', () => {
    const trace = scope('trace')
    withScope(trace, () => {
      withScope(scope('gradient', { scope: trace }), () => expect(rootScope()).toBe(trace))
      expect(() =>
        withScope(scope('loop', { scope: trace }), () => {
          throw new Error('inside')
        }),
      ).toThrow('inside')
      expect(rootScope()).toBe(trace)
    })
    withScope(scope('eager gradient', { scope: undefined }), () => expect(rootScope()).toBeUndefined())
    expect(rootScope()).toBeUndefined()
  })
})
