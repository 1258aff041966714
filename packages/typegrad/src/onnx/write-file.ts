import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { attributeCode, externalLocation, fields, irVersion } from './fields.ts'
import {
  type FileAttribute,
  type FileContent,
  type FileFunction,
  type FileGraph,
  type FileNode,
  type FileTensor,
  type FileType,
  type FileValue,
  fileTypes,
  type OnnxFile,
} from './file.ts'
import { writeInt, writeString } from './write-fields.ts'

/** What is written in the place of a tensor's elements: default those that the file itself has. */
export type ContentOf = (tensor: FileTensor) => FileContent

/**
 * The bytes of a file that was read: reading them again gives the same. What is not read, such as documentation, is not there.
 *
 * @param contentOf what tensors have in the place of their own elements.
 */
export function encodeOnnxFile(file: OnnxFile, contentOf: ContentOf = ({ content }) => content): Uint8Array {
  const writer = new BinaryWriter()
  writeInt(writer, fields.model.irVersion, irVersion)
  if (file.producer !== '') writeString(writer, fields.model.producerName, file.producer)
  writeOpsets(writer, fields.model.opsetImport, file.opsets)
  message(writer, fields.model.graph, () => writeGraph(writer, file.graph, contentOf))
  for (const one of file.functions.values())
    message(writer, fields.model.functions, () => writeFunction(writer, one, contentOf))
  return writer.finish()
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  write()
  writer.join()
}

function writeOpsets(writer: BinaryWriter, field: number, opsets: ReadonlyMap<string, number>): void {
  for (const [domain, version] of opsets)
    message(writer, field, () => {
      writeString(writer, fields.operatorSet.domain, domain)
      writeInt(writer, fields.operatorSet.version, version)
    })
}

function writeGraph(writer: BinaryWriter, graph: FileGraph, contentOf: ContentOf): void {
  const field = fields.graph
  for (const node of graph.nodes) message(writer, field.node, () => writeNode(writer, node, contentOf))
  writeString(writer, field.name, graph.name)
  for (const tensor of graph.initializers)
    message(writer, field.initializer, () => writeTensor(writer, tensor, contentOf))
  for (const value of graph.inputs) message(writer, field.input, () => writeValue(writer, value))
  for (const value of graph.outputs) message(writer, field.output, () => writeValue(writer, value))
}

function writeFunction(writer: BinaryWriter, one: FileFunction, contentOf: ContentOf): void {
  const field = fields.function
  writeString(writer, field.name, one.name)
  writeString(writer, field.domain, one.domain)
  if (one.overload !== '') writeString(writer, field.overload, one.overload)
  for (const name of one.inputs) writeString(writer, field.input, name)
  for (const name of one.outputs) writeString(writer, field.output, name)
  for (const node of one.nodes) message(writer, field.node, () => writeNode(writer, node, contentOf))
  writeOpsets(writer, field.opsetImport, one.opsets)
  for (const [name, attribute] of Object.entries(one.defaults))
    message(writer, field.attributeProto, () => writeAttribute(writer, name, attribute, contentOf))
}

function writeNode(writer: BinaryWriter, node: FileNode, contentOf: ContentOf): void {
  const field = fields.node
  for (const name of node.inputs) writeString(writer, field.input, name)
  for (const name of node.outputs) writeString(writer, field.output, name)
  if (node.name !== '') writeString(writer, field.name, node.name)
  writeString(writer, field.opType, node.op)
  if (node.domain !== '') writeString(writer, field.domain, node.domain)
  if (node.overload !== '') writeString(writer, field.overload, node.overload)
  for (const [name, attribute] of Object.entries(node.attributes))
    message(writer, field.attribute, () => writeAttribute(writer, name, attribute, contentOf))
}

