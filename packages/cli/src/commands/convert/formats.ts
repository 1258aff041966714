import { basename } from 'node:path'
import type { FileKind } from '../../files/file-kind.ts'
import { notAmong } from '../../program/options.ts'

/** What a model is written as. */
export const outputFormats = ['.keras', '.h5', '.weights.h5', '.safetensors', '.onnx', 'folder'] as const
export type OutputFormat = (typeof outputFormats)[number]

const layered: readonly OutputFormat[] = outputFormats

/** What models of each kind can be written as. */
export const outputsOf = {
  keras: layered,
  h5: layered,
  folder: layered,
  tfjs: layered,
  onnx: ['.onnx', '.safetensors', 'folder'],
  'hugging-face': ['.onnx', '.safetensors', 'folder'],
  safetensors: ['.safetensors'],
  'table-model': ['.onnx'],
} as const satisfies Readonly<Partial<Record<FileKind, readonly OutputFormat[]>>>
export type ConvertedKind = keyof typeof outputsOf

export const isConverted = (kind: FileKind): kind is ConvertedKind => Object.hasOwn(outputsOf, kind)

/** The format that a path's ending names; a path without one is a folder. @throws UsageFailure for an ending that is none. */
export function formatOf(path: string): OutputFormat {
  const name = basename(path).toLowerCase()
  if (name.endsWith('.weights.h5')) return '.weights.h5'
  const known = outputFormats.find((format) => name.endsWith(format))
  if (known !== undefined) return known
  const ending = /\.(\w*[a-z]\w*)$/.exec(name)
  if (ending === null) return 'folder'
  throw notAmong('OUTPUT', outputFormats, ending[0])
}
