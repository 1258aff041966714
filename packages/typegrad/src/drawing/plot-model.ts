import { ArgumentError, StateError } from '../base/errors.ts'
import { anything, checked, number, optionsOf, path } from '../base/options.ts'
import type { AnyModel, Model, Prediction } from '../models/model.ts'
import { type PlotContent, plotContentChecks, plotGraph } from './plot-boxes.ts'
import { headingHeight, type PlacedBox, plotSvg, sizeOfBox } from './plot-svg.ts'

export interface PlotOptions extends PlotContent {
  /** Where arrows lead: from top to bottom, from left to right, or the other way. Default `'TB'`. */
  readonly rankdir?: 'TB' | 'LR' | 'BT' | 'RL'
  /** Dots an inch: the picture's size on a page or a screen, 96 being its own. Default 96. */
  readonly dpi?: number
  /** A file that the picture is written to as well. Node only. Default none. */
  readonly toFile?: string
}

const plotChecks = optionsOf<PlotOptions>()({
  rankdir: anything,
  dpi: number,
  toFile: path,
  ...plotContentChecks,
})

const margin = 20

/**
 * A picture of a model: its layers as boxes, coloured by their kind, and arrows between them.
 *
 * @returns an SVG document.
 * @throws StateError for a model without layers; ArgumentError for a direction or a resolution that is none.
 * @example
 * await plotModel(model, { showShapes: true, expandNested: true, toFile: 'runs/model.svg' })
 */
export async function plotModel<P extends Prediction>(
  model: Model<P>,
  options: PlotOptions = {},
): Promise<string> {
  const { rankdir = 'TB', dpi = 96, toFile, ...content } = checked('plotModel', options, plotChecks)
  if (!['TB', 'LR', 'BT', 'RL'].includes(rankdir)) {
    throw new ArgumentError({
      where: 'plotModel: rankdir',
      expected: "'TB', 'LR', 'BT' or 'RL'",
      received: JSON.stringify(rankdir),
    })
  }
  if (!(dpi > 0 && Number.isFinite(dpi))) {
    throw new ArgumentError({ where: 'plotModel: dpi', expected: 'a number above 0', received: String(dpi) })
  }
  const { boxes, edges } = plotGraph((model as AnyModel).graph(), content)
  if (boxes.length === 0) {
    throw new StateError({
      where: 'plotModel',
      expected: 'a model with layers',
      received: `'${model.name}', which has none`,
      fix: 'Call add(layer).',
    })
  }
  // Only plotting needs the library that finds the places.
  const { Graph, layout } = await import('@dagrejs/dagre')
  const graph = new Graph({ compound: true, directed: true })
  graph.setGraph({ rankdir, nodesep: 30, ranksep: 32, edgesep: 16, marginx: margin, marginy: margin })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, lines, isGroup } of boxes) graph.setNode(id, isGroup ? {} : { ...sizeOfBox(lines) })
  for (const { id, parent } of boxes) if (parent !== undefined) graph.setParent(id, parent)
  for (const [from, to] of edges) graph.setEdge(from, to)
  layout(graph)

  const placed = boxes.map((box): PlacedBox => {
    const { x, y, width, height } = graph.node(box.id) as {
      x: number
      y: number
      width: number
      height: number
    }
    if (!box.isGroup) return { ...box, x, y, width, height }
    return { ...box, x, y: y - headingHeight / 4, width, height: height + headingHeight / 2 }
  })
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  const lines = edges.map(
    ([from, to]) => (graph.edge(from, to) as { points: { x: number; y: number }[] }).points,
  )
  const svg = plotSvg({ width, height, boxes: placed, edges: lines }, model.name, dpi / 96)
  if (toFile !== undefined) {
    const { dirname, mkdir, writeFileAtomically } = await import('../formats/files.node.ts')
    await mkdir(dirname(toFile), { recursive: true })
    await writeFileAtomically(toFile, [svg])
  }
  return svg
}
