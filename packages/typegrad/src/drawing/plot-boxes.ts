import { boolean, optionsOf } from '../base/options.ts'
import { isShapeList } from '../layers/base/layer.ts'
import { type LayerGraph, type LayerNode, shapesOf } from '../layers/base/layer-graph.ts'
import { formatSymbolicShape } from '../layers/base/symbolic.ts'

export interface PlotContent {
  /** Whether the shapes of what layers take and give are shown. Default false. */
  readonly showShapes?: boolean
  /** Whether the layers' names are shown beside their classes. Default true. */
  readonly showLayerNames?: boolean
  /** Whether activations are shown. Default false. */
  readonly showLayerActivations?: boolean
  /** Whether frozen layers with weights are marked. Default false. */
  readonly showTrainable?: boolean
  /** Whether models among the layers are shown with what is within them. Default false. */
  readonly expandNested?: boolean
}

export const plotContentChecks = optionsOf<PlotContent>()({
  showShapes: boolean,
  showLayerNames: boolean,
  showLayerActivations: boolean,
  showTrainable: boolean,
  expandNested: boolean,
})

/** What a line of a box says, and how. */
export interface PlotLine {
  readonly text: string
  readonly style: 'title' | 'name' | 'note' | 'shape'
}

/** A layer's box, or one around others. */
export interface PlotBox {
  readonly id: string
  /** The box around this one. */
  readonly parent: string | undefined
  readonly lines: readonly PlotLine[]
  readonly family: Family
  readonly isGroup: boolean
}

export interface PlotGraph {
  readonly boxes: readonly PlotBox[]
  readonly edges: readonly (readonly [from: string, to: string])[]
}

/** Layers of one family have one colour. */
export type Family = keyof typeof families
const families = {
  input: /^InputLayer$/,
  convolution: /Conv/,
  pooling: /Pool/,
  recurrent: /LSTM|GRU|RNN|Bidirectional|TimeDistributed/,
  attention: /Attention/,
  normalization: /Normalization/,
  regularization: /Dropout|Noise|Regularization/,
  merging: /^(Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply|Subtract)$/,
  activation: /ReLU|^(Activation|Softmax|ELU)$/,
  core: /Dense|Embedding/,
  model: /^(Sequential|Functional)$/,
  other: /(?:)/,
} as const

/** The first family that a class's name belongs to. */
const familyOf = (className: string): Family =>
  (Object.keys(families) as Family[]).find((family) => families[family].test(className)) ?? 'other'

/** Boxes and arrows of a model's layers. */
export function plotGraph(graph: LayerGraph, content: PlotContent): PlotGraph {
  const boxes: PlotBox[] = []
  const edges: (readonly [string, string])[] = []
  place(graph, '', undefined, [])
  return { boxes, edges }

  /** @returns the boxes that what comes after the graph is joined to. */
  function place(
    { nodes, inputs, outputs }: LayerGraph,
    prefix: string,
    parent: string | undefined,
    given: readonly string[],
  ): readonly string[] {
    const ends = new Map<string, readonly string[]>()
    const endsOf = (name: string) => ends.get(name) ?? [`${prefix}${name}`]
    // All layers first: an arrow may lead back to one that is used again.
    const taken = (node: LayerNode) => [
      ...node.inputs.flatMap(endsOf),
      ...(inputs.includes(node.name) ? given : []),
    ]
    for (const node of nodes) {
      const id = `${prefix}${node.name}`
      const isGroup = content.expandNested === true && node.inner !== undefined && node.inner.nodes.length > 0
      const family = node.inner === undefined ? familyOf(node.layer.className) : 'model'
      boxes.push({
        id,
        parent,
        isGroup,
        family,
        lines: linesOf(node, isGroup ? { ...content, showShapes: false } : content),
      })
      if (isGroup) ends.set(node.name, place(node.inner as LayerGraph, `${id}/`, id, taken(node)))
      else for (const from of taken(node)) edges.push([from, id])
    }
    return outputs.flatMap(endsOf)
  }
}

function linesOf({ name, layer }: LayerNode, content: PlotContent): PlotLine[] {
  const lines: PlotLine[] = [{ text: layer.className, style: 'title' }]
  if (content.showLayerNames !== false) lines.push({ text: name, style: 'name' })
  const notes: string[] = []
  const activation = content.showLayerActivations ? activationOf(layer.getConfig()) : undefined
  if (activation !== undefined) notes.push(activation)
  if (
    content.showTrainable &&
    layer.built &&
    layer.weights.length > 0 &&
    layer.trainableWeights.length === 0
  ) {
    notes.push('frozen')
  }
  if (notes.length > 0) lines.push({ text: notes.join(' · '), style: 'note' })
  if (content.showShapes) {
    const { input, output } = shapesOf(layer)
    const result = output === undefined ? '?' : formatSymbolicShape(output)
    const taken = input === undefined ? [] : isShapeList(input) ? input : [input]
    const text =
      layer.className === 'InputLayer' ? result : `${taken.map(formatSymbolicShape).join(', ')} → ${result}`
    lines.push({ text, style: 'shape' })
  }
  return lines
}

/** The activation that a layer's configuration names; linear is none. */
function activationOf({ activation }: Record<string, unknown>): string | undefined {
  const name =
    typeof activation === 'object' && activation !== null
      ? (activation as { className?: unknown }).className
      : activation
  return typeof name === 'string' && name !== 'linear' ? name : undefined
}
