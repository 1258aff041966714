import type { DataRow, Table } from '@typegrad/data'
import type { CommandContext } from '../../program/context.ts'
import { Interrupted, UsageFailure } from '../../program/failure.ts'

/** The column that is to be predicted: that of the command line, or what is answered. @throws UsageFailure where nobody can be asked. */
export async function targetOf(
  table: Table<DataRow>,
  given: string | undefined,
  context: CommandContext,
): Promise<string> {
  if (given !== undefined) return given
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
  return answer
}
