import type { Category, DataRow, Table } from '@typegrad/data'
import { Recommender } from '@typegrad/tabular'
import type { CommandContext } from '../../program/context.ts'
import type { Given } from '../../program/definition.ts'
import { cut } from '../../terminal/text-width.ts'
import { checkColumn } from '../train/target.ts'
import type { predict } from './definition.ts'
import { keptColumns, withColumns, written } from './written-columns.ts'

const usualCount = 10
/** So many of those that the model has never seen are named. */
const mostNamed = 5

/** What a recommender says of a table: lists of its users, or scores of its pairs. */
export async function recommendRows(
  context: CommandContext,
  given: Given<typeof predict>,
  table: Table<DataRow>,
): Promise<void> {
  const model = await Recommender.load(given.model)
  const { user, item } = model.report
  const needed = given.pairs === true ? [user, item] : [user]
  for (const { column } of needed) checkColumn(given.file, column, table.columnNames)
  const { output } = given
  if (given.pairs !== true) return await written(await listsOf(model, given, table, context), output, context)
  const kept = given.only === true ? [] : keptColumns(table, given.columns)
  const { scores, unseen } = await model.score(table)
  context.goOn()
  tellUnseen(context, unseen.users, user.column)
  tellUnseen(context, unseen.items, item.column)
  await written(await withColumns(table, kept, new Map([['prediction', scores]])), output, context)
}

/** A row for each item of the list of each user, in the order in which the table names them first. */
async function listsOf(
  model: Recommender,
  { count = usualCount }: Given<typeof predict>,
  table: Table<DataRow>,
  context: CommandContext,
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const { user, item } = model.report
  const known = model.userFeatures
  // Someone new is known by features where the table has them all.
  const hasFeatures = known.length > 0 && known.every((name) => table.columnNames.includes(name))
  const columns: Record<string, unknown[]> = {
    [user.column]: [],
    rank: [],
    [item.column]: [],
    score: [],
    basis: [],
  }
  const popular: Category[] = []
  const told = new Set<Category>()
  for (const row of await table.rows()) {
    const id = row[user.column] as Category | null
    if (id === null || told.has(id)) continue
    told.add(id)
    context.goOn()
    let found = await model.recommend(id, count)
    if (found.basis === 'popularity' && hasFeatures)
      found = await model.recommend(id, count, {
        features: Object.fromEntries(known.map((name) => [name, row[name]])),
      })
    if (found.basis === 'popularity') popular.push(id)
    for (const [i, one] of found.items.entries()) {
      columns[user.column]?.push(id)
      columns.rank?.push(i + 1)
      columns[item.column]?.push(one.item)
      columns.score?.push(one.score)
      columns.basis?.push(found.basis)
    }
  }
  tellUnseen(context, popular, user.column)
  return columns
}

function tellUnseen(context: CommandContext, ids: readonly Category[], column: string): void {
  if (ids.length === 0) return
  const named = ids
    .slice(0, mostNamed)
    .map((id) => cut(String(id), 24))
    .join(', ')
  const more = ids.length > mostNamed ? ', …' : ''
  context.note({
    en: `${column}: ${ids.length} that the model knows nothing of have what most take: ${named}${more}.`,
    zh: `${column}：有 ${ids.length} 个模型一无所知，按多数人的选择给出：${named}${more}。`,
  })
}
