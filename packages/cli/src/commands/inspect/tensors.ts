import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readSafetensors, type SafetensorsFile } from 'typegrad'
import { type FoundFile, kindNames, wrongKind } from '../../files/file-kind.ts'
import { bytesText } from '../../files/size.ts'
import { listing } from '../../terminal/listing.ts'
import { cut } from '../../terminal/text-width.ts'
import type { Finding } from './finding.ts'
import { type Described, numbersOf, tensorFacts, tensorLines } from './tensor-lines.ts'

const tensorsOf = (file: SafetensorsFile): Described[] =>
  [...file.tensors].map(([name, { stored, shape }]) => ({ name, dtype: stored, shape: [...shape] }))

/** Tensors of a checkpoint, with its metadata. */
export async function inspectTensors({ kind, path }: FoundFile): Promise<Finding> {
  const file = await readSafetensors(path)
  const tensors = tensorsOf(file)
  const parameters = numbersOf(tensors)
  const { size } = await stat(path)
  return {
    json: { tensors, parameters, metadata: file.metadata },
    lines: (context) => [
      basename(path),
      context.say(kindNames[kind]),
      ...listing(
        [
          ...tensorFacts(tensors, context),
          ...(path.endsWith('.json')
            ? []
            : [[context.say({ en: 'size', zh: '大小' }), bytesText(size)] as const]),
          ...Object.entries(file.metadata).map(
            ([name, value]) => [name, cut(value, context.columns - 32)] as const,
          ),
        ],
        context.columns,
      ),
      '',
      ...tensorLines(tensors, context.columns),
    ],
  }
}

/** A folder of Hugging Face: its architecture, and the tensors of its checkpoint. */
export async function inspectHuggingFace(found: FoundFile): Promise<Finding> {
  const { path } = found
  const names = await readdir(path)
  const file =
    names.find((name) => name === 'model.safetensors.index.json') ??
    names.find((name) => name.endsWith('.safetensors'))
  if (file === undefined)
    throw wrongKind(found, {
      en: 'a folder with model.safetensors or its index',
      zh: '含 model.safetensors 或其索引的文件夹',
    })
  const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >
  const tensors = await inspectTensors({ kind: found.kind, path: join(path, file) })
  const shown = ['architectures', 'model_type', 'hidden_size', 'num_hidden_layers', 'vocab_size'] as const
  return {
    json: { config, ...tensors.json },
    lines: (context) => {
      const [, ...lines] = tensors.lines(context)
      const [kind = '', ...rest] = lines
      return [
        basename(path),
        kind,
        ...listing(
          shown.flatMap((name) =>
            config[name] === undefined ? [] : [[name, String(config[name])] as const],
          ),
          context.columns,
        ),
        ...rest,
      ]
    },
  }
}
