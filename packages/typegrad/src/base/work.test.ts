import { expect, test } from 'vitest'
import { complete, type Enter, paced, type Work, within } from './work.ts'

/** Works for `milliseconds` in portions of one each. */
function* busy(milliseconds: number): Work<number> {
  for (let i = 0; i < milliseconds; i++) {
    const start = performance.now()
    while (performance.now() - start < 1);
    yield
  }
  return milliseconds
}

test('work is done at once or in slices, with the same result', async () => {
  expect(complete(busy(3))).toBe(3)
  await expect(paced(busy(3))).resolves.toBe(3)
})

test('between slices the event loop turns', async () => {
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns++
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await paced(busy(40))
  isOver = true
  expect(turns).toBeGreaterThan(3)
})

test('an error of a portion is that of the work', async () => {
  function* failing(): Work<void> {
    yield
    throw new RangeError('too far')
  }
  expect(() => complete(failing())).toThrow('too far')
  await expect(paced(failing())).rejects.toThrow('too far')
})

test('what is entered holds in the portions of the work and not between them', () => {
  let isInside = false
  const enter: Enter = (body) => {
    isInside = true
    try {
      return body()
    } finally {
      isInside = false
    }
  }
  function* watched(): Work<string> {
    for (let i = 0; i < 3; i++) {
      expect(isInside).toBe(true)
      yield
    }
    expect(isInside).toBe(true)
    return 'done'
  }
  const work = within(enter, watched())
  for (let i = 0; i < 3; i++) {
    expect(work.next().done).toBe(false)
    expect(isInside).toBe(false)
  }
  expect(work.next()).toEqual({ done: true, value: 'done' })
})

test('what is entered is left when a portion fails', () => {
  let depth = 0
  const enter: Enter = (body) => {
    depth++
    try {
      return body()
    } finally {
      depth--
    }
  }
  function* failing(): Work<void> {
    yield
    throw new RangeError('too far')
  }
  expect(() => complete(within(enter, failing()))).toThrow('too far')
  expect(depth).toBe(0)
})
