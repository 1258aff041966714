import { mkdir } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { type ColumnValues, type DataRow, type Table, tableFrom } from '@typegrad/data'
import { checkOutput } from '../../files/output.ts'
import { tableEndings } from '../../files/table-endings.ts'
import type { CommandContext } from '../../program/context.ts'
import { UsageFailure } from '../../program/failure.ts'
import { notAmong } from '../../program/options.ts'
import { csvLine } from './csv.ts'

/** Rows that are written at a time. */
const batch = 1000

/** Looks at where rows go before any work is done for them. @throws UsageFailure for an ending that is none, or a file that exists. */
export async function checkTableOutput(
  output: string | undefined,
  force: boolean | undefined,
): Promise<void> {
  if (output === undefined) return
  const ending = extname(output).toLowerCase()
  if (!tableEndings.includes(ending)) throw notAmong('--output', tableEndings, ending || output)
  await checkOutput(output, force)
}

/** The columns of a table that are kept, beside what is made. @throws UsageFailure for a column that there is not, or that is made. */
export async function withColumns(
  table: Table<DataRow>,
  asked: readonly string[] | undefined,
  made: ReadonlyMap<string, ArrayLike<unknown>>,
): Promise<ColumnValues> {
  const kept = keptColumns(table, asked)
  const all: Record<string, ArrayLike<unknown>> = kept.length === 0 ? {} : await columnsOf(table, kept)
  for (const [name, values] of made) all[nameBeside(name, kept)] = values
  return all
}

/** @throws UsageFailure for a column that there is not. */
export function keptColumns(
  { columnNames }: Table<DataRow>,
  asked: readonly string[] | undefined,
): readonly string[] {
  const unknown = asked?.find((name) => !columnNames.includes(name))
  if (unknown !== undefined) throw notAmong('--columns', columnNames, unknown)
  return asked ?? columnNames
}

const columnsOf = async (
  table: Table<DataRow>,
  names: readonly string[],
): Promise<Record<string, ArrayLike<unknown>>> => {
  const found = (await table.columns()) as Readonly<Record<string, ArrayLike<unknown>>>
  return Object.fromEntries(names.map((name) => [name, found[name] ?? []]))
}

/** A table that was predicted before has a column of that name. */
function nameBeside(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name
  throw new UsageFailure({
    where: '--columns',
    expected: {
      en: `columns without '${name}', which is written`,
      zh: `不含 '${name}' 的列（它要写入预测）`,
    },
    received: { en: `a table that has it`, zh: '表格已有此列' },
    fix: {
      en: 'Name the columns that are kept: --columns id,…; or --only.',
      zh: '请指定保留的列：--columns id,…；或使用 --only。',
    },
  })
}

/** Writes columns to a file, or to standard output as JSON or CSV. */
export async function written(
  columns: ColumnValues,
  output: string | undefined,
  context: CommandContext,
): Promise<void> {
  const names = Object.keys(columns)
  const rows = columns[names[0] ?? '']?.length ?? 0
  const rowAt = (row: number): unknown[] => names.map((name) => columns[name]?.[row])
  if (output !== undefined) {
    const table = await tableFrom(columns)
    await context.writing(output, async () => {
      await mkdir(dirname(output), { recursive: true })
      await table.write(output)
    })
    context.note({
      en: `${rows} rows are in ${output}.`,
      zh: `${rows} 行已写入 ${output}。`,
    })
  } else if (context.isJson) {
    context.printJson(
      Array.from({ length: rows }, (_, row) =>
        Object.fromEntries(names.map((name) => [name, columns[name]?.[row]])),
      ),
    )
  } else {
    context.terminal.out(csvLine(names))
    for (let start = 0; start < rows; start += batch) {
      const length = Math.min(batch, rows - start)
      context.terminal.out(Array.from({ length }, (_, i) => csvLine(rowAt(start + i))).join(''))
    }
  }
}
