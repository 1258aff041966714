/**
 * What `forecast` reaches on sets that `auto_ets.py` has written, beside statsforecast's AutoETS on the same last horizons:
 * `npx tsx tools/forecast-comparison/compare.ts FOLDER [SET …]`
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { forecast } from '@typegrad/tabular'

const [folder, ...wanted] = process.argv.slice(2)
if (folder === undefined) throw new Error('Which folder? See auto_ets.py.')

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const name = file.replace('.json', '')
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { horizon, season, series, mase } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const before = process.cpuUsage()
  const model = await forecast(join(folder, `${name}.csv`), {
    time: 'time',
    target: 'value',
    series: 'series',
    horizon,
    season,
    budget: 3600,
  })
  const { user, system } = process.cpuUsage(before)
  console.log(
    `${name}: AutoETS of statsforecast MASE ${mase.toPrecision(4)} of ${series} series; ${((user + system) / 1e6).toFixed(0)} s of CPU`,
  )
  console.log(`${model}\n`)
}
