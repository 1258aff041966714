import { basename, extname } from 'node:path'
import { plotModel } from 'typegrad'
import { findFile } from '../../files/file-kind.ts'
import { loadLayers } from '../../files/layer-model.ts'
import { checkOutput, writeText } from '../../files/output.ts'
import type { Run } from '../../program/definition.ts'
import { notAmong } from '../../program/options.ts'
import type { plot } from './definition.ts'
import { pictureEndings, picturePage } from './picture-page.ts'

export const run: Run<typeof plot> = async (context, given) => {
  const { model: path, output = `${basename(path, extname(path))}.svg`, force, import: modules } = given
  const ending = extname(output).toLowerCase()
  if (!pictureEndings.includes(ending)) throw notAmong('--output', pictureEndings, ending || output)
  await checkOutput(output, force)
  const model = await loadLayers(await findFile(path), modules)
  const svg = await plotModel(model, {
    showShapes: given.shapes === true,
    showLayerActivations: given.activations === true,
    showTrainable: given.trainable === true,
    expandNested: given.nested === true,
    rankdir: given.direction ?? 'TB',
  })
  await context.writing(output, () =>
    writeText(output, ending === '.svg' ? svg : picturePage(svg, basename(path))),
  )
  context.note({ en: `The picture is in ${output}.`, zh: `图已写入 ${output}。` })
}
