import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onnxNodeCases } from '../testing/onnx-nodes.ts'
import type { FileTensor, OnnxFile } from './file.ts'
import { readOnnxFile } from './read-file.ts'
import { encodeOnnxFile } from './write-file.ts'

const golden = new URL('../../golden/', import.meta.url)
const networks = ['onnx-models', 'onnx-external'].flatMap((folder) =>
  readdirSync(new URL(folder, golden))
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => new Uint8Array(readFileSync(new URL(`${folder}/${file}`, golden)))),
)
const nodes = onnxNodeCases().map(({ model }) => new Uint8Array(Buffer.from(model, 'base64')))

test('what is written of a file that was read is read as the same', () => {
  expect(networks.length).toBeGreaterThan(5)
  for (const bytes of [...networks, ...nodes]) {
    const file = readOnnxFile(bytes)
    expect(readOnnxFile(encodeOnnxFile(file))).toEqual(file)
  }
})

test('every kind of value, attribute and element', () => {
  const tensor = (type: FileTensor['type'], numbers: readonly (number | bigint)[]): FileTensor => ({
    name: type,
    type,
    shape: [numbers.length],
    content: { kind: 'numbers', numbers },
  })
  const other: FileTensor = {
    name: 'far',
    type: 'float32',
    shape: [3],
    content: { kind: 'external', location: 'a/b.bin', offset: 8, length: 12 },
  }
  const words: FileTensor = {
    name: '',
    type: 'string',
    shape: [1],
    content: { kind: 'strings', strings: ['ä'] },
  }
  const node = {
    op: 'Op',
    name: 'n',
    domain: 'acme',
    overload: 'second',
    inputs: ['', 'x'],
    outputs: ['y'],
    attributes: {
      i: { type: 'int', value: -3 },
      end: { type: 'ints', value: [2 ** 63, -(2 ** 63), 2 ** 40] },
      f: { type: 'float', value: 0.5 },
      fs: { type: 'floats', value: [-1, Number.POSITIVE_INFINITY] },
      s: { type: 'string', value: 'word' },
      ss: { type: 'strings', value: ['a', ''] },
      t: { type: 'tensor', value: words },
      r: { type: 'reference', value: 'alpha' },
      o: { type: 'other', value: 13 },
    },
  } as const
  const graph = {
    name: 'g',
    nodes: [node],
    inputs: [
      { name: 'x', kind: 'tensor', type: 'float16', shape: [2, 'n', null] },
      { name: 'any', kind: 'tensor', type: 'int64', shape: undefined },
      { name: 'list', kind: 'sequence', type: 'float32', shape: undefined },
      { name: 'none', kind: 'value without a type', type: 'float32', shape: undefined },
    ],
    outputs: [{ name: 'y', kind: 'optional', type: 'float32', shape: undefined }],
    initializers: [
      tensor('int64', [-1n, 2n ** 62n]),
      tensor('uint64', [2n ** 62n]),
      tensor('float64', [0.1]),
      tensor('int8', [-128, 127]),
      other,
    ],
  } as const
  const file: OnnxFile = {
    opsets: new Map([
      ['', 21],
      ['acme', 3],
    ]),
    producer: 'acme',
    graph,
    functions: new Map([
      [
        'acme:F:v',
        {
          ...{ name: 'F', domain: 'acme', overload: 'v', opsets: new Map([['', 18]]) },
          ...{
            inputs: ['a'],
            outputs: ['b'],
            defaults: { k: { type: 'graph', value: graph } },
            nodes: [node],
          },
        },
      ],
    ]),
  }
  expect(readOnnxFile(encodeOnnxFile(file))).toEqual(file)
})
