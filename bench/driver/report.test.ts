import { expect, test } from 'vitest'
import { mergeResults } from './report.ts'
import type { WorkloadResult } from './run.ts'

const result = (id: string, speed: number) =>
  ({ workload: { id }, results: [], interleaved: true, speed }) as unknown as WorkloadResult
const look = (results: readonly WorkloadResult[]) =>
  results.map(({ workload, speed }) => [workload.id, speed])

test('a run of some workloads replaces their rows, and others stay where they are', () => {
  const order = ['matmul', 'mlp', 'gpt']
  const whole = [result('matmul', 1), result('gpt', 1), result('install', 1)]
  const again = mergeResults(whole, [result('matmul', 2), result('mlp', 2)], order)
  expect(look(again)).toEqual([
    ['matmul', 2],
    ['mlp', 2],
    ['gpt', 1],
    ['install', 1],
  ])
})
