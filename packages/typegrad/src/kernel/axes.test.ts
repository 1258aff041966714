import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Shape, sizeOf, stridesOf } from '../base/shape.ts'
import { broadcastView, commonAxes } from './axes.ts'

/** The element that each index of `shape` finds, in order. */
function places(shape: Shape, strides: readonly number[], offset: number): number[] {
  const own = stridesOf(shape)
  return Array.from({ length: sizeOf(shape) }, (_, at) =>
    strides.reduce(
      (sum, stride, axis) =>
        sum + (Math.floor(at / (own[axis] as number)) % (shape[axis] as number)) * stride,
      offset,
    ),
  )
}

test('neighbours that no view tells apart become one axis', () => {
  const shape = [8, 3, 5, 7]
  const channels = broadcastView([3, 1, 1], shape)
  const common = commonAxes(shape, [broadcastView(shape, shape), channels, broadcastView([], shape)])
  expect(common).toEqual({
    axes: [1, 8, 3, 35],
    strides: [
      [0, 105, 35, 1],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ],
  })
})

test('a vector along the last axis is read along it', () => {
  expect(commonAxes([4, 6], [broadcastView([6], [4, 6])])).toEqual({
    axes: [1, 1, 4, 6],
    strides: [[0, 0, 0, 1]],
  })
})

test('neighbours that lie apart in memory are refused', () => {
  expect(commonAxes([4, 6], [{ offset: 0, strides: [1, 4] }])).toBeUndefined()
  expect(commonAxes([4, 6], [{ offset: 5, strides: [6, -1] }])).toBeUndefined()
  expect(commonAxes([4, 6], [{ offset: 18, strides: [-6, 1] }])?.strides).toEqual([[0, 0, -6, 1]])
})

test('more than four axes are refused', () => {
  const shape = [2, 2, 2, 2, 2, 2]
  expect(commonAxes(shape, [broadcastView([2, 1, 2, 1, 2, 1], shape)])).toBeUndefined()
})

test('the axes find the elements that the shape finds', () => {
  const operand = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean())
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(shapes, fc.array(operand, { maxLength: 3 }), (shape, kept) => {
      const views = kept.map((keep) =>
        broadcastView(
          shape.map((size, i) => (keep[i] ? size : 1)),
          shape,
        ),
      )
      const common = commonAxes(shape, views)
      if (common === undefined) return
      views.forEach(({ strides, offset }, i) => {
        expect(places(common.axes, common.strides[i] as readonly number[], offset)).toEqual(
          places(shape, strides, offset),
        )
      })
    }),
  )
})
