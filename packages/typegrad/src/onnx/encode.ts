import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { FormatError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { complete, type Work } from '../base/work.ts'
import { attributeCode, dtypeCode, externalLocation, fields, irVersion } from './fields.ts'
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxTensorType,
  OnnxValue,
} from './model.ts'
import { writeInt, writeString } from './write-fields.ts'

/**
 * The bytes of a model, as in an `.onnx` file. Initializers are stored as raw data; each is copied once.
 *
 * @throws FormatError if a tensor's data does not have as many elements as its shape.
 */
export const encodeModel = (model: OnnxModel): Uint8Array<ArrayBuffer> => complete(encodeModelWork(model))

/** The same as work that may be interrupted. */
export function* encodeModelWork(model: OnnxModel): Work<Uint8Array<ArrayBuffer>> {
  return joinParts(yield* encodePartsWork(model))
}

/**
 * Initializers that are to be added to a model, whose bytes they go behind: of two messages in a row protobuf makes
 * one, with the fields of both.
 */
export function encodeInitializers(tensors: readonly OnnxTensor[]): Uint8Array[] {
  const initializers = tensors.map(encodeInitializer)
  const length = initializers.reduce((sum, { head, data }) => sum + head.length + data.length, 0)
  const head = new BinaryWriter().tag(fields.model.graph, WireType.LengthDelimited).uint32(length).finish()
  return [head, ...initializers.flatMap(({ head, data }) => [head, data])]
}

/** The same for initializers whose elements are not in the model: each is in a "file" of its name. */
export function encodeExternalInitializers(tensors: readonly OnnxTensorType[]): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(fields.model.graph, WireType.LengthDelimited).fork()
  for (const tensor of tensors) {
    writer.tag(fields.graph.initializer, WireType.LengthDelimited).fork()
    writeTensorType(writer, tensor)
    writer.tag(fields.tensor.externalData, WireType.LengthDelimited).fork()
    writeString(writer, fields.entry.key, 'location')
    writeString(writer, fields.entry.value, tensor.name)
    writer.join()
    writeInt(writer, fields.tensor.dataLocation, externalLocation)
    writer.join()
  }
  return writer.join().finish()
}

/** Further outputs of a graph, as bytes to be joined to a model's: protobuf adds up what is given in pieces. */
export function encodeOutputs(values: readonly OnnxValue[]): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(fields.model.graph, WireType.LengthDelimited).fork()
  for (const value of values) writeValue(writer, fields.graph.output, value)
  return writer.join().finish()
}

export function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let position = 0
  for (const part of parts) {
    bytes.set(part, position)
    position += part.length
  }
  return bytes
}

/** The bytes of a model in parts, the initializers' being their own memory, so that the caller can copy them in slices. */
export function* encodePartsWork(model: OnnxModel): Work<Uint8Array[]> {
  const initializers = model.graph.initializers.map(encodeInitializer)
  const body = new BinaryWriter()
  yield* writeGraphWithoutInitializersWork(body, model.graph)
  const graph = body.finish()

  let graphLength = graph.length
  for (const { head, data } of initializers) graphLength += head.length + data.length

  const writer = new BinaryWriter()
  writeInt(writer, fields.model.irVersion, irVersion)
  writeString(writer, fields.model.producerName, 'typegrad')
  for (const [domain, version] of [['', model.opset], ...(model.domains ?? []).map((name) => [name, 1])] as [
    string,
    number,
  ][]) {
    writer.tag(fields.model.opsetImport, WireType.LengthDelimited).fork()
    writeString(writer, fields.operatorSet.domain, domain)
    writeInt(writer, fields.operatorSet.version, version)
    writer.join()
  }
  writer.tag(fields.model.graph, WireType.LengthDelimited).uint32(graphLength)
  return [writer.finish(), graph, ...initializers.flatMap(({ head, data }) => [head, data])]
}

/**
 * A top-level initializer as its two parts. A BinaryWriter copies everything that it holds each time it
 * grows or closes a message, so large data never goes through it.
 */
function encodeInitializer(tensor: OnnxTensor): { head: Uint8Array; data: Uint8Array } {
  const writer = new BinaryWriter()
  const data = writeTensorHead(writer, tensor)
  const message = writer.finish()
  writer.tag(fields.graph.initializer, WireType.LengthDelimited).uint32(message.length + data.length)
  writer.raw(message)
  return { head: writer.finish(), data }
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  complete(writeGraphWithoutInitializersWork(writer, graph))
  for (const tensor of graph.initializers) {
    writer.tag(fields.graph.initializer, WireType.LengthDelimited).fork()
    writeTensor(writer, tensor)
    writer.join()
  }
}

