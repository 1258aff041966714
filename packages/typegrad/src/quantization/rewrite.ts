import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../onnx/model.ts'
import { int8Weight } from './quantized-weight.ts'
import { type Range, rounded, type Scale, scaleOf } from './ranges.ts'
import type { Site } from './sites.ts'

export interface RewriteOptions {
  /** Whether each channel of a weight has a scale. */
  readonly isPerChannel: boolean
  /** Whether ranges of activations are symmetric about 0. */
  readonly isSymmetric: boolean
  /** Whether weights stay within ± 63. */
  readonly reducesRange: boolean
}

const int = (value: number) => ({ type: 'int', value }) as const

/** A graph that is being rewritten: what is added, under names of its own. */
class Rewriting {
  readonly initializers: OnnxTensor[] = []
  readonly #names: Set<string>

  constructor({ nodes, inputs, initializers }: OnnxGraph) {
    this.#names = new Set([
      ...nodes.flatMap(({ outputs }) => outputs),
      ...[...inputs, ...initializers].map(({ name }) => name),
    ])
  }

  fresh(name: string): string {
    let [made, count] = [name, 1]
    while (this.#names.has(made)) made = `${name}_${++count}`
    this.#names.add(made)
    return made
  }

  add(name: string, dtype: OnnxTensor['dtype'], shape: readonly number[], data: OnnxTensor['data']): string {
    const made = this.fresh(name)
    this.initializers.push({ name: made, dtype, shape, data })
    return made
  }

  /** The scale and the zero point of an activation. */
  addScale(name: string, { scale, zero }: Scale): readonly [scale: string, zero: string] {
    return [
      this.add(`${name}_scale`, 'float32', [], Float32Array.of(scale)),
      this.add(`${name}_zero`, 'uint8', [], Uint8Array.of(zero)),
    ]
  }

  /** A site's weight as int8, with its scales. */
  addWeight({ weight, channelAxis }: Site, { isPerChannel, reducesRange }: RewriteOptions) {
    const { data, scales } = int8Weight(
      weight,
      isPerChannel ? channelAxis : undefined,
      reducesRange ? 63 : 127,
    )
    const shape = isPerChannel ? [scales.length] : []
    return {
      numbers: this.add(`${weight.name}_int8`, 'int8', weight.shape, data),
      scaleName: this.add(`${weight.name}_scale`, 'float32', shape, scales),
      zero: this.add(`${weight.name}_zero`, 'int8', shape, new Int8Array(scales.length)),
      scales,
    }
  }

  /** (number − zero) · scale. */
  dequantize(name: string, inputs: readonly string[], axis: number | undefined): OnnxNode {
    return {
      op: 'DequantizeLinear',
      inputs,
      outputs: [this.fresh(name)],
      ...(axis !== undefined && { attributes: { axis: int(axis) } }),
    }
  }

  /** The model with these nodes, without what they do not need any more. */
  finish({ opset, graph }: OnnxModel, nodes: readonly OnnxNode[]): OnnxModel {
    const needed = new Set(graph.outputs.map(({ name }) => name))
    const kept = nodes.toReversed().filter((node) => {
      if (!node.outputs.some((name) => needed.has(name))) return false
      for (const name of namesIn(node)) needed.add(name)
      return true
    })
    const initializers = [...graph.initializers, ...this.initializers].filter(({ name }) => needed.has(name))
    return { opset, graph: { ...graph, nodes: kept.reverse(), initializers } }
  }
}

/** What a node reads, in loops too. */
const namesIn = ({ inputs, attributes = {} }: OnnxNode): readonly string[] => [
  ...inputs,
  ...Object.values(attributes).flatMap((attribute) =>
    attribute.type === 'graph'
      ? [...attribute.value.nodes.flatMap(namesIn), ...attribute.value.outputs.map(({ name }) => name)]
      : [],
  ),
]

const firstOf = ({ outputs }: OnnxNode): string => outputs[0] as string

/** Rows of a table as int8, which become floats where they are looked up. */
function lookedUp(site: Site, rewriting: Rewriting, options: RewriteOptions): readonly OnnxNode[] {
  const { node } = site
  const { numbers, scaleName, zero } = rewriting.addWeight(site, options)
  const rows = rewriting.fresh(`${firstOf(node)}_int8`)
  const axis = options.isPerChannel ? -1 : undefined
  return [
    { ...node, inputs: [numbers, ...node.inputs.slice(1)], outputs: [rows] },
    { ...rewriting.dequantize('rows', [rows, scaleName, zero], axis), outputs: node.outputs },
  ]
}

/**
 * A model in which weights and activations are quantised and made floats again where they are read (QDQ): runtimes find these
 * pairs and compute what is between them in integers, and the ranges stand in the file.
 *
 * @param ranges of the activations that sites read and give, by their names.
 */
