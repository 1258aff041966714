import { open, readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nearestName } from 'typegrad/core'
import type { Text } from '../language/text.ts'
import { Failure } from '../program/failure.ts'
import { type ArchiveKind, kindOfArchive } from './archive-kind.ts'

/** Whatever the command can look into. */
export type FileKind =
  | 'keras'
  | 'h5'
  | 'folder'
  | 'tfjs'
  | 'hugging-face'
  | 'safetensors'
  | 'onnx'
  | 'gguf'
  | ArchiveKind
  | 'table'

export const kindNames: Readonly<Record<FileKind, Text>> = {
  keras: { en: 'a model of Keras (.keras)', zh: 'Keras 模型（.keras）' },
  h5: { en: 'a model of Keras (.h5)', zh: 'Keras 模型（.h5）' },
  folder: { en: "a model's folder of typegrad", zh: 'typegrad 模型文件夹' },
  tfjs: { en: 'a layers model of TensorFlow.js', zh: 'TensorFlow.js 层模型' },
  'hugging-face': { en: "a model's folder of Hugging Face", zh: 'Hugging Face 模型文件夹' },
  safetensors: { en: 'tensors (.safetensors)', zh: '张量（.safetensors）' },
  onnx: { en: 'a model of ONNX', zh: 'ONNX 模型' },
  gguf: { en: 'a model of llama.cpp (.gguf)', zh: 'llama.cpp 模型（.gguf）' },
  'table-model': { en: 'a model of a table', zh: '表格模型' },
  recommender: { en: 'a recommender', zh: '推荐模型' },
  'forecast-model': { en: 'a model of series', zh: '时间序列模型' },
  table: { en: 'a table', zh: '表格' },
}

/** A file or folder, and what it is. */
export interface FoundFile {
  readonly kind: FileKind
  /** Where its reader begins: of a folder of TensorFlow.js the `model.json` in it. */
  readonly path: string
}

const byEnding: readonly (readonly [ending: RegExp, kind: FileKind])[] = [
  [/\.keras$/i, 'keras'],
  [/\.(h5|hdf5)$/i, 'h5'],
  [/\.safetensors(\.index\.json)?$/i, 'safetensors'],
  [/\.onnx$/i, 'onnx'],
  [/\.gguf$/i, 'gguf'],
  [/\.(csv|tsv|txt|parquet|jsonl|ndjson|arrow|feather)(\.(gz|zst))?$/i, 'table'],
]

/** What a path leads to, by its name and, where that does not say it, by how it begins. @throws Failure where nothing is. */
export async function findFile(path: string): Promise<FoundFile> {
  // A pattern of several tables is none of a file.
  if (/[*?]/.test(path)) return { kind: 'table', path }
  const found = await stat(path).catch(async (error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? await notThere(path) : error
  })
  if (found.isDirectory()) return await findFolder(path)
  const known = byEnding.find(([ending]) => ending.test(path))
  if (known !== undefined) return { kind: known[1], path }
  const beginning = await beginningOf(path)
  // An archive, as models of tables are kept.
  if (beginning.startsWith('PK\x03\x04')) return { kind: await kindOfArchive(path), path }
  return { kind: kindOfBeginning(beginning), path }
}

async function findFolder(path: string): Promise<FoundFile> {
  const names = new Set(await readdir(path))
  if (names.has('model.json')) return { kind: 'tfjs', path: join(path, 'model.json') }
  if (!names.has('config.json')) return { kind: 'table', path }
  const config: unknown = JSON.parse(await readFile(join(path, 'config.json'), 'utf8').catch(() => '{}'))
  const isOwn =
    typeof config === 'object' && config !== null && 'format' in config && config.format === 'typegrad'
  return { kind: isOwn ? 'folder' : 'hugging-face', path }
}

const begins = 4096

async function beginningOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(begins), 0, begins, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

function kindOfBeginning(beginning: string): FileKind {
  if (beginning.startsWith('GGUF')) return 'gguf'
  if (/"modelTopology"|"format"\s*:\s*"layers-model"/.test(beginning)) return 'tfjs'
  return 'table'
}

async function notThere(path: string): Promise<Failure> {
  const near = nearestName(basename(path), await readdir(dirname(path)).catch(() => []))
  return new Failure({
    where: path,
    expected: { en: 'a file or folder', zh: '文件或文件夹' },
    received: { en: 'nothing of that name', zh: '没有这个名称' },
    ...(near !== undefined && {
      fix: {
        en: `Did you mean ${join(dirname(path), near)}?`,
        zh: `您是不是指 ${join(dirname(path), near)}？`,
      },
    }),
  })
}

/** An error for a file that is not of the kinds that a command takes. */
export const wrongKind = ({ path, kind }: FoundFile, expected: Text, fix?: Text): Failure =>
  new Failure({ where: path, expected, received: kindNames[kind], ...(fix !== undefined && { fix }) })
