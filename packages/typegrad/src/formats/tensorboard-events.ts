import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/**
 * Field numbers of the messages of TensorBoard's event files, under the names that they have there.
 * https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
 */
const fields = {
  event: { wallTime: 1, step: 2, fileVersion: 3, graphDef: 4, summary: 5 },
  summary: { value: 1 },
  value: { tag: 1, tensor: 8, metadata: 9 },
  metadata: { pluginData: 1 },
  pluginData: { pluginName: 1 },
  tensor: { dtype: 1, shape: 2, content: 4, floats: 5, strings: 8 },
  shape: { dim: 2 },
  dim: { size: 1 },
  graph: { node: 1, versions: 4 },
  versions: { producer: 1 },
  node: { name: 1, op: 2, input: 3, attribute: 5 },
  entry: { key: 1, value: 2 },
  attribute: { list: 1, text: 2 },
  list: { shape: 7 },
} as const

/** TensorFlow's codes of data types. */
const dtypes = { float: 1, double: 2, string: 7 } as const

/** A layer in a graph as TensorBoard shows it; names with slashes stand within boxes. */
export interface GraphNode {
  readonly name: string
  readonly op: string
  /** Names of the nodes that it takes. */
  readonly inputs: readonly string[]
  /** The shape of what it gives; −1 where that is open. */
  readonly shape?: readonly number[]
  /** What else is shown beside it. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** What happened at some time, at some step. */
export interface EventTime {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step?: number
}

type Part = (writer: BinaryWriter) => void

const message = (writer: BinaryWriter, field: number, part: Part): void => {
  writer.tag(field, WireType.LengthDelimited).fork()
  part(writer)
  writer.join()
}
const text = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value)
}

function event({ wallTime, step = 0 }: EventTime, part: Part): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(fields.event.wallTime, WireType.Bit64).double(wallTime)
  if (step !== 0) writer.tag(fields.event.step, WireType.Varint).int64(step)
  part(writer)
  return writer.finish()
}

/** The event that an event file begins with. */
export const versionEvent = (time: EventTime): Uint8Array =>
  event(time, (writer) => text(writer, fields.event.fileVersion, 'brain.Event:2'))

const summaryEvent = (time: EventTime, tag: string, plugin: string, tensor: Part): Uint8Array =>
  event(time, (writer) =>
    message(writer, fields.event.summary, () =>
      message(writer, fields.summary.value, () => {
        text(writer, fields.value.tag, tag)
        message(writer, fields.value.tensor, tensor)
        message(writer, fields.value.metadata, () =>
          message(writer, fields.metadata.pluginData, () =>
            text(writer, fields.pluginData.pluginName, plugin),
          ),
        )
      }),
    ),
  )

function writeShape(writer: BinaryWriter, field: number, shape: readonly number[]): void {
  message(writer, field, () => {
    for (const size of shape) {
      message(writer, fields.shape.dim, () => writer.tag(fields.dim.size, WireType.Varint).int64(size))
    }
  })
}

/** A number under a tag. */
export const scalarEvent = (time: EventTime, tag: string, value: number): Uint8Array =>
  summaryEvent(time, tag, 'scalars', (writer) => {
    writer.tag(fields.tensor.dtype, WireType.Varint).int32(dtypes.float)
    writeShape(writer, fields.tensor.shape, [])
    message(writer, fields.tensor.floats, () => writer.float(value))
  })

/** Counts of values in `buckets` intervals of one width. */
export function histogramEvent(
  time: EventTime,
  tag: string,
  values: ArrayLike<number | bigint>,
  buckets = 30,
): Uint8Array {
  const rows = histogram(values, buckets)
  return summaryEvent(time, tag, 'histograms', (writer) => {
    writer.tag(fields.tensor.dtype, WireType.Varint).int32(dtypes.double)
    writeShape(writer, fields.tensor.shape, [rows.length / 3, 3])
    writer.tag(fields.tensor.content, WireType.LengthDelimited).bytes(new Uint8Array(rows.buffer))
  })
}

/** [left, right, count] of each interval; values that are no numbers are left out. */
function histogram(values: ArrayLike<number | bigint>, buckets: number): Float64Array {
  const finite = Array.from(values, Number).filter(Number.isFinite)
  const rows = new Float64Array(buckets * 3)
  if (finite.length === 0) return rows
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of finite) {
    if (value < least) least = value
    if (value > most) most = value
  }
  const width = (most - least) / buckets
  for (let i = 0; i < buckets; i++) {
    rows[3 * i] = least + i * width
    rows[3 * i + 1] = i === buckets - 1 ? most : least + (i + 1) * width
  }
  for (const value of finite) {
    // Where all values are equal, TensorBoard counts them in the last interval.
    const i = width === 0 ? buckets - 1 : Math.min(buckets - 1, Math.floor((value - least) / width))
    rows[3 * i + 2] = (rows[3 * i + 2] as number) + 1
  }
  return rows
}

/** Images of one size, as files in the PNG format. */
export const imageEvent = (
  time: EventTime,
  tag: string,
  size: { readonly width: number; readonly height: number },
  files: readonly Uint8Array[],
): Uint8Array =>
  summaryEvent(time, tag, 'images', (writer) => {
    writer.tag(fields.tensor.dtype, WireType.Varint).int32(dtypes.string)
    writeShape(writer, fields.tensor.shape, [2 + files.length])
    text(writer, fields.tensor.strings, String(size.width))
    text(writer, fields.tensor.strings, String(size.height))
    for (const file of files) writer.tag(fields.tensor.strings, WireType.LengthDelimited).bytes(file)
  })

/** A graph, which TensorBoard shows for the run that the file belongs to. */
export function graphEvent(time: EventTime, nodes: readonly GraphNode[]): Uint8Array {
  const graph = new BinaryWriter()
  for (const node of nodes) message(graph, fields.graph.node, (writer) => writeNode(writer, node))
  message(graph, fields.graph.versions, (writer) =>
    writer.tag(fields.versions.producer, WireType.Varint).int32(22),
  )
  return event(time, (writer) =>
    writer.tag(fields.event.graphDef, WireType.LengthDelimited).bytes(graph.finish()),
  )
}

function writeNode(writer: BinaryWriter, { name, op, inputs, shape, attributes = {} }: GraphNode): void {
  text(writer, fields.node.name, name)
  text(writer, fields.node.op, op)
  for (const input of inputs) text(writer, fields.node.input, input)
  const entry = (key: string, value: Part) =>
    message(writer, fields.node.attribute, () => {
      text(writer, fields.entry.key, key)
      message(writer, fields.entry.value, value)
    })
  if (shape !== undefined) {
    entry('_output_shapes', () =>
      message(writer, fields.attribute.list, () => writeShape(writer, fields.list.shape, shape)),
    )
  }
  for (const [key, value] of Object.entries(attributes)) {
    entry(key, () => text(writer, fields.attribute.text, value))
  }
}
