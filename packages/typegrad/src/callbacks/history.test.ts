import { expect, test } from 'vitest'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { History } from './history.ts'

const logs = [
  { loss: 2, val_loss: 3 },
  { loss: 1, val_loss: 2 },
]

test('keeps the logs of every epoch', async () => {
  const history = new History()
  await fakeTraining(new FakeModel(), [history], { logs })
  expect(history.epoch).toEqual([0, 1])
  expect(history.history).toEqual({ loss: [2, 1], val_loss: [3, 2] })
  expect(history.stoppedBy).toBe('end')
})

test('goes on from a saved state', async () => {
  const first = new History()
  await fakeTraining(new FakeModel(), [first], { logs })
  const second = new History()
  second.setState(JSON.parse(JSON.stringify(first.getState())))
  second.onEpochEnd(2, { loss: 0, val_loss: 1 })
  expect(second.epoch).toEqual([0, 1, 2])
  expect(second.history).toEqual({ loss: [2, 1, 0], val_loss: [3, 2, 1] })
})