function writeAttribute(
  writer: BinaryWriter,
  name: string,
  attribute: FileAttribute,
  contentOf: ContentOf,
): void {
  const field = fields.attribute
  writeString(writer, field.name, name)
  const { type, value } = attribute
  if (type === 'reference') {
    writeString(writer, field.reference, value)
    return
  }
  writeInt(writer, field.type, type === 'other' ? value : attributeCode[type])
  switch (type) {
    case 'int':
      writeInt(writer, field.i, value)
      break
    case 'float':
      writer.tag(field.f, WireType.Bit32).float(value)
      break
    case 'string':
      writeString(writer, field.s, value)
      break
    case 'ints':
      for (const one of value) writeInt(writer, field.ints, one)
      break
    case 'floats':
      for (const one of value) writer.tag(field.floats, WireType.Bit32).float(one)
      break
    case 'strings':
      for (const one of value) writeString(writer, field.strings, one)
      break
    case 'tensor':
      message(writer, field.t, () => writeTensor(writer, value, contentOf))
      break
    case 'graph':
      message(writer, field.g, () => writeGraph(writer, value, contentOf))
      break
    case 'other':
      break
  }
}

const typeCodes = new Map(Object.entries(fileTypes).map(([code, type]) => [type, Number(code)]))
const codeOf = (type: FileType): number => typeCodes.get(type) as number

function writeTensor(writer: BinaryWriter, tensor: FileTensor, contentOf: ContentOf): void {
  const field = fields.tensor
  for (const dimension of tensor.shape) writeInt(writer, field.dims, dimension)
  writeInt(writer, field.dataType, codeOf(tensor.type))
  if (tensor.name !== '') writeString(writer, field.name, tensor.name)
  const content = contentOf(tensor)
  switch (content.kind) {
    case 'bytes':
      writer.tag(field.rawData, WireType.LengthDelimited).bytes(content.bytes)
      break
    case 'numbers':
      writeNumbers(writer, tensor.type, content.numbers)
      break
    case 'strings':
      for (const one of content.strings) writeString(writer, field.stringData, one)
      break
    case 'external':
      writeExternal(writer, content)
      break
  }
}

/** Elements one by one, in the field that their type has. */
function writeNumbers(writer: BinaryWriter, type: FileType, numbers: readonly (number | bigint)[]): void {
  const field = fields.tensor
  for (const one of numbers) {
    if (type === 'float32' || type === 'complex64')
      writer.tag(field.floatData, WireType.Bit32).float(Number(one))
    else if (type === 'float64' || type === 'complex128')
      writer.tag(field.doubleData, WireType.Bit64).double(Number(one))
    else if (typeof one === 'bigint' && type !== 'int64')
      writer.tag(field.uint64Data, WireType.Varint).int64(BigInt.asIntN(64, one))
    else if (typeof one === 'bigint') writer.tag(field.int64Data, WireType.Varint).int64(one)
    else writeInt(writer, field.int32Data, one)
  }
}

function writeExternal(
  writer: BinaryWriter,
  { location, offset, length }: FileContent & { readonly kind: 'external' },
): void {
  const entries = { location, ...(offset > 0 && { offset }), ...(length !== undefined && { length }) }
  for (const [key, value] of Object.entries(entries))
    message(writer, fields.tensor.externalData, () => {
      writeString(writer, fields.entry.key, key)
      writeString(writer, fields.entry.value, String(value))
    })
  writeInt(writer, fields.tensor.dataLocation, externalLocation)
}

const kindFields = {
  sequence: fields.type.sequenceType,
  map: fields.type.mapType,
  'sparse tensor': fields.type.sparseTensorType,
  optional: fields.type.optionalType,
} as const

function writeValue(writer: BinaryWriter, { name, kind, type, shape }: FileValue): void {
  writeString(writer, fields.valueInfo.name, name)
  if (kind === 'value without a type') return
  message(writer, fields.valueInfo.type, () => {
    if (kind !== 'tensor') {
      message(writer, kindFields[kind], () => {})
      return
    }
    message(writer, fields.type.tensorType, () => {
      writeInt(writer, fields.tensorType.elemType, codeOf(type))
      if (shape === undefined) return
      message(writer, fields.tensorType.shape, () => {
        for (const size of shape)
          message(writer, fields.shape.dim, () => {
            if (typeof size === 'number') writeInt(writer, fields.dimension.value, size)
            else if (size !== null) writeString(writer, fields.dimension.param, size)
          })
      })
    })
  })
}