export function rewriteStatic(
  model: OnnxModel,
  sites: readonly Site[],
  ranges: ReadonlyMap<string, Range>,
  options: RewriteOptions,
): OnnxModel {
  const { graph } = model
  const rewriting = new Rewriting(graph)
  const bySite = new Map(sites.map((site) => [site.node, site]))
  const rounds = new Set(sites.flatMap(({ output }) => output ?? []))
  /** Names of activations behind their rounding, and the nodes that round them. */
  const made = new Map<
    string,
    { readonly value: string; readonly nodes: readonly OnnxNode[]; readonly scale: Scale }
  >()
  for (const name of sites.flatMap(({ input, output }) => [input, output])) {
    if (name === undefined || made.has(name)) continue
    const scale = scaleOf(ranges.get(name) as Range, options.isSymmetric)
    const [scaleName, zero] = rewriting.addScale(name, scale)
    const numbers = rewriting.fresh(`${name}_quantized`)
    const floats = rewriting.dequantize(`${name}_dequantized`, [numbers, scaleName, zero], undefined)
    const nodes = [{ op: 'QuantizeLinear', inputs: [name, scaleName, zero], outputs: [numbers] }, floats]
    made.set(name, { value: firstOf(floats), nodes, scale })
  }
  const rewritten = (node: OnnxNode): readonly OnnxNode[] => {
    // Behind a site all read what is rounded: it is computed in integers to its end.
    const inputs = node.inputs.map((name) => (rounds.has(name) ? (made.get(name)?.value ?? name) : name))
    const site = bySite.get(node)
    if (site === undefined) return [{ ...node, inputs }]
    if (site.input === undefined) return lookedUp(site, rewriting, options)
    const { channelAxis, weight } = site
    const x = made.get(site.input) as { readonly value: string; readonly scale: Scale }
    const { numbers, scaleName, zero, scales } = rewriting.addWeight(site, options)
    const axis = options.isPerChannel ? channelAxis : undefined
    const floats = rewriting.dequantize(`${weight.name}_dequantized`, [numbers, scaleName, zero], axis)
    const bias = biasOf(
      site,
      rewriting,
      scales.map((scale) => scale * x.scale.scale),
    )
    return [
      floats,
      ...(bias === undefined ? [] : [bias]),
      { ...node, inputs: [x.value, firstOf(floats), ...(bias === undefined ? [] : [firstOf(bias)])] },
    ]
  }
  const rounding = (names: readonly string[]) => names.flatMap((name) => made.get(name)?.nodes ?? [])
  return rewriting.finish(model, [
    ...rounding(graph.inputs.map(({ name }) => name)),
    ...graph.nodes.flatMap((node) => [...rewritten(node), ...rounding(node.outputs)]),
  ])
}

/** A convolution's bias as int32, in the scale of its products. */
function biasOf({ bias }: Site, rewriting: Rewriting, scales: Float32Array): OnnxNode | undefined {
  if (bias === undefined) return undefined
  const numbers = Int32Array.from(bias.data, (value, i) =>
    rounded(value / (scales[scales.length === 1 ? 0 : i] as number)),
  )
  const shape = scales.length === 1 ? [] : [scales.length]
  const inputs = [
    rewriting.add(`${bias.name}_int32`, 'int32', [numbers.length], numbers),
    rewriting.add(`${bias.name}_scale`, 'float32', shape, scales),
  ]
  return rewriting.dequantize(`${bias.name}_dequantized`, inputs, scales.length === 1 ? undefined : 0)
}

/**
 * A model in which products round what they multiply their weights with at each call, by its own range, and are computed in
 * integers. Convolutions stay as they are: their integers are not fast without known ranges.
 */
export function rewriteDynamic(model: OnnxModel, sites: readonly Site[], options: RewriteOptions): OnnxModel {
  const rewriting = new Rewriting(model.graph)
  const bySite = new Map(sites.map((site) => [site.node, site]))
  /** Each activation is rounded once, however many read it. */
  const rounded = new Map<string, readonly string[]>()
  const rewritten = (node: OnnxNode): readonly OnnxNode[] => {
    const site = bySite.get(node)
    if (site === undefined) return [node]
    const { input, weight } = site
    if (input === undefined) return lookedUp(site, rewriting, options)
    const nodes: OnnxNode[] = []
    const known = rounded.get(input)
    const parts = known ?? ['quantized', 'scale', 'zero'].map((part) => rewriting.fresh(`${input}_${part}`))
    if (known === undefined) nodes.push({ op: 'DynamicQuantizeLinear', inputs: [input], outputs: parts })
    rounded.set(input, parts)
    const [x = '', scale = '', zero = ''] = parts
    const { numbers, scaleName, zero: weightZero } = rewriting.addWeight(site, options)
    const [whole, floats, scales] = ['whole', 'floats', 'scales'].map((part) =>
      rewriting.fresh(`${weight.name}_${part}`),
    ) as [string, string, string]
    return [
      ...nodes,
      { op: 'MatMulInteger', inputs: [x, numbers, zero, weightZero], outputs: [whole] },
      { op: 'Cast', inputs: [whole], outputs: [floats], attributes: { to: int(1) } },
      { op: 'Mul', inputs: [scale, scaleName], outputs: [scales] },
      { op: 'Mul', inputs: [floats, scales], outputs: node.outputs },
    ]
  }
  return rewriting.finish(model, model.graph.nodes.flatMap(rewritten))
}
