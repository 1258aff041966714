import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ArgumentError, input, layers, model, plotModel, StateError, sequential } from '../index.ts'
import { plotGraph } from './plot-boxes.ts'

function twoPaths() {
  const inner = sequential(
    [
      layers.dense({ units: 8, activation: 'relu', inputShape: [4], name: 'first' }),
      layers.dense({ units: 4, name: 'second', trainable: false }),
    ],
    { name: 'block' },
  )
  const a = input({ shape: [4], name: 'a' })
  return model({ inputs: a, outputs: layers.add({ name: 'sum' }).apply([a, inner.apply(a)]), name: 'paths' })
}

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
/** The boxes of the layers (groups are dashed), in the order of the drawing. */
const rectangles = (svg: string): Rectangle[] =>
  [
    ...svg.matchAll(
      /<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"(?![^>]*dasharray)/g,
    ),
  ].map(([, x, y, width, height]) => ({
    x: Number(x),
    y: Number(y),
    width: Number(width),
    height: Number(height),
  }))
const overlap = (a: Rectangle, b: Rectangle) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

test('boxes and arrows are the layers and what they take', () => {
  const graph = twoPaths().graph()
  const closed = plotGraph(graph, {})
  expect(closed.boxes.map(({ id }) => id)).toEqual(['a', 'block', 'sum'])
  expect(closed.edges).toEqual([
    ['a', 'block'],
    ['a', 'sum'],
    ['block', 'sum'],
  ])
  const open = plotGraph(graph, {
    expandNested: true,
    showLayerActivations: true,
    showTrainable: true,
    showShapes: true,
  })
  expect(open.boxes.map(({ id, parent, family }) => [id, parent, family])).toEqual([
    ['a', undefined, 'input'],
    ['block', undefined, 'model'],
    ['block/first', 'block', 'core'],
    ['block/second', 'block', 'core'],
    ['sum', undefined, 'merging'],
  ])
  expect(open.edges).toEqual([
    ['a', 'block/first'],
    ['block/first', 'block/second'],
    ['a', 'sum'],
    ['block/second', 'sum'],
  ])
  expect(open.boxes.map(({ lines }) => lines.map(({ text }) => text))).toEqual([
    ['InputLayer', 'a', '[batch, 4]'],
    ['Sequential', 'block'],
    ['Dense', 'first', 'relu', '[batch, 4] → [batch, 8]'],
    ['Dense', 'second', 'frozen', '[batch, 8] → [batch, 4]'],
    ['Add', 'sum', '[batch, 4], [batch, 4] → [batch, 4]'],
  ])
})

test('a shared layer stands there once', () => {
  const [a, b] = [input({ shape: [4], name: 'a' }), input({ shape: [4], name: 'b' })]
  const shared = layers.dense({ units: 2, name: 'shared' })
  const twice = model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] })
  expect(plotGraph(twice.graph(), {}).edges).toEqual([
    ['a', 'shared'],
    ['b', 'shared'],
  ])
})

test.each(['TB', 'LR', 'BT', 'RL'] as const)(
  'no box lies on another, and arrows lead %s',
  async (rankdir) => {
    const svg = await plotModel(twoPaths(), { rankdir, showShapes: true, expandNested: true })
    const boxes = rectangles(svg)
    expect(boxes).toHaveLength(4)
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false)
    const [first, last] = [boxes[0], boxes.at(-1)] as [Rectangle, Rectangle]
    const way = { TB: last.y - first.y, LR: last.x - first.x, BT: first.y - last.y, RL: first.x - last.x }
    expect(way[rankdir]).toBeGreaterThan(100)
    expect(svg.match(/marker-end/g)).toHaveLength(4)
  },
)

test('fifty layers in a row, in a file, at twice the size', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-plot-'))
  try {
    const chain = sequential(
      Array.from({ length: 50 }, (_, i) =>
        layers.dense({ units: 2, name: `layer<${i}>`, ...(i === 0 ? { inputShape: [2] } : {}) }),
      ),
      { name: 'a & b' },
    )
    const toFile = join(folder, 'new/chain.svg')
    const svg = await plotModel(chain, { toFile, dpi: 192 })
    expect(readFileSync(toFile, 'utf8')).toBe(svg)
    const [, width, viewWidth] = /width="([\d.]+)".*viewBox="0 0 ([\d.]+)/.exec(svg) ?? []
    expect(Number(width)).toBeCloseTo(2 * Number(viewWidth), 1)
    const tops = rectangles(svg).map(({ y }) => y)
    expect(tops).toHaveLength(50)
    expect(tops).toEqual([...tops].sort((a, b) => a - b))
    expect(svg).toContain('<title>a &amp; b</title>')
    expect(svg).toContain('layer&lt;49&gt;')
    expect(await plotModel(chain, { showLayerNames: false })).not.toContain('layer&lt;')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('says what does not fit', async () => {
  await expect(plotModel(twoPaths(), { rankdir: 'UP' as 'TB' })).rejects.toThrow(ArgumentError)
  await expect(plotModel(twoPaths(), { dpi: 0 })).rejects.toThrow('plotModel: dpi')
  await expect(plotModel(sequential())).rejects.toThrow(StateError)
})
