import { mkdir } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { readTable, tableFrom } from '@typegrad/data'
import { type ForecastModel, type ForecastOptions, forecast as forecastTable } from '@typegrad/tabular'
import { findFile, wrongKind } from '../../files/file-kind.ts'
import { checkOutput, fileNameOf } from '../../files/output.ts'
import { tableEndings } from '../../files/table-endings.ts'
import type { Given, Run } from '../../program/definition.ts'
import { Interrupted, UsageFailure } from '../../program/failure.ts'
import { notAmong } from '../../program/options.ts'
import { wrapped } from '../../terminal/text-width.ts'
import { drawProgress } from '../train/draw-progress.ts'
import { keepBestOnInterrupt } from '../train/keep-best.ts'
import { checkColumn } from '../train/target.ts'
import type { forecast } from './definition.ts'

const usualBudget = 60

export const run: Run<typeof forecast> = async (context, given) => {
  const { file, model: kept, force, budget = usualBudget } = given
  const { time, target, horizon } = neededOf(given)
  const output = given.output ?? `${fileNameOf(target)}-forecast.csv`
  const ending = extname(output).toLowerCase()
  if (!tableEndings.includes(ending)) throw notAmong('--output', tableEndings, ending || output)
  for (const path of [output, kept]) if (path !== undefined) await checkOutput(path, force)
  const found = await findFile(file)
  if (found.kind !== 'table') throw wrongKind(found, { en: 'a table', zh: '表格' })
  const table = await readTable(found.path)
  checkColumn('--time', time, table.columnNames)
  checkColumn('--target', target, table.columnNames)

  const { interrupted } = context.terminal
  keepBestOnInterrupt(context)
  const drawing = drawProgress(context, budget)
  const model = await forecastTable(table, {
    ...optionsOf(given),
    time,
    target,
    horizon,
    budget,
    stop: interrupted,
    onProgress: drawing.say,
  }).finally(drawing.end)
  const rows = await tableFrom(await model.predictRows())
  await context.keeping(output, async () => {
    await mkdir(dirname(output), { recursive: true })
    await rows.write(output)
  })
  if (kept !== undefined) await keep(model, kept, context)
  if (context.isJson) context.printJson({ forecasts: output, report: model.report })
  else context.print(...`${model}`.split('\n').flatMap((line) => wrapped(line, context.columns, '    ')))
  context.note({ en: `The forecasts are in ${output}.`, zh: `预测已写入 ${output}。` })
  if (interrupted.aborted) throw new Interrupted()
}

const keep = async (
  model: ForecastModel,
  path: string,
  context: Parameters<typeof run>[0],
): Promise<void> => {
  await context.keeping(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    await model.save(path)
  })
  context.note({ en: `The model is in ${path}.`, zh: `模型已写入 ${path}。` })
}

/** @throws UsageFailure for one that is not there. */
function neededOf({ time, target, horizon }: Given<typeof forecast>): {
  readonly time: string
  readonly target: string
  readonly horizon: number
} {
  if (time !== undefined && target !== undefined && horizon !== undefined) return { time, target, horizon }
  throw new UsageFailure({
    where: 'forecast',
    expected: { en: '--time, --target and --horizon', zh: '--time、--target 与 --horizon' },
    received: { en: 'not all of them', zh: '其中有缺失' },
  })
}

function optionsOf(given: Given<typeof forecast>): Partial<ForecastOptions> {
  const { series, covariates, statics, season, gaps, doubles, levels, seed } = given
  return {
    ...(series !== undefined && { series }),
    ...(covariates !== undefined && { covariates }),
    ...(statics !== undefined && { statics }),
    ...(season !== undefined && { season }),
    ...(gaps !== undefined && { gaps }),
    ...(doubles !== undefined && { doubles }),
    ...(levels !== undefined && { levels }),
    ...(seed !== undefined && { seed }),
  }
}
