import { describe, expect, test } from 'vitest'
import { Dataset } from '../../index.ts'

const count = (n: number) => Dataset.fromGenerator(() => Array.from({ length: n }, (_, i) => i))
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe('a map with several calls at once', () => {
  test('makes so many calls, no more, and keeps the order', async () => {
    let [underWay, most] = [0, 0]
    const set = count(9).map(
      async (i, index) => {
        most = Math.max(most, ++underWay)
        await later((i * 7) % 5)
        underWay -= 1
        return [i, index]
      },
      { numParallelCalls: 3 },
    )
    expect(await set.toArray()).toEqual(Array.from({ length: 9 }, (_, i) => [i, i]))
    expect(most).toBe(3)
    expect(underWay).toBe(0)
  })

  test('works on while the reader uses what it gave, so many elements ahead', async () => {
    const begun: number[] = []
    const iterator = count(100)
      .map((i) => begun.push(i), { numParallelCalls: 4 })
      .iterate()
    expect(begun.length).toBe(0)
    await iterator.next()
    expect(begun.length).toBe(5)
    await iterator.next()
    expect(begun.length).toBe(6)
    await iterator.return()
  })

  test('fails where its element stands, and is done then', async () => {
    const iterator = count(9)
      .map(
        async (i) => {
          if (i === 2) throw new Error('no such file')
          await later(1)
          return i
        },
        { numParallelCalls: 8 },
      )
      .iterate()
    expect((await iterator.next()).value).toBe(0)
    expect((await iterator.next()).value).toBe(1)
    await expect(iterator.next()).rejects.toThrow('no such file')
    expect((await iterator.next()).done).toBe(true)
  })

  test('goes on where it stood, without calls for what was given out', async () => {
    const make = (seen: number[]) =>
      count(12)
        .shuffle(12, { seed: 3 })
        .map((i) => seen.push(i) && i, { numParallelCalls: 3 })
        .batch(4)
    const whole: number[] = []
    const iterator = make(whole).iterate()
    await iterator.next()
    const state = iterator.getState()
    await iterator.next()
    await iterator.next()
    const again: number[] = []
    const resumed = make(again).iterate(state)
    await resumed.next()
    await resumed.next()
    expect((await resumed.next()).done).toBe(true)
    expect(again).toEqual(whole.slice(4))
  })

  test('needs a positive number of calls', () => {
    expect(() => count(1).map((i) => i, { numParallelCalls: 0 })).toThrow(
      'Dataset.map: numParallelCalls: expected a positive whole number, received 0',
    )
  })
})

test('who asks again before the answer has come is answered in turn', async () => {
  const iterator = count(3)
    .map(async (i) => {
      await later(3 - i)
      return i
    })
    .iterate()
  const answers = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()])
  expect(answers.map(({ value }) => value)).toEqual([0, 1, 2, undefined])
})

test('long work between two elements leaves the event loop its turns', async () => {
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  const set = Dataset.fromGenerator(function* () {
    for (let i = 0; turns <= 3 && i < 50_000_000; i++) yield 1
  })
  await set.filter(() => false).toArray()
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})
