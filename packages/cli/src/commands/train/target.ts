import type { DataRow, Table } from '@typegrad/data'
import { nearestName } from 'typegrad/core'
import { same } from '../../language/text.ts'
import type { CommandContext } from '../../program/context.ts'
import { Interrupted, UsageFailure } from '../../program/failure.ts'

/**
 * The columns that are to be predicted: one, or several labels with commas between them, of the command line; or what is answered.
 *
 * @throws UsageFailure for a column that there is not, and where nobody can be asked.
 */
export async function targetOf(
  table: Table<DataRow>,
  given: string | undefined,
  context: CommandContext,
): Promise<readonly string[]> {
  if (given !== undefined) {
    const names = table.columnNames.includes(given) ? [given] : given.split(',')
    for (const name of names) checkColumn('--target', name, table.columnNames)
    return names
  }
  const { ask } = context.terminal
  if (ask === undefined || context.isJson)
    throw new UsageFailure({
      where: '--target',
      expected: {
        en: `the column that is predicted, one of ${table.columnNames.join(', ')}`,
        zh: `要预测的列，${table.columnNames.join('、')} 之一`,
      },
      received: { en: 'none', zh: '空' },
    })
  const features = await table.features()
  const answer = await ask.choose(
    context.say({ en: 'Which column is to be predicted?', zh: '要预测哪一列？' }),
    table.columnNames.map((name) => {
      const feature = features[name]
      return { value: name, label: name, ...(feature?.kind === 'value' && { hint: feature.dtype }) }
    }),
  )
  if (answer === undefined) throw new Interrupted()
  return [answer]
}

/** @throws UsageFailure for a column that there is not, with the nearest. */
export function checkColumn(where: string, name: string, columns: readonly string[]): void {
  if (columns.includes(name)) return
  const near = nearestName(name, columns)
  throw new UsageFailure({
    where,
    expected: {
      en: `one of the columns ${columns.join(', ')}`,
      zh: `${columns.join('、')} 之一`,
    },
    received: same(`'${name}'`),
    ...(near !== undefined && {
      fix: { en: `Did you mean '${near}'?`, zh: `您是不是指 '${near}'？` },
    }),
  })
}
