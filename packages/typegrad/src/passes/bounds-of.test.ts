import { expect, it } from 'vitest'
import { arange, ops, type Tensor, zeros } from '../index.ts'
import { constant } from '../tensor/tensor.ts'
import { boundsOf } from './bounds-of.ts'

const integers = (...values: number[]): Tensor => constant(values, [values.length], 'int32')
const x = zeros([3]).mul(2)
const clipped = (min: number, max: number): Tensor => ops.clip(x, { min, max })
const whole = (min: number, max: number): Tensor => ops.cast(clipped(min, max), 'int32')
const numbers = clipped(3, 7)
const ofInt32 = [-(2 ** 31), 2 ** 31 - 1]

it.each<[string, Tensor, readonly number[]]>([
  ['floats', x, [-Infinity, Infinity]],
  ['clipped floats', clipped(-2.5, 7.5), [-2.5, 7.5]],
  ['clipped floats with 0 for NaN', ops.where(numbers.equal(numbers), numbers, 0), [0, 7]],
  ['integers of these, and 0, which NaN becomes', whole(3, 7.5), [0, 7]],
  ['integers of negative ones', whole(-7.5, -3), [-7, 0]],
  ['integers of any float', ops.cast(x, 'int32'), ofInt32],
  ['bytes', ops.cast(x, 'uint8'), [0, 255]],
  ['sums', whole(0, 7).add(integers(5, 3, 4)), [3, 12]],
  ['products', whole(-2, 7).mul(integers(-10, 3, 4)), [-70, 28]],
  ['products that wrap', whole(0, 7).mul(integers(2 ** 30, 1, 1)), ofInt32],
  ['choices', ops.where(x.less(0), whole(0, 7), integers(9, 9, 9)), [0, 9]],
  ['views', whole(0, 7).reshape([3, 1]).broadcastTo([3, 4]).transpose(), [0, 7]],
  ['what is picked', ops.gather(integers(4, 8), integers(0)), [4, 8]],
  ['numbers in a row', arange(5, undefined, 1, { dtype: 'int32' }), [0, 4]],
  ['an absolute value, of which nothing is known', whole(0, 7).abs(), ofInt32],
])('bounds of %s', (_, { node }, expected) => {
  expect(boundsOf(node)).toEqual(expected)
})
