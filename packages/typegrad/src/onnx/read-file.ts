import { attributeCode, externalLocation, fields } from './fields.ts'
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
  functionKey,
  type OnnxFile,
} from './file.ts'
import { decode, Malformed, type MessageReader, missing } from './message-reader.ts'

/**
 * Reads the bytes of any `.onnx` file. Tensors stay views of `bytes`; those that the file keeps elsewhere are not looked for.
 *
 * @throws FormatError for damaged bytes.
 */
export const readOnnxFile = (bytes: Uint8Array): OnnxFile => decode('onnxModel', bytes, readModel)

/** Any file's model. */
export function readModel(message: MessageReader): OnnxFile {
  const opsets = new Map<string, number>()
  const functions = new Map<string, FileFunction>()
  let producer = ''
  let graph: FileGraph | undefined
  message.each((field) => {
    if (field === fields.model.graph) graph = readGraph(message)
    else if (field === fields.model.opsetImport) readOpset(message, opsets)
    else if (field === fields.model.producerName) producer = message.string()
    else if (field === fields.model.functions) readFunction(message, functions)
    else return false
    return true
  })
  if (graph === undefined) throw missing('a graph')
  if (opsets.size === 0) throw missing('the version of an operator set')
  return { opsets, producer, graph, functions }
}

/** `ai.onnx` is another name of ONNX's own domain. */
export const domainOf = (written: string): string => (written === 'ai.onnx' ? '' : written)

function readOpset(message: MessageReader, into: Map<string, number>): void {
  let domain = ''
  let version = 0
  message.nested((field) => {
    if (field === fields.operatorSet.domain) domain = message.string()
    else if (field === fields.operatorSet.version) version = message.int()
    else return false
    return true
  })
  into.set(domainOf(domain), version)
}

function readFunction(message: MessageReader, into: Map<string, FileFunction>): void {
  const [inputs, outputs, nodes]: [string[], string[], FileNode[]] = [[], [], []]
  const opsets = new Map<string, number>()
  const defaults: [string, FileAttribute][] = []
  let [name, domain, overload] = ['', '', '']
  message.nested((field) => {
    if (field === fields.function.name) name = message.string()
    else if (field === fields.function.domain) domain = domainOf(message.string())
    else if (field === fields.function.overload) overload = message.string()
    else if (field === fields.function.input) inputs.push(message.string())
    else if (field === fields.function.output) outputs.push(message.string())
    else if (field === fields.function.node) nodes.push(readNode(message))
    else if (field === fields.function.opsetImport) readOpset(message, opsets)
    else if (field === fields.function.attributeProto) defaults.push(readAttribute(message))
    else return false
    return true
  })
  const made = {
    name,
    domain,
    overload,
    opsets,
    inputs,
    outputs,
    nodes,
    defaults: Object.fromEntries(defaults),
  }
  into.set(functionKey(made, overload), made)
}

function readGraph(message: MessageReader): FileGraph {
  let name = ''
  const nodes: FileNode[] = []
  const inputs: FileValue[] = []
  const outputs: FileValue[] = []
  const initializers: FileTensor[] = []
  message.nested((field) => {
    if (field === fields.graph.node) nodes.push(readNode(message))
    else if (field === fields.graph.name) name = message.string()
    else if (field === fields.graph.initializer) initializers.push(readTensor(message))
    else if (field === fields.graph.sparseInitializer) throw new Malformed('it has sparse initializers')
    else if (field === fields.graph.input) inputs.push(readValue(message))
    else if (field === fields.graph.output) outputs.push(readValue(message))
    else return false
    return true
  })
  return { name, nodes, inputs, outputs, initializers }
}

function readNode(message: MessageReader): FileNode {
  let [name, op, domain, overload] = ['', '', '', '']
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: [string, FileAttribute][] = []
  message.nested((field) => {
    if (field === fields.node.input) inputs.push(message.string())
    else if (field === fields.node.output) outputs.push(message.string())
    else if (field === fields.node.name) name = message.string()
    else if (field === fields.node.opType) op = message.string()
    else if (field === fields.node.domain) domain = domainOf(message.string())
    else if (field === fields.node.overload) overload = message.string()
    else if (field === fields.node.attribute) attributes.push(readAttribute(message))
    else return false
    return true
  })
  if (op === '') throw missing("a node's operator")
  // fromEntries defines own properties, also for a name such as __proto__.
  return { op, name, domain, overload, inputs, outputs, attributes: Object.fromEntries(attributes) }
}

const attributeTypes = new Map(Object.entries(attributeCode).map(([type, code]) => [code, type]))

function readAttribute(message: MessageReader): [string, FileAttribute] {
  let name = ''
  let [code, i, f, s, reference] = [0, 0, 0, '', '']
  let tensor: FileTensor | undefined
  let graph: FileGraph | undefined
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
    else if (field === fields.attribute.reference) reference = message.string()
    else return false
    return true
  })
  if (reference !== '') return [name, { type: 'reference', value: reference }]
  switch (attributeTypes.get(code) as keyof typeof attributeCode | undefined) {
    case 'int':
      return [name, { type: 'int', value: i }]
    case 'float':
      return [name, { type: 'float', value: f }]
    case 'string':
      return [name, { type: 'string', value: s }]
    case 'ints':
      return [name, { type: 'ints', value: ints }]
    case 'floats':
      return [name, { type: 'floats', value: floats }]
    case 'strings':
      return [name, { type: 'strings', value: strings }]
    case 'tensor':
      if (tensor === undefined) throw missing(`the tensor of attribute '${name}'`)
      return [name, { type: 'tensor', value: tensor }]
    case 'graph':
      if (graph === undefined) throw missing(`the graph of attribute '${name}'`)
      return [name, { type: 'graph', value: graph }]
    case undefined:
      return [name, { type: 'other', value: code }]
  }
}

