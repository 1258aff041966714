import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { energyMeter } from './energy.ts'

test('energy is the sum of the processors, whose counters run over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'energy-'))
  const root = join(folder, 'powercap')
  const write = (name: string, energy: number) => {
    mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, name, 'energy_uj'), `${energy}\n`)
    writeFileSync(join(root, name, 'max_energy_range_uj'), '10000000\n')
  }
  write('intel-rapl:0', 9_000_000)
  write('intel-rapl:1', 1_000_000)
  write('intel-rapl:0:0', 5_000_000)
  const meter = await energyMeter(root)
  write('intel-rapl:0', 1_000_000)
  write('intel-rapl:1', 1_500_000)
  write('intel-rapl:0:0', 9_000_000)
  expect(await (meter as Exclude<typeof meter, string>).read()).toBeCloseTo(2.5, 6)
  expect(await energyMeter(join(folder, 'nothing'))).toContain('has no counters of processors')
  rmSync(folder, { recursive: true })
})
