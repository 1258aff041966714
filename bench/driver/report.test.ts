import { expect, test } from 'vitest'
import { mergeResults, printTable, reportOf } from './report.ts'
import type { PeerResult, WorkloadResult } from './run.ts'

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

test('a workload stands in the newest day that has it, and a day without any of its own is left out', () => {
  const day = (date: string, ...ids: string[]) =>
    [
      `${date}.json`,
      {
        machine: { processor: 'P', vectors: 'AVX2', cores: 2, memoryGB: 8, system: 's', node: 'v20', date },
        results: ids.map((id) => {
          const { workload, ...rest } = result(id, 1)
          return { ...rest, workload: { ...workload, title: `the ${id}` } }
        }),
      },
    ] as unknown as Parameters<typeof reportOf>[0][number]
  const text = reportOf([
    day('2026-01-01', 'matmul', 'mlp', 'gpt'),
    day('2026-01-03', 'matmul', 'mlp'),
    day('2026-01-02', 'mlp'),
  ])
  const [newest, older, ...none] = text.split('All numbers').slice(0, -1)
  expect(none).toEqual([])
  expect(newest).toContain('the mlp')
  expect(older).toContain('the gpt')
  expect(older).not.toContain('the mlp')
})

test('a row beside another tells its shares of time and memory', () => {
  const measured = (id: string, median: number, peak: number, beside?: object) =>
    ({
      workload: { id, title: id, target: 0.8, ...(beside && { beside }) },
      results: [{ peer: 'typegrad', title: 'typegrad', timing: { median, spread: 0 }, peak } as PeerResult],
      interleaved: true,
    }) as unknown as WorkloadResult
  const lines: string[] = []
  const full = measured('full', 100, 4e9)
  printTable([full, measured('lora', 70, 3e9, { id: 'full', time: 0.75, memory: 0.6 })], (line) =>
    lines.push(line),
  )
  expect(lines[2]).toContain('≤ 0.8; of full: time 0.70 (≤ 0.75), memory 0.75 (≤ 0.6)')
})

test('a peer whose numbers could not be compared gives no ratio, after a day in a file too', () => {
  const day = {
    machine: {
      processor: 'P',
      vectors: 'AVX2',
      cores: 2,
      memoryGB: 8,
      system: 's',
      node: 'v20',
      date: '2026-01-01',
    },
    results: [
      {
        workload: { id: 'mlp', title: 'the mlp' },
        interleaved: true,
        results: [
          { peer: 'typegrad', title: 'typegrad', timing: { median: 4, spread: 0 } },
          {
            peer: 'other',
            title: 'Other',
            timing: { median: 1, spread: 0 },
            difference: Number.POSITIVE_INFINITY,
          },
        ],
      },
    ],
  }
  const kept = JSON.parse(JSON.stringify(day)) as Parameters<typeof reportOf>[0][number][1]
  expect(reportOf([['a.json', kept]])).toContain('| none |')
  expect(reportOf([['a.json', kept]])).toContain('Other 1.00 ms (nothing of it was compared: no ratio)')
})
