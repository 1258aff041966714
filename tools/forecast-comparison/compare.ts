/**
 * What `forecast` reaches on sets that `auto_ets.py` has written, beside statsforecast's AutoETS: both are given all but the last horizon of each
 * series, and judged by it. `npx tsx tools/forecast-comparison/compare.ts FOLDER [SET …]`; README.md has what it told.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTable, type Table } from '@typegrad/data'
import { forecast, mase, weightedQuantileLoss } from '@typegrad/tabular'

type Row = Awaited<ReturnType<Table['rows']>>[number]

const [folder, ...wanted] = process.argv.slice(2)
if (folder === undefined) throw new Error('Which folder? See auto_ets.py.')

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const name = file.replace('.json', '')
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const other = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const { horizon, season } = other
  const bySeries = new Map<unknown, Row[]>()
  for (const row of await (await readTable(join(folder, `${name}.csv`))).rows()) {
    const own = bySeries.get(row.series) ?? []
    bySeries.set(row.series, own)
    own.push(row)
  }
  const before = process.cpuUsage()
  const model = await forecast(
    [...bySeries.values()].flatMap((own) => own.slice(0, -horizon)),
    { time: 'time', target: 'value', series: 'series', horizon, season, budget: 3600 },
  )
  const { levels, series } = await model.predict()
  const { user, system } = process.cpuUsage(before)
  const judged = series.map(({ key, values, quantiles }) => {
    const own = Float64Array.from(bySeries.get(key[0]) ?? [], ({ value }) => Number(value))
    const [past, actual] = [own.slice(0, -horizon), own.slice(-horizon)]
    return {
      actual,
      quantiles,
      error: mase(actual, values, past, season),
      held: mean(
        Array.from(actual, (value, k) => {
          const [low, high] = [quantiles[0]?.[k] as number, quantiles.at(-1)?.[k] as number]
          return value >= low && value <= high ? 1 : 0
        }),
      ),
    }
  })
  const reached = [
    `MASE ${mean(judged.map(({ error }) => error)).toPrecision(4)}`,
    `CRPS ${weightedQuantileLoss(judged, levels).toPrecision(4)}`,
    `${(100 * mean(judged.map(({ held }) => held))).toFixed(0)} % within ${levels[0]} to ${levels.at(-1)}`,
  ]
  console.log(
    `${name}: ${reached.join(', ')} of ${judged.length} series; AutoETS of statsforecast MASE ${other.mase.toPrecision(4)}, CRPS ${other.crps.toPrecision(4)}, ` +
      `${(100 * other.coverage).toFixed(0)} % of ${other.series}; ${((user + system) / 1e6).toFixed(0)} s of CPU`,
  )
  console.log(`${model}\n`)
}