function* writeGraphWithoutInitializersWork(writer: BinaryWriter, graph: OnnxGraph): Work<void> {
  for (const node of graph.nodes) {
    writer.tag(fields.graph.node, WireType.LengthDelimited).fork()
    writeNode(writer, node)
    writer.join()
    yield
  }
  writeString(writer, fields.graph.name, graph.name)
  yield* writeValuesWork(writer, fields.graph.input, graph.inputs)
  yield* writeValuesWork(writer, fields.graph.output, graph.outputs)
  yield* writeValuesWork(writer, fields.graph.valueInfo, graph.values ?? [])
}

function* writeValuesWork(writer: BinaryWriter, field: number, values: readonly OnnxValue[]): Work<void> {
  for (const value of values) {
    writeValue(writer, field, value)
    yield
  }
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) writeString(writer, fields.node.input, name)
  for (const name of node.outputs) writeString(writer, fields.node.output, name)
  if (node.name !== undefined) writeString(writer, fields.node.name, node.name)
  writeString(writer, fields.node.opType, node.op)
  if (node.domain !== undefined) writeString(writer, fields.node.domain, node.domain)
  if (node.attributes === undefined) return
  for (const name in node.attributes) {
    const attribute = node.attributes[name]
    if (attribute === undefined) continue
    writer.tag(fields.node.attribute, WireType.LengthDelimited).fork()
    writeString(writer, fields.attribute.name, name)
    writeAttribute(writer, attribute)
    writer.join()
  }
}

function writeAttribute(writer: BinaryWriter, attribute: OnnxAttribute): void {
  const field = fields.attribute
  writeInt(writer, field.type, attributeCode[attribute.type])
  switch (attribute.type) {
    case 'int':
      writeInt(writer, field.i, attribute.value)
      break
    case 'float':
      writer.tag(field.f, WireType.Bit32).float(Math.fround(attribute.value))
      break
    case 'string':
      writeString(writer, field.s, attribute.value)
      break
    case 'ints':
      for (const value of attribute.value) writeInt(writer, field.ints, value)
      break
    case 'floats':
      for (const value of attribute.value) writer.tag(field.floats, WireType.Bit32).float(Math.fround(value))
      break
    case 'strings':
      for (const value of attribute.value) writeString(writer, field.strings, value)
      break
    case 'tensor':
      writer.tag(field.t, WireType.LengthDelimited).fork()
      writeTensor(writer, attribute.value)
      writer.join()
      break
    case 'graph':
      writer.tag(field.g, WireType.LengthDelimited).fork()
      writeGraph(writer, attribute.value)
      writer.join()
      break
  }
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  const data = writeTensorHead(writer, tensor)
  writer.raw(data)
}

/** Everything of a tensor up to the length of its raw data, which it returns and which must follow. */
function writeTensorHead(writer: BinaryWriter, { name, dtype, shape, data }: OnnxTensor): Uint8Array {
  if (data.length !== sizeOf(shape)) {
    throw new FormatError({
      where: `encodeModel: tensor '${name}'`,
      expected: `${sizeOf(shape)} elements for shape ${formatShape(shape)}`,
      received: `${data.length}`,
    })
  }
  writeTensorType(writer, { name, dtype, shape })
  writer.tag(fields.tensor.rawData, WireType.LengthDelimited).uint32(data.byteLength)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function writeTensorType(writer: BinaryWriter, { name, dtype, shape }: OnnxTensorType): void {
  for (const dimension of shape) writeInt(writer, fields.tensor.dims, dimension)
  writeInt(writer, fields.tensor.dataType, dtypeCode[dtype])
  writeString(writer, fields.tensor.name, name)
}

function writeValue(writer: BinaryWriter, field: number, value: OnnxValue): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  writeString(writer, fields.valueInfo.name, value.name)
  writer.tag(fields.valueInfo.type, WireType.LengthDelimited).fork()
  writer.tag(fields.type.tensorType, WireType.LengthDelimited).fork()
  writeInt(writer, fields.tensorType.elemType, dtypeCode[value.dtype])
  writer.tag(fields.tensorType.shape, WireType.LengthDelimited).fork()
  for (const dimension of value.shape) {
    writer.tag(fields.shape.dim, WireType.LengthDelimited).fork()
    if (typeof dimension === 'number') writeInt(writer, fields.dimension.value, dimension)
    else if (dimension !== '?') writeString(writer, fields.dimension.param, dimension)
    writer.join()
  }
  writer.join().join().join().join()
}
