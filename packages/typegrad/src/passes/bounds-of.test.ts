import { expect, it } from 'vitest'
import { makeNode, type Node } from '../graph/node.ts'
import { arange, ops, zeros } from '../index.ts'
import { boundsOf } from './bounds-of.ts'

const integers = (...values: number[]): Node =>
  makeNode('constant', [], { data: Int32Array.from(values), dtype: 'int32', shape: [values.length] })
const x = zeros([3]).mul(2)
const clipped = (min: number, max: number) => ops.clip(x, { min, max })
const whole = (min: number, max: number) => ops.cast(clipped(min, max), 'int32')
const numbers = clipped(3, 7)
const ofInt32 = [-(2 ** 31), 2 ** 31 - 1]

it.each<[string, Node, readonly number[]]>([
  ['floats', x.node, [-Infinity, Infinity]],
  ['clipped floats', clipped(-2.5, 7.5).node, [-2.5, 7.5]],
  ['clipped floats with 0 for NaN', ops.where(numbers.equal(numbers), numbers, 0).node, [0, 7]],
  ['integers of these, and 0, which NaN becomes', whole(3, 7.5).node, [0, 7]],
  ['integers of negative ones', whole(-7.5, -3).node, [-7, 0]],
  ['integers of any float', ops.cast(x, 'int32').node, ofInt32],
  ['bytes', ops.cast(x, 'uint8').node, [0, 255]],
  ['sums', makeNode('add', [whole(0, 7).node, integers(5, 3, 4)], {}), [3, 12]],
  ['products', makeNode('mul', [whole(-2, 7).node, integers(-10, 3, 4)], {}), [-70, 28]],
  ['products that wrap', makeNode('mul', [whole(0, 7).node, integers(2 ** 30, 1, 1)], {}), ofInt32],
  ['choices', makeNode('select', [x.less(0).node, whole(0, 7).node, integers(9, 9, 9)], {}), [0, 9]],
  ['views', whole(0, 7).reshape([3, 1]).broadcastTo([3, 4]).transpose().node, [0, 7]],
  ['what is picked', makeNode('gather', [integers(4, 8), integers(0)], { axis: 0 }), [4, 8]],
  ['numbers in a row', arange(5, undefined, 1, { dtype: 'int32' }).node, [0, 4]],
  ['an absolute value, of which nothing is known', whole(0, 7).abs().node, ofInt32],
])('bounds of %s', (_, node, expected) => {
  expect(boundsOf(node)).toEqual(expected)
})
