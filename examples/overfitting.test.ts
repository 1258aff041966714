import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { output } from './program.ts'

// In the whole run alone: a net is trained for each remedy.
test.runIf(isWhole)('the plain net overfits, and every remedy helps', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-overfitting-'))
  const text = await output('overfitting.ts', '--splits', '1', '--output', folder)
  const rows = (await readFile(join(folder, 'scores.csv'), 'utf8')).trim().split('\n').slice(1)
  await rm(folder, { recursive: true })
  const scores = new Map(
    rows.map((row) => {
      const [name = '', ...values] = row.split(',')
      const [trainLoss = 0, heldOutLoss = 0, trainAccuracy = 0, heldOutAccuracy = 0] = values.map(Number)
      return [name, { trainLoss, heldOutLoss, trainAccuracy, heldOutAccuracy }]
    }),
  )
  const plain = scores.get('plain') ?? { trainLoss: 1, heldOutLoss: 0, trainAccuracy: 0 }
  expect(plain.trainLoss).toBeLessThan(0.001)
  expect(plain.trainAccuracy).toBe(1)
  expect(plain.heldOutLoss).toBeGreaterThan(0.15)
  scores.delete('plain')
  expect([...scores.keys()]).toEqual([
    ...['L1 0.002', 'L2 0.01', 'dropout 0.5', 'noise 0.5', 'early stopping', 'L2 by 5 folds'],
  ])
  for (const [name, { heldOutLoss, heldOutAccuracy }] of scores) {
    expect(heldOutLoss, name).toBeLessThan(plain.heldOutLoss)
    expect(heldOutAccuracy, name).toBeGreaterThan(0.93)
    expect(text).toContain(name)
  }
  // Penalties halve the loss on cases that the net has not seen.
  expect(scores.get('L2 0.01')?.heldOutLoss).toBeLessThan(plain.heldOutLoss / 2)
  expect(scores.get('L2 by 5 folds')?.heldOutLoss).toBeLessThan(plain.heldOutLoss / 2)
})
