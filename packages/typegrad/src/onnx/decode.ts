import { byteSize, type DType, dtypes, type TypedArray, typedArray } from '../base/dtype.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { attributeCode, dtypeCode, fields } from './fields.ts'
import { decode, Malformed, type MessageReader, missing } from './message-reader.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './model.ts'

/**
 * Reads the bytes of an `.onnx` file. Tensors are copied out, so that `bytes` may be let go.
 *
 * A dimension of an input or output that the file leaves open is `'?'`.
 *
 * @throws FormatError if the bytes are damaged, or use what typegrad does not know: operators outside of
 * the default domain, sparse or external tensors, dtypes outside of {@link DType}.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  return decode('decodeModel', bytes, readModel)
}

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
        if (part === fields.graph.input) inputs.push(readValue(message))
        else if (part === fields.graph.output) outputs.push(readValue(message))
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
        else if (field === fields.node.domain) domain = message.string()
        else return false
        return true
      })
      if (!isDefaultDomain(domain)) found.push({ op, domain, outputs })
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

function readModel(message: MessageReader): OnnxModel {
  let opset: number | undefined
  let graph: OnnxGraph | undefined
  message.each((field) => {
    if (field === fields.model.graph) graph = readGraph(message)
    else if (field === fields.model.opsetImport) opset = readOpset(message) ?? opset
    else return false
    return true
  })
  if (graph === undefined) throw missing('a graph')
  if (opset === undefined) throw missing('the version of the default operator set')
  return { opset, graph }
}

/** The version, if it is the default domain's. */
function readOpset(message: MessageReader): number | undefined {
  let domain = ''
  let version = 0
  message.nested((field) => {
    if (field === fields.operatorSet.domain) domain = message.string()
    else if (field === fields.operatorSet.version) version = message.int()
    else return false
    return true
  })
  return isDefaultDomain(domain) ? version : undefined
}

const isDefaultDomain = (domain: string) => domain === '' || domain === 'ai.onnx'

function readGraph(message: MessageReader): OnnxGraph {
  let name = ''
  const nodes: OnnxNode[] = []
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  const initializers: OnnxTensor[] = []
  message.nested((field) => {
    if (field === fields.graph.node) nodes.push(readNode(message))
    else if (field === fields.graph.name) name = message.string()
    else if (field === fields.graph.initializer) initializers.push(readTensor(message))
    else if (field === fields.graph.input) inputs.push(readValue(message))
    else if (field === fields.graph.output) outputs.push(readValue(message))
    else return false
    return true
  })
  return { name, nodes, inputs, outputs, initializers }
}

