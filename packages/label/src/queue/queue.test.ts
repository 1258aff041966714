import { expect, test } from 'vitest'
import { Queue } from './queue.ts'

/** A queue over what people have said, with a clock of its own. */
function queueOf(count: number, perSample: number) {
  const said = Array.from({ length: count }, () => new Set<string>())
  const clock = { now: 0 }
  const queue = new Queue({
    ...{ count, perSample, lendFor: 100, now: () => clock.now },
    hasSpoken: (sample, person) => said[sample]?.has(person) ?? false,
    labels: (sample) => said[sample]?.size ?? 0,
  })
  return { queue, clock, say: (sample: number, person: string) => said[sample]?.add(person) }
}

test('a sample is lent to one person, who gets it again, and to others after a time', () => {
  const { queue, clock, say } = queueOf(2, 1)
  expect([queue.next('Ada'), queue.next('Ada'), queue.next('Bo')]).toEqual([
    { sample: 0 },
    { sample: 0 },
    { sample: 1 },
  ])
  expect(queue.next('Cy')).toBe('waiting')
  clock.now = 100
  expect(queue.next('Cy')).toEqual({ sample: 0 })
  say(0, 'Cy')
  say(1, 'Bo')
  expect([queue.next('Ada'), queue.next('Bo')]).toEqual(['done', 'done'])
})

test('two people label each, and nobody twice; what is preferred comes first', () => {
  const { queue, say } = queueOf(3, 2)
  queue.prefer([2])
  expect([queue.next('Ada'), queue.next('Bo'), queue.next('Cy')]).toEqual([
    { sample: 2 },
    { sample: 2 },
    { sample: 0 },
  ])
  say(2, 'Ada')
  expect(queue.next('Ada')).toEqual({ sample: 0 })
})
