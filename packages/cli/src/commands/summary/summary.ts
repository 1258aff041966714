import { findFile } from '../../files/file-kind.ts'
import { loadLayers } from '../../files/layer-model.ts'
import type { Run } from '../../program/definition.ts'
import type { summary } from './definition.ts'

export const run: Run<typeof summary> = async (
  context,
  { model: path, nested, trainable, import: modules },
) => {
  const model = await loadLayers(await findFile(path), modules)
  const text = model.summary({
    print: null,
    expandNested: nested === true,
    showTrainable: trainable === true,
    lineLength: context.columns,
  })
  context.print(...text.split('\n'))
}