function readNode(message: MessageReader): OnnxNode {
  let name = ''
  let op = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: [string, OnnxAttribute][] = []
  message.nested((field) => {
    if (field === fields.node.input) inputs.push(message.string())
    else if (field === fields.node.output) outputs.push(message.string())
    else if (field === fields.node.name) name = message.string()
    else if (field === fields.node.opType) op = message.string()
    else if (field === fields.node.domain) domain = message.string()
    else if (field === fields.node.attribute) attributes.push(readAttribute(message))
    else return false
    return true
  })
  if (op === '') throw missing("a node's operator")
  if (!isDefaultDomain(domain)) throw new Malformed(`operator ${op} is of the domain '${domain}'`)
  // fromEntries defines own properties, also for a name such as __proto__.
  return {
    op,
    inputs,
    outputs,
    ...(name !== '' && { name }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
  }
}

const attributeTypes = Object.entries(attributeCode) as [OnnxAttribute['type'], number][]

function readAttribute(message: MessageReader): [string, OnnxAttribute] {
  let name = ''
  let code = 0
  let i = 0
  let f = 0
  let s = ''
  let tensor: OnnxTensor | undefined
  let graph: OnnxGraph | undefined
  const ints: number[] = []
  const floats: number[] = []
  const strings: string[] = []
  message.nested((field) => {
    if (field === fields.attribute.name) name = message.string()
    else if (field === fields.attribute.type) code = message.int()
    else if (field === fields.attribute.i) i = message.int()
    else if (field === fields.attribute.f) f = message.float()
    else if (field === fields.attribute.s) s = message.string()
    else if (field === fields.attribute.t) tensor = readTensor(message)
    else if (field === fields.attribute.g) graph = readGraph(message)
    else if (field === fields.attribute.ints) message.ints(ints)
    else if (field === fields.attribute.floats) message.floats(floats)
    else if (field === fields.attribute.strings) strings.push(message.string())
    else return false
    return true
  })
  const type = attributeTypes.find(([, known]) => known === code)?.[0]
  switch (type) {
    case 'int':
      return [name, { type, value: i }]
    case 'float':
      return [name, { type, value: f }]
    case 'string':
      return [name, { type, value: s }]
    case 'ints':
      return [name, { type, value: ints }]
    case 'floats':
      return [name, { type, value: floats }]
    case 'strings':
      return [name, { type, value: strings }]
    case 'tensor':
      if (tensor === undefined) throw missing(`the tensor of attribute '${name}'`)
      return [name, { type, value: tensor }]
    case 'graph':
      if (graph === undefined) throw missing(`the graph of attribute '${name}'`)
      return [name, { type, value: graph }]
    case undefined:
      throw new Malformed(`attribute '${name}' has the unknown type ${code}`)
  }
}

function readDType(code: number, name: string): DType {
  const dtype = dtypes.find((known) => dtypeCode[known] === code)
  if (dtype === undefined)
    throw new Malformed(`tensor '${name}' has the data type ${code}; known are ${dtypes}`)
  return dtype
}

function readTensor(message: MessageReader): OnnxTensor {
  let name = ''
  let code = 0
  let location = 0
  let raw: Uint8Array | undefined
  const shape: number[] = []
  const numbers: number[] = []
  const bigints: bigint[] = []
  message.nested((field) => {
    if (field === fields.tensor.dims) message.ints(shape)
    else if (field === fields.tensor.dataType) code = message.int()
    else if (field === fields.tensor.name) name = message.string()
    else if (field === fields.tensor.rawData) raw = message.bytes()
    else if (field === fields.tensor.floatData) message.floats(numbers)
    else if (field === fields.tensor.doubleData) message.doubles(numbers)
    else if (field === fields.tensor.int32Data) message.ints(numbers)
    else if (field === fields.tensor.int64Data) message.bigints(bigints)
    else if (field === fields.tensor.uint64Data) message.bigints(bigints)
    else if (field === fields.tensor.dataLocation) location = message.int()
    else return false
    return true
  })
  if (location !== 0) throw new Malformed(`tensor '${name}' keeps its data in another file`)
  const dtype = readDType(code, name)
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw new Malformed(`tensor '${name}' has the shape ${formatShape(shape)}`)
  }
  const size = sizeOf(shape)
  const received = raw === undefined ? numbers.length + bigints.length : raw.length / byteSize[dtype]
  if (received !== size) {
    throw new Malformed(
      `tensor '${name}' of shape ${formatShape(shape)} and dtype ${dtype} has ${received} elements`,
    )
  }
  const data = raw === undefined ? fromElements(dtype, numbers, bigints) : fromRaw(dtype, size, raw)
  return { name, dtype, shape, data }
}

/** A copy: the bytes of a file are rarely aligned, and a tensor's memory may be written to later. */
function fromRaw(dtype: DType, size: number, raw: Uint8Array): TypedArray {
  const data = typedArray(dtype, size)
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(raw)
  return data
}

/** Tensors of other producers that keep small data as typed fields; uint32 then travels as uint64. */
function fromElements(dtype: DType, numbers: number[], bigints: bigint[]): TypedArray {
  const data = typedArray(dtype, numbers.length + bigints.length)
  if (data instanceof BigInt64Array) data.set(bigints.length > 0 ? bigints : numbers.map(BigInt))
  else data.set(numbers.length > 0 ? numbers : bigints.map(Number))
  return data
}

function readValue(message: MessageReader): OnnxValue {
  let name = ''
  let code = 0
  const shape: (number | string)[] = []
  message.nested((field) => {
    if (field === fields.valueInfo.name) {
      name = message.string()
      return true
    }
    if (field !== fields.valueInfo.type) return false
    message.nested((kind) => {
      if (kind !== fields.type.tensorType) return false
      message.nested((part) => {
        if (part === fields.tensorType.elemType) code = message.int()
        else if (part === fields.tensorType.shape) readShape(message, shape)
        else return false
        return true
      })
      return true
    })
    return true
  })
  return { name, dtype: readDType(code, name), shape }
}

function readShape(message: MessageReader, into: (number | string)[]): void {
  message.nested((field) => {
    if (field !== fields.shape.dim) return false
    let dimension: number | string = '?'
    message.nested((kind) => {
      if (kind === fields.dimension.value) dimension = message.int()
      else if (kind === fields.dimension.param) dimension = message.string()
      else return false
      return true
    })
    into.push(dimension)
    return true
  })
}
