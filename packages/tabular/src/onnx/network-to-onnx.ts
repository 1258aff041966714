import { exportFunction } from 'typegrad'
import type { Tensor } from 'typegrad/core'
import { readOnnxFile } from 'typegrad/formats'
import type { NetworkLink } from '../candidates/network-loss.ts'
import { membersOf, type TableNetwork } from '../candidates/network-predictor.ts'
import type { NetworkFeatures } from '../features/network-features.ts'
import type { OnnxBuilder } from './onnx-builder.ts'
import { columnOf, matrixOf, type OnnxColumns } from './onnx-columns.ts'
import { recipeToOnnx } from './recipe-to-onnx.ts'

const axis = (value: number) => ({ axis: { type: 'int', value } }) as const

/** What networks predict of the columns that a table has: features, the networks' own graph, and their link. */
export async function networkPredictions(
  builder: OnnxBuilder,
  networks: readonly TableNetwork[],
  features: NetworkFeatures,
  link: NetworkLink,
  columns: OnnxColumns,
): Promise<string> {
  const made = recipeToOnnx(builder, columns, features.recipe)
  const together = (names: readonly string[]): string =>
    matrixOf(
      builder,
      names.map((name) => columnOf(made, name)),
    )
  const { numbers, categories } = features
  const [kinds, values] = [[] as ExportedNumbers[], {} as Record<string, string>]
  if (numbers.length > 0) {
    kinds.push(['numbers', { dtype: 'float32', shape: ['rows', numbers.length] }])
    values.numbers = builder.cast(together(numbers), 'float32')
  }
  if (categories.length > 0) {
    kinds.push(['codes', { dtype: 'int32', shape: ['rows', categories.length] }])
    values.codes = builder.cast(codesOf(builder, together(categories)), 'int32')
  }
  const bytes = await exportFunction({
    inputs: Object.fromEntries(kinds),
    weights: networks.flatMap(({ weights }) => weights),
    call: (given) => ({
      outputs: membersOf(
        networks,
        kinds.map(([name]) => given[name] as Tensor),
      ),
    }),
  })
  const [outputs = ''] = builder.embed(readOnnxFile(bytes).graph, values)
  return linkToOnnx(builder, link, outputs)
}

type ExportedNumbers = [
  name: string,
  { readonly dtype: 'float32' | 'int32'; readonly shape: ['rows', number] },
]

/** Codes from 1 on; 0 is missing, or was not there when the features were fitted. */
const codesOf = (builder: OnnxBuilder, ordinals: string): string =>
  builder.op('Where', [
    builder.op('IsNaN', [ordinals]),
    builder.number(0),
    builder.op('Add', [ordinals, builder.number(1)]),
  ])

/** The mean over a network's members behind their link, as `linked` has it, in float64. */
function linkToOnnx(builder: OnnxBuilder, link: NetworkLink, outputs: string): string {
  const members = links[link.kind](builder, builder.cast(outputs, 'float64'), link)
  const mean = builder.op('ReduceMean', [members, builder.integers([1])], {
    attributes: { keepdims: { type: 'int', value: 0 } },
  })
  if (link.kind !== 'binary' && link.kind !== 'classes') return mean
  const shares = link.smoothing > 0 ? withoutSmoothing(builder, link, mean) : mean
  return link.kind === 'binary'
    ? builder.op('Gather', [shares, builder.integers([1])], { attributes: axis(1) })
    : shares
}

type Link = (builder: OnnxBuilder, values: string, link: NetworkLink) => string

const softmax: Link = (builder, values) => builder.op('Softmax', [values], { attributes: axis(2) })

const scaled: Link = (builder, values, { center, scale }) =>
  builder.op('Add', [builder.op('Mul', [values, builder.number(scale)]), builder.number(center)])

const bounded: Link = (builder, values, link) =>
  builder.op('Clip', [scaled(builder, values, link), ...link.bounds.map((bound) => builder.number(bound))])

const links: Readonly<Record<NetworkLink['kind'], Link>> = {
  binary: softmax,
  classes: softmax,
  labels: (builder, values) => builder.op('Sigmoid', [values]),
  regression: bounded,
  quantiles: bounded,
  ranking: scaled,
  counts: (builder, values, { scale }) =>
    builder.op('Mul', [
      builder.op('Exp', [builder.op('Min', [values, builder.number(50)])]),
      builder.number(scale),
    ]),
}

/** Shares of smoothed labels as `unsmooth` has them. */
function withoutSmoothing(builder: OnnxBuilder, { smoothing, outputs }: NetworkLink, mean: string): string {
  const raw = builder.op('Div', [
    builder.op('Sub', [mean, builder.number(smoothing / outputs)]),
    builder.number(1 - smoothing),
  ])
  const least = builder.op('Max', [raw, builder.number(1e-4 / outputs)])
  return builder.op('Div', [least, builder.op('ReduceSum', [least, builder.integers([1])])])
}
