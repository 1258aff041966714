import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type OnnxFile, readOnnxFile } from 'typegrad/formats'
import { type FoundFile, kindNames } from '../../files/file-kind.ts'
import { bytesText, countText, shapeText } from '../../files/size.ts'
import { listing } from '../../terminal/listing.ts'
import type { Finding } from './finding.ts'

type Port = OnnxFile['graph']['inputs'][number]

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Inputs, outputs, operators and parameters of a file of ONNX. */
export async function inspectOnnx({ kind, path }: FoundFile): Promise<Finding> {
  const bytes = await readFile(path)
  const { producer, opsets, graph, functions } = readOnnxFile(bytes)
  const weights = new Set(graph.initializers.map(({ name }) => name))
  // Old files list initializers among their inputs.
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name))
  const parameters = graph.initializers.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const operators = counted(graph.nodes.map(({ domain, op }) => (domain === '' ? op : `${domain}.${op}`)))
  const domains = [...opsets].map(([domain, version]) => `${domain === '' ? 'ai.onnx' : domain} ${version}`)
  return {
    json: {
      graph: graph.name,
      producer,
      opsets: Object.fromEntries([...opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
      inputs: inputs.map(described),
      outputs: graph.outputs.map(described),
      parameters,
      operators: Object.fromEntries(operators),
      functions: [...functions.values()].map(({ name }) => name),
    },
    lines: (context) => [
      basename(path),
      context.say(kindNames[kind]),
      ...listing(
        [
          [context.say({ en: 'producer', zh: '生成者' }), producer || '?'],
          [context.say({ en: 'operator sets', zh: '算子集' }), domains.join(', ')],
          [context.say({ en: 'parameters', zh: '参数' }), countText(parameters)],
          [context.say({ en: 'size', zh: '大小' }), bytesText(bytes.length)],
          ...inputs.map((port) => [context.say({ en: 'input', zh: '输入' }), portText(port)] as const),
          ...graph.outputs.map(
            (port) => [context.say({ en: 'output', zh: '输出' }), portText(port)] as const,
          ),
        ],
        context.columns,
      ),
      '',
      context.say({
        en: `${countText(graph.nodes.length)} operators`,
        zh: `${countText(graph.nodes.length)} 个算子`,
      }),
      ...listing(
        operators.map(([name, count]) => [name, countText(count)]),
        context.columns,
      ),
    ],
  }
}

const described = ({ name, kind, type, shape }: Port) => ({
  name,
  type: kind === 'tensor' ? type : kind,
  shape: shape ?? null,
})

const portText = ({ name, kind, type, shape }: Port): string =>
  kind === 'tensor' ? `${name}: ${type} ${shapeText(shape)}` : `${name}: ${kind}`

/** How often each name comes, the most frequent first. */
function counted(names: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}
