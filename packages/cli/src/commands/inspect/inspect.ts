import { type FileKind, type FoundFile, findFile, kindNames } from '../../files/file-kind.ts'
import type { CommandContext } from '../../program/context.ts'
import type { Given, Run } from '../../program/definition.ts'
import { UsageFailure } from '../../program/failure.ts'
import type { inspect } from './definition.ts'
import type { Finding } from './finding.ts'

type Inspected = Given<typeof inspect>

type Inspector = (found: FoundFile, given: Inspected, context: CommandContext) => Promise<Finding>

const inspectors: Readonly<Record<FileKind, Inspector>> = {
  keras: async (found, { import: modules }) => (await import('./layers.ts')).inspectLayers(found, modules),
  h5: async (found, { import: modules }) => (await import('./layers.ts')).inspectLayers(found, modules),
  folder: async (found, { import: modules }) => (await import('./layers.ts')).inspectLayers(found, modules),
  tfjs: async (found, { import: modules }) => (await import('./layers.ts')).inspectLayers(found, modules),
  'hugging-face': async (found) => (await import('./tensors.ts')).inspectHuggingFace(found),
  safetensors: async (found) => (await import('./tensors.ts')).inspectTensors(found),
  onnx: async (found) => (await import('./onnx.ts')).inspectOnnx(found),
  gguf: async (found) => (await import('./gguf.ts')).inspectGguf(found),
  'table-model': async (found) => (await import('./table-model.ts')).inspectTableModel(found),
  recommender: async (found) => (await import('./recommender.ts')).inspectRecommender(found),
  'forecast-model': async (found) => (await import('./forecast-model.ts')).inspectForecastModel(found),
  table: async (found, given, context) => (await import('./table.ts')).inspectTable(found, given, context),
}

export const run: Run<typeof inspect> = async (context, given) => {
  const found = await findFile(given.file)
  if (found.kind !== 'table') refuseTableOptions(found, given)
  const { json, lines } = await inspectors[found.kind](found, given, context)
  if (context.isJson) return context.printJson({ kind: found.kind, ...json })
  context.print(...lines(context))
}

/** Options of tables mean nothing of models. */
function refuseTableOptions(found: FoundFile, given: Inspected): void {
  const wrong = (['target', 'time', 'compare', 'rows', 'html'] as const).find(
    (name) => given[name] !== undefined,
  )
  if (wrong === undefined) return
  throw new UsageFailure({
    where: `--${wrong}`,
    expected: { en: `a table, which it is an option of`, zh: '表格（此选项只用于表格）' },
    received: {
      en: `${kindNames[found.kind].en}, ${found.path}`,
      zh: `${kindNames[found.kind].zh} ${found.path}`,
    },
  })
}
