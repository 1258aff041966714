import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { argMax, logSumExp } from './choice.ts'

const none = Number.NEGATIVE_INFINITY

test('the first of the largest scores', () => {
  expect(argMax(Float32Array.of(1, 3, none, 3))).toBe(1)
})

test('log Σ exp does not overflow', () => {
  expectClose([logSumExp(Float32Array.of(1000, 1000, none))], [1000 + Math.log(2)])
  expect(logSumExp(Float32Array.of(none, none))).toBe(none)
})
