import { expect, test } from 'vitest'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { peakBytes } from './peak-bytes.ts'

const peakOf = (outputs: readonly Node[], results = outputs): number =>
  peakBytes(topologicalOrder(outputs), results)

const argument = (shape: readonly number[]): Node =>
  makeNode('input', [], { name: 'x', dtype: 'float32', shape: [...shape] })
const exp = (x: Node): Node => makeNode('exp', [x], {})
const add = (a: Node, b: Node): Node => makeNode('add', [a, b], {})
const sum = (x: Node): Node => makeNode('reduceSum', [x], { axes: [0], keepDims: false })
/** 1,000 float32. */
const kilo = 4000

test('a chain holds a value and the one that it is made of', () => {
  expect(peakOf([exp(argument([1000]))])).toBe(kilo)
  expect(peakOf([exp(exp(exp(exp(argument([1000])))))])).toBe(2 * kilo)
})

test('what is read later is held until then, results to the end', () => {
  const [a, b] = [exp(argument([1000])), exp(argument([1000]))]
  const late = add(exp(exp(exp(b))), a)
  expect(peakOf([sum(late)])).toBe(3 * kilo)
  const first = exp(argument([1000]))
  expect(peakOf([first, exp(exp(exp(first)))])).toBe(3 * kilo)
})

test('values of variables are not counted once they are made', () => {
  const next = exp(argument([1000]))
  const result = sum(exp(exp(argument([1000]))))
  expect(peakOf([result, next], [result])).toBe(2 * kilo)
  expect(peakOf([result, next])).toBeGreaterThanOrEqual(2 * kilo)
})
