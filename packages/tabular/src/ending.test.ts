import { expect, test } from 'vitest'
import { Ending } from './ending.ts'

const never = { deadline: Number.POSITIVE_INFINITY, signal: undefined, stop: undefined }

test('a budget that is over and a stop end a training, a signal is for those who look at it', () => {
  expect(new Ending(never)).toMatchObject({ isOver: false, isStopped: false, either: undefined })
  expect(new Ending({ ...never, deadline: performance.now() - 1 })).toMatchObject({
    isOver: true,
    isStopped: false,
  })
  expect(new Ending({ ...never, stop: AbortSignal.abort() })).toMatchObject({ isOver: true, isStopped: true })
  const { either, isOver } = new Ending({ ...never, signal: AbortSignal.abort() })
  expect([either?.aborted, isOver]).toEqual([true, false])
})

test('what a stop ends is given up, what a signal or a fault ends is an error', async () => {
  const fail = (): Promise<number> => Promise.reject(new Error('ended'))
  const stopped = new Ending({ ...never, stop: AbortSignal.abort() })
  expect(await stopped.unlessStopped(fail())).toBeUndefined()
  expect(await stopped.unlessStopped(Promise.resolve(3))).toBe(3)
  const both = new Ending({ ...never, stop: AbortSignal.abort(), signal: AbortSignal.abort() })
  await expect(both.unlessStopped(fail())).rejects.toThrow('ended')
  await expect(new Ending(never).unlessStopped(fail())).rejects.toThrow('ended')
})
