import { type Model, onnxModel, type Predicted, readSafetensors, writeSafetensors } from 'typegrad'
import { writeFileAtomically } from 'typegrad/formats'
import type { FoundFile } from '../../files/file-kind.ts'
import { loadLayers } from '../../files/layer-model.ts'
import type { ConvertedKind, OutputFormat } from './formats.ts'

/** A model, and what becomes of it. */
export interface Conversion extends FoundFile {
  readonly output: string
  readonly format: OutputFormat
  readonly dtype: 'float32' | 'float16' | 'bfloat16' | undefined
  readonly modules: readonly string[]
}

/** Reads a model; what it gives writes it. */
type Writer = (conversion: Conversion) => Promise<() => Promise<void>>

const asTensors = (model: Model<Predicted>, { output, dtype }: Conversion): Promise<void> =>
  model.saveWeights(output, dtype === undefined ? {} : { dtype })

const ofLayers: Writer = async (conversion) => {
  const { output, format, modules } = conversion
  const model = await loadLayers(conversion, modules)
  const byFormat: Readonly<Record<OutputFormat, () => Promise<void>>> = {
    '.keras': () => model.save(output),
    '.h5': () => model.save(output),
    folder: () => model.save(output),
    '.weights.h5': () => model.saveWeights(output),
    '.safetensors': () => asTensors(model, conversion),
    '.onnx': async () => writeFileAtomically(output, [await model.toOnnx()]),
  }
  return byFormat[format]
}

const ofOnnx: Writer = async (conversion) => {
  const { path, output, format } = conversion
  const model = await onnxModel(path)
  if (format === '.onnx') return () => model.saveOnnx(output)
  return format === 'folder'
    ? () => model.save(output)
    : () => asTensors(model as unknown as Model<Predicted>, conversion)
}

const ofHuggingFace: Writer = async (conversion) => {
  const { path, output, format, dtype } = conversion
  const { fromPretrained } = await import('@typegrad/transformers')
  const model = await fromPretrained(path)
  if (format === 'folder') return () => model.savePretrained(output, dtype === undefined ? {} : { dtype })
  if (format === '.onnx') return async () => writeFileAtomically(output, [await model.toOnnx()])
  return () => asTensors(model as unknown as Model<Predicted>, conversion)
}

/** Tensors one by one, in another dtype. */
const ofTensors: Writer = async ({ path, output, dtype }) => {
  const file = await readSafetensors(path)
  const tensors = await Promise.all(
    [...file.tensors.keys()].map(async (name) => [name, await file.tensor(name)] as const),
  )
  return () =>
    writeSafetensors(output, tensors, { metadata: file.metadata, ...(dtype !== undefined && { dtype }) })
}

/** Columns in, predictions out: one file for any ONNX Runtime. */
const ofTable: Writer = async ({ path, output }) => {
  const { TableModel } = await import('@typegrad/tabular')
  const model = await TableModel.load(path)
  return async () => writeFileAtomically(output, [await model.toOnnx()])
}

export const writers: Readonly<Record<ConvertedKind, Writer>> = {
  keras: ofLayers,
  h5: ofLayers,
  folder: ofLayers,
  tfjs: ofLayers,
  onnx: ofOnnx,
  'hugging-face': ofHuggingFace,
  safetensors: ofTensors,
  'table-model': ofTable,
}
