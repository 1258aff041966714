import type { DataRow, Table } from '@typegrad/data'
import { Recommender, type RecommenderEvaluation } from '@typegrad/tabular'
import { countText } from '../../files/size.ts'
import type { CommandContext } from '../../program/context.ts'
import { scoresBeside } from './scores-beside.ts'

/** Judges a recommender on what users took since it was trained. */
export async function evaluateRecommender(
  context: CommandContext,
  path: string,
  table: Table<DataRow>,
): Promise<void> {
  const model = await Recommender.load(path)
  const found = await model.evaluate(table)
  if (context.isJson) return context.printJson(found)
  const { scores, coverage, users } = found
  const rows = countText(found.rows)
  context.print(
    context.say(
      users === undefined
        ? { en: `${rows} rows`, zh: `${rows} 行` }
        : { en: `${rows} rows of ${countText(users)} users`, zh: `${countText(users)} 个用户的 ${rows} 行` },
    ),
    ...scoresBeside(scores, model.report.scores, context),
    ...(coverage === undefined
      ? []
      : [
          context.say({
            en: `  ${(100 * coverage).toFixed(1)} % of the items are in some list of ${model.report.k}.`,
            zh: `  ${(100 * coverage).toFixed(1)} % 的物品出现在某个长度为 ${model.report.k} 的列表中。`,
          }),
        ]),
    ...leftOut(found, context),
  )
}

/** Rows that say nothing of the model. */
const leftOut = (
  { incomplete, unseen, repeated }: RecommenderEvaluation,
  context: CommandContext,
): readonly string[] => [
  ...(incomplete === 0
    ? []
    : [
        context.say({
          en: `Left out: ${countText(incomplete)} rows without a user, an item or a rating.`,
          zh: `未计入：${countText(incomplete)} 行缺少用户、物品或评分。`,
        }),
      ]),
  ...(unseen === 0
    ? []
    : [
        context.say({
          en: `Left out: ${countText(unseen)} rows whose user or item the model has never seen.`,
          zh: `未计入：${countText(unseen)} 行的用户或物品是模型从未见过的。`,
        }),
      ]),
  ...(repeated === 0
    ? []
    : [
        context.say({
          en: `Left out: ${countText(repeated)} rows of what the user had taken in training.`,
          zh: `未计入：${countText(repeated)} 行是用户在训练时已选过的。`,
        }),
      ]),
]
