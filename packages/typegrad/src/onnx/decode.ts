import { byteSize, type DType, dtypes, type TypedArray, typedArray } from '../base/dtype.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { fields } from './fields.ts'
import type {
  FileAttribute,
  FileContent,
  FileGraph,
  FileNode,
  FileTensor,
  FileType,
  FileValue,
} from './file.ts'
import { decode, Malformed, missing } from './message-reader.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './model.ts'
import { domainOf, readModel, readValue } from './read-file.ts'

/**
 * Reads the bytes of an `.onnx` file. Tensors are copied out, so that `bytes` may be let go.
 *
 * A dimension of an input or output that the file leaves open is `'?'`.
 *
 * @throws FormatError if the bytes are damaged, or use what typegrad does not know: operators outside of
 * the default domain, sparse or external tensors, dtypes outside of {@link DType}.
 */
export const decodeModel = (bytes: Uint8Array): OnnxModel =>
  decode('decodeModel', bytes, (message) => {
    const { opsets, graph } = readModel(message)
    const opset = opsets.get('')
    if (opset === undefined) throw missing('the version of the default operator set')
    return { opset, graph: graphOf(graph) }
  })

/** The inputs and outputs of a model, without reading its nodes and initializers. */
export function decodeSignature(bytes: Uint8Array): Pick<OnnxGraph, 'inputs' | 'outputs'> {
  return decode('decodeSignature', bytes, (message) => {
    const inputs: OnnxValue[] = []
    const outputs: OnnxValue[] = []
    let found = false
    message.each((field) => {
      if (field !== fields.model.graph) return false
      found = true
      message.nested((part) => {
        if (part === fields.graph.input) inputs.push(valueInfoOf(readValue(message)))
        else if (part === fields.graph.output) outputs.push(valueInfoOf(readValue(message)))
        else return false
        return true
      })
      return true
    })
    if (!found) throw missing('a graph')
    return { inputs, outputs }
  })
}

/**
 * Nodes of a model's graph that are of a domain other than ONNX's own, such as kernels; those in bodies of loops are
 * not looked for.
 */
export function decodeForeignNodes(bytes: Uint8Array): Pick<OnnxNode, 'op' | 'domain' | 'outputs'>[] {
  return decode('decodeForeignNodes', bytes, (message) => {
    const found: Pick<OnnxNode, 'op' | 'domain' | 'outputs'>[] = []
    const readForeignNode = (): void => {
      let [op, domain] = ['', '']
      const outputs: string[] = []
      message.nested((field) => {
        if (field === fields.node.output) outputs.push(message.string())
        else if (field === fields.node.opType) op = message.string()
        else if (field === fields.node.domain) domain = domainOf(message.string())
        else return false
        return true
      })
      if (domain !== '') found.push({ op, domain, outputs })
    }
    message.each((field) => {
      if (field !== fields.model.graph) return false
      message.nested((part) => {
        if (part !== fields.graph.node) return false
        readForeignNode()
        return true
      })
      return true
    })
    return found
  })
}

const graphOf = ({ name, nodes, inputs, outputs, initializers }: FileGraph): OnnxGraph => ({
  name,
  nodes: nodes.map(nodeOf),
  inputs: inputs.map(valueInfoOf),
  outputs: outputs.map(valueInfoOf),
  initializers: initializers.map(tensorOf),
})

function nodeOf({ op, name, domain, inputs, outputs, attributes }: FileNode): OnnxNode {
  if (domain !== '') throw new Malformed(`operator ${op} is of the domain '${domain}'`)
  const known = Object.entries(attributes).map(([key, value]) => [key, attributeOf(key, value)] as const)
  // fromEntries defines own properties, also for a name such as __proto__.
  return {
    op,
    inputs,
    outputs,
    ...(name !== '' && { name }),
    ...(known.length > 0 && { attributes: Object.fromEntries(known) }),
  }
}

function attributeOf(name: string, attribute: FileAttribute): OnnxAttribute {
  switch (attribute.type) {
    case 'tensor':
      return { type: 'tensor', value: tensorOf(attribute.value) }
    case 'graph':
      return { type: 'graph', value: graphOf(attribute.value) }
    case 'other':
      throw new Malformed(`attribute '${name}' has the unknown type ${attribute.value}`)
    case 'reference':
      throw new Malformed(`attribute '${name}' is that of a function`)
    default:
      return attribute
  }
}

function dtypeOf(type: FileType, name: string): DType {
  const dtype = dtypes.find((known) => known === type)
  if (dtype === undefined)
    throw new Malformed(`tensor '${name}' has the data type ${type}; known are ${dtypes}`)
  return dtype
}

function tensorOf({ name, type, shape, content }: FileTensor): OnnxTensor {
  if (content.kind === 'external') throw new Malformed(`tensor '${name}' keeps its data in another file`)
  const dtype = dtypeOf(type, name)
  const size = sizeOf(shape)
  const received = countOf(content, dtype)
  if (received !== size) {
    throw new Malformed(
      `tensor '${name}' of shape ${formatShape(shape)} and dtype ${dtype} has ${received} elements`,
    )
  }
  return { name, dtype, shape, data: dataOf(content, dtype, size) }
}

const countOf = (content: FileContent, dtype: DType): number =>
  content.kind === 'bytes'
    ? content.bytes.length / byteSize[dtype]
    : content.kind === 'numbers'
      ? content.numbers.length
      : 0

/** A copy: the bytes of a file are rarely aligned, and a tensor's memory may be written to later. */
function dataOf(content: FileContent, dtype: DType, size: number): TypedArray {
  const data = typedArray(dtype, size)
  if (content.kind === 'bytes')
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(content.bytes)
  // Other producers keep small data as typed fields; uint32 then travels as uint64.
  else if (content.kind === 'numbers' && data instanceof BigInt64Array) data.set(content.numbers.map(BigInt))
  else if (content.kind === 'numbers')
    (data as Exclude<TypedArray, BigInt64Array>).set(content.numbers.map(Number))
  return data
}

function valueInfoOf({ name, kind, type, shape = [] }: FileValue): OnnxValue {
  if (kind !== 'tensor') throw new Malformed(`'${name}' is a ${kind}`)
  return { name, dtype: dtypeOf(type, name), shape: shape.map((size) => size ?? '?') }
}
