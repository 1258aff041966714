import { boolean, checked, func, number, optionsOf, orNull } from '../base/options.ts'
import { bytesOf, sizeOf } from '../base/shape.ts'
import type { Layer } from '../layers/base/layer.ts'
import { formatSymbolicShape } from '../layers/base/symbolic.ts'
import type { AnyModel } from '../models/model.ts'
import type { Variable } from '../tensor/variable.ts'
import { framedTable } from './summary-table.ts'

export interface SummaryOptions {
  /** Where the lines go. Default the console; null prints nothing. */
  readonly print?: ((line: string) => void) | null
  /** Whether the layers of models among the layers are shown too, below them. Default false. */
  readonly expandNested?: boolean
  /** Whether a column says which layers learn: `Y`, `N`, or `-` for those without weights. Default false. */
  readonly showTrainable?: boolean
  /** Letters in a line of the table at most. Default the width of the terminal, or no bound where there is none. */
  readonly lineLength?: number
}

const summaryChecks = optionsOf<SummaryOptions>()({
  print: orNull(func),
  expandNested: boolean,
  showTrainable: boolean,
  lineLength: number,
})

function terminalWidth(): number {
  const stdout = globalThis.process?.stdout as typeof globalThis.process.stdout | undefined
  return stdout?.isTTY === true ? stdout.columns : Number.POSITIVE_INFINITY
}

const count = (weights: readonly Variable[]): number =>
  weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
const grouped = (n: number): string => n.toLocaleString('en-US')

/** A size in bytes with the unit that suits it. */
function inBytes(weights: readonly Variable[]): string {
  const bytes = weights.reduce((sum, weight) => sum + bytesOf(weight), 0)
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 2)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`
}

function outputShape(layer: Layer): string {
  if (!layer.built || layer.builtFor === undefined) return '?'
  return formatSymbolicShape(layer.computeOutputSizes(layer.builtFor))
}

/** A layer with what stands before its name to show which model it belongs to. */
interface Entry {
  readonly layer: Layer
  readonly branch: string
}

/** The layers, and below a model its own. */
function entriesOf(layers: readonly Layer[], expandNested: boolean, indent = ''): Entry[] {
  return layers.flatMap((layer) => {
    // What has layers that are built from outside is a model; other layers keep theirs to themselves.
    const inner = expandNested && 'modelInputs' in layer ? (layer as unknown as AnyModel).operations : []
    const branch = indent === '' ? '' : `${indent.slice(0, -2)}└ `
    return [{ layer, branch }, ...entriesOf(inner, expandNested, `${indent}  `)]
  })
}

const trainability = (layer: Layer): string => {
  if (!layer.built || layer.weights.length === 0) return '-'
  return layer.trainableWeights.length > 0 ? 'Y' : 'N'
}

/** A table of the model's layers, as Keras prints it. */
export function summary(model: AnyModel, options: SummaryOptions = {}): string {
  const {
    print = console.log,
    expandNested = false,
    showTrainable = false,
    lineLength = terminalWidth(),
  } = checked('summary', options, summaryChecks)
  const header = ['Layer (type)', 'Output shape', 'Params', ...(showTrainable ? ['Trainable'] : [])]
  const rows = entriesOf(model.operations, expandNested).map(({ layer, branch }) => [
    `${branch}${layer.name} (${layer.className})`,
    outputShape(layer),
    layer.built ? grouped(count(layer.weights)) : '?',
    ...(showTrainable ? [trainability(layer)] : []),
  ])
  const { trainableWeights, nonTrainableWeights } = model
  const text = [
    `Model: ${model.name}`,
    ...framedTable(header, rows, ['left', 'left', 'right', 'centre'], lineLength),
    `Total params: ${grouped(count(model.weights))} (${inBytes(model.weights)})`,
    `Trainable params: ${grouped(count(trainableWeights))} (${inBytes(trainableWeights)})`,
    `Non-trainable params: ${grouped(count(nonTrainableWeights))} (${inBytes(nonTrainableWeights)})`,
  ].join('\n')
  print?.(text)
  return text
}
