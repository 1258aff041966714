import { TableModel } from '@typegrad/tabular'
import { findFile, wrongKind } from './file-kind.ts'

/** Loads a model of a table. @throws Failure for another kind of file. */
export async function loadTableModel(path: string): Promise<TableModel> {
  const found = await findFile(path)
  if (found.kind !== 'table-model')
    throw wrongKind(
      found,
      { en: 'a model of a table, as typegrad train keeps it', zh: '由 typegrad train 保存的表格模型' },
      {
        en: 'Train one: typegrad train FILE --target COLUMN.',
        zh: '先训练一个：typegrad train FILE --target COLUMN。',
      },
    )
  return await TableModel.load(path)
}
