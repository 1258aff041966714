import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'

test('the GRU beats the seasonal-naive forecast and the others on every day ahead', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-weather-'))
  const text = await output('weather.ts', '--output', folder)
  const written = (await readFile(join(folder, 'tomorrow.csv'), 'utf8')).trim().split('\n')
  await rm(folder, { recursive: true })
  expect(written).toHaveLength(1 + 359) // weeks that lie in 2015
  const errorsOf = (name: string) => numbers(text, new RegExp(`^${name}.*?${' +([\\d.]+)'.repeat(8)}$`, 'm'))
  const gru = errorsOf('GRU on four weeks')
  const naive = errorsOf('as a year ago')
  expect(naive[0]).toBeCloseTo(3.79, 2)
  expect(gru[0]).toBeLessThan(3)
  for (const other of [naive, errorsOf('mean of the season'), errorsOf('as today')]) {
    expect(other).toHaveLength(8)
    for (const [i, error] of gru.entries()) expect(error).toBeLessThan(other[i] ?? 0)
  }
})