function typeOf(code: number, name: string): FileType {
  const type = (fileTypes as Readonly<Record<number, FileType>>)[code]
  if (type === undefined) throw new Malformed(`'${name}' has the unknown data type ${code}`)
  return type
}

function readTensor(message: MessageReader): FileTensor {
  let name = ''
  let [code, location] = [0, 0]
  let raw: Uint8Array | undefined
  const shape: number[] = []
  const numbers: number[] = []
  const bigints: bigint[] = []
  const strings: string[] = []
  const external = new Map<string, string>()
  message.nested((field) => {
    if (field === fields.tensor.dims) message.ints(shape)
    else if (field === fields.tensor.dataType) code = message.int()
    else if (field === fields.tensor.name) name = message.string()
    else if (field === fields.tensor.rawData) raw = message.bytes()
    else if (field === fields.tensor.floatData) message.floats(numbers)
    else if (field === fields.tensor.doubleData) message.doubles(numbers)
    else if (field === fields.tensor.int32Data) message.ints(numbers)
    else if (field === fields.tensor.int64Data || field === fields.tensor.uint64Data) message.bigints(bigints)
    else if (field === fields.tensor.stringData) strings.push(message.string())
    else if (field === fields.tensor.externalData) readEntry(message, external)
    else if (field === fields.tensor.dataLocation) location = message.int()
    else return false
    return true
  })
  const type = typeOf(code, name)
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw new Malformed(`tensor '${name}' has the shape [${shape.join(', ')}]`)
  }
  return { name, type, shape, content: content() }

  function content(): FileContent {
    if (location === externalLocation) return externalContent(name, external)
    if (raw !== undefined) return { kind: 'bytes', bytes: raw }
    if (type === 'string') return { kind: 'strings', strings }
    return { kind: 'numbers', numbers: bigints.length > 0 ? bigints : numbers }
  }
}

/** One entry of a StringStringEntryProto. */
function readEntry(message: MessageReader, into: Map<string, string>): void {
  let [key, value] = ['', '']
  message.nested((field) => {
    if (field === fields.entry.key) key = message.string()
    else if (field === fields.entry.value) value = message.string()
    else return false
    return true
  })
  into.set(key, value)
}

function externalContent(name: string, entries: ReadonlyMap<string, string>): FileContent {
  const location = entries.get('location')
  const count = (key: string): number | undefined => {
    const written = entries.get(key)
    if (written === undefined) return undefined
    const number = Number(written)
    if (!/^\d+$/.test(written) || !Number.isSafeInteger(number))
      throw new Malformed(`tensor '${name}' has the ${key} '${written}' in another file`)
    return number
  }
  if (location === undefined || location === '')
    throw new Malformed(`tensor '${name}' does not say which file it is in`)
  return { kind: 'external', location, offset: count('offset') ?? 0, length: count('length') }
}

/** An input or output. */
export function readValue(message: MessageReader): FileValue {
  let name = ''
  let kind: FileValue['kind'] | undefined
  let code = 0
  let shape: (number | string | null)[] | undefined
  message.nested((field) => {
    if (field === fields.valueInfo.name) name = message.string()
    else if (field === fields.valueInfo.type) message.nested(readType)
    else return false
    return true
  })
  return {
    name,
    kind: kind ?? 'value without a type',
    type: kind === 'tensor' ? typeOf(code, name) : 'float32',
    shape,
  }

  function readType(field: number): boolean {
    kind = kinds.get(field) ?? kind
    if (field !== fields.type.tensorType) return false
    message.nested((part) => {
      if (part === fields.tensorType.elemType) code = message.int()
      else if (part === fields.tensorType.shape) shape = readShape(message)
      else return false
      return true
    })
    return true
  }
}

const kinds = new Map<number, FileValue['kind']>([
  [fields.type.tensorType, 'tensor'],
  [fields.type.sequenceType, 'sequence'],
  [fields.type.mapType, 'map'],
  [fields.type.sparseTensorType, 'sparse tensor'],
  [fields.type.optionalType, 'optional'],
])

function readShape(message: MessageReader): (number | string | null)[] {
  const shape: (number | string | null)[] = []
  message.nested((field) => {
    if (field !== fields.shape.dim) return false
    let dimension: number | string | null = null
    message.nested((kind) => {
      if (kind === fields.dimension.value) dimension = message.int()
      else if (kind === fields.dimension.param) dimension = message.string()
      else return false
      return true
    })
    // Some exporters write -1, or an empty name, for a size that is open.
    shape.push(dimension === '' || (typeof dimension === 'number' && dimension < 0) ? null : dimension)
    return true
  })
  return shape
}
