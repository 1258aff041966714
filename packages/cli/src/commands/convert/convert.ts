import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { findFile, kindNames, wrongKind } from '../../files/file-kind.ts'
import { checkOutput } from '../../files/output.ts'
import { same } from '../../language/text.ts'
import type { Run } from '../../program/definition.ts'
import { UsageFailure } from '../../program/failure.ts'
import type { convert } from './definition.ts'
import { type ConvertedKind, formatOf, isConverted, type OutputFormat, outputsOf } from './formats.ts'
import { writers } from './writers.ts'

export const run: Run<typeof convert> = async (
  context,
  { input, output, dtype, force, import: modules = [] },
) => {
  const format = formatOf(output)
  const found = await findFile(input)
  const { kind, path } = found
  if (!isConverted(kind))
    throw wrongKind(found, {
      en: 'a model of layers, tensors or ONNX to convert',
      zh: '可转换的模型：层模型、张量或 ONNX',
    })
  checkPair(kind, format, dtype)
  await checkOutput(output, force)
  const write = await writers[kind]({ kind, path, output, format, dtype, modules })
  await context.writing(output, async () => {
    await mkdir(dirname(output), { recursive: true })
    await write()
  })
  context.note({ en: `The model is in ${output}.`, zh: `模型已写入 ${output}。` })
}

/** @throws UsageFailure for a format that a model of this kind has no way to, and a dtype that the format has no words for. */
function checkPair(kind: ConvertedKind, format: OutputFormat, dtype: string | undefined): void {
  const possible: readonly OutputFormat[] = outputsOf[kind]
  if (!possible.includes(format))
    throw new UsageFailure({
      where: 'OUTPUT',
      expected: {
        en: `one of ${possible.join(', ')}, which ${kindNames[kind].en} can become`,
        zh: `${possible.join('、')} 之一（${kindNames[kind].zh}可转换的格式）`,
      },
      received: same(`'${format}'`),
    })
  const hasDType = format === '.safetensors' || (format === 'folder' && kind === 'hugging-face')
  if (dtype !== undefined && !hasDType)
    throw new UsageFailure({
      where: '--dtype',
      expected: {
        en: 'an output of .safetensors, or a folder of Hugging Face',
        zh: '输出为 .safetensors 或 Hugging Face 文件夹',
      },
      received: same(`'${format}'`),
    })
}
