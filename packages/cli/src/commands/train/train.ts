import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readTable } from '@typegrad/data'
import { type TrainOptions, train as trainTable } from '@typegrad/tabular'
import { findFile, wrongKind } from '../../files/file-kind.ts'
import { checkOutput, fileNameOf, writeText } from '../../files/output.ts'
import type { Given, Run } from '../../program/definition.ts'
import { Interrupted, UsageFailure } from '../../program/failure.ts'
import { reportLines } from '../report/report-lines.ts'
import type { train } from './definition.ts'
import { drawProgress } from './draw-progress.ts'
import { keepBestOnInterrupt } from './keep-best.ts'
import { targetOf } from './target.ts'

const usualBudget = 60

export const run: Run<typeof train> = async (context, given) => {
  const { file, output: named, report: page, force, budget = usualBudget } = given
  const found = await findFile(file)
  if (found.kind !== 'table') throw wrongKind(found, { en: 'a table', zh: '表格' })
  const options = optionsOf(given)
  for (const path of [named, page]) if (path !== undefined) await checkOutput(path, force)
  const table = await readTable(found.path)
  const targets = await targetOf(table, given.target, context)
  const output = named ?? `${fileNameOf(targets.join('-'))}.model`
  if (named === undefined) await checkOutput(output, force)

  const { interrupted } = context.terminal
  keepBestOnInterrupt(context)
  const drawing = drawProgress(context, budget)
  const model = await trainTable(table, {
    ...options,
    target: targets.length === 1 ? (targets[0] ?? '') : targets,
    budget,
    stop: interrupted,
    onProgress: drawing.say,
  }).finally(drawing.end)
  // First, for a disk that has no room for the model.
  if (!context.isJson) context.print(...reportLines(model.report, context))
  await context.keeping(output, async () => {
    await mkdir(dirname(output), { recursive: true })
    await model.save(output)
  })
  if (page !== undefined)
    await context.keeping(page, () => writeText(page, model.toHtml({ language: context.language })))

  if (context.isJson) context.printJson({ model: output, report: model.report })
  if (page !== undefined) context.note({ en: `The report is in ${page}.`, zh: `报告已写入 ${page}。` })
  context.note({ en: `The model is in ${output}.`, zh: `模型已写入 ${output}。` })
  if (interrupted.aborted) throw new Interrupted()
}

/** What is given to `train` beside the target. @throws UsageFailure for costs that are not two. */
function optionsOf(given: Given<typeof train>): Omit<TrainOptions, 'target'> {
  const { task, quantiles, positive, ignore, groups, time, testShare, folds, models, refit, costs, seed } =
    given
  const [falsePositive, falseNegative, ...more] = costs ?? []
  if (costs !== undefined && (falseNegative === undefined || more.length > 0))
    throw new UsageFailure({
      where: '--costs',
      expected: { en: 'two numbers, such as 1,5', zh: '两个数，例如 1,5' },
      received: { en: String(costs.length), zh: `${costs.length} 个` },
    })
  return {
    ...(task !== undefined && { task }),
    ...(quantiles !== undefined && { quantiles }),
    ...(positive !== undefined && { positive: classOf(positive) }),
    ...(ignore !== undefined && { ignore }),
    ...(groups !== undefined && { groups }),
    ...(time !== undefined && { time }),
    ...(testShare !== undefined && { testShare }),
    ...(folds !== undefined && { folds }),
    // Names are checked by `train`, which knows them.
    ...(models !== undefined && { models: models as NonNullable<TrainOptions['models']> }),
    ...(refit !== undefined && { refit }),
    ...(falsePositive !== undefined &&
      falseNegative !== undefined && { costs: { falsePositive, falseNegative } }),
    ...(seed !== undefined && { seed }),
  }
}

/** A class as a table has it: a number or a truth value where it looks like one. */
function classOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
