import { ArgumentError } from 'typegrad/core'
import type { OnnxBuilder } from './onnx-builder.ts'

/** A column on its way through a recipe: one of a matrix `[rows, width]`. */
export interface OnnxColumn {
  /** Numbers are float64, NaN where they are missing; dates too, as milliseconds; texts are empty where they are missing. */
  readonly kind: 'number' | 'date' | 'text'
  readonly value: string
  readonly width: number
  readonly at: number
}

/** Columns by their names, in the order that they have in a frame. */
export type OnnxColumns = ReadonlyMap<string, OnnxColumn>

/** A column that a recipe makes. */
export function columnOf(columns: OnnxColumns, name: string): OnnxColumn {
  const found = columns.get(name)
  if (found !== undefined) return found
  throw new ArgumentError({
    where: 'toOnnx',
    expected: `one of the columns ${[...columns.keys()].join(', ')}`,
    received: `'${name}'`,
  })
}

/** Columns beside each other, `[rows, columns.length]`. */
export function matrixOf(builder: OnnxBuilder, columns: readonly OnnxColumn[]): string {
  const runs: OnnxColumn[][] = []
  for (const column of columns) {
    const run = runs.at(-1)
    if (run !== undefined && run[0]?.value === column.value) run.push(column)
    else runs.push([column])
  }
  const parts = runs.map((run) => {
    const [{ value, width }] = run as [OnnxColumn]
    if (run.length === width && run.every(({ at }, i) => at === i)) return value
    const places = builder.integers(run.map(({ at }) => at))
    return builder.op('Gather', [value, places], { attributes: { axis: { type: 'int', value: 1 } } })
  })
  return beside(builder, parts)
}

/** Matrices beside each other, `[rows, the sum of their widths]`. */
export const beside = (builder: OnnxBuilder, parts: readonly string[]): string =>
  parts.length === 1
    ? (parts[0] as string)
    : builder.op('Concat', parts, { attributes: { axis: { type: 'int', value: 1 } } })

/** The columns of a matrix of numbers. */
export const columnsOfMatrix = (value: string, names: readonly string[]): [string, OnnxColumn][] =>
  names.map((name, at) => [name, { kind: 'number', value, width: names.length, at }])

/** Columns in the place of one, as `Frame.replaced` has it. */
export const replaced = (
  columns: OnnxColumns,
  name: string,
  by: readonly (readonly [string, OnnxColumn])[],
): OnnxColumns => new Map([...columns].flatMap((entry) => (entry[0] === name ? by : [entry])))

/** The same numbers for each row, `[rows, values.length]`. */
export function expanded(builder: OnnxBuilder, columns: OnnxColumns, values: ArrayLike<number>): string {
  const [first] = columns.values()
  const rows = builder.op('Shape', [first?.value ?? ''], { attributes: { end: { type: 'int', value: 1 } } })
  const shape = builder.op('Concat', [rows, builder.integers([values.length])], {
    attributes: { axis: { type: 'int', value: 0 } },
  })
  return builder.op('Expand', [builder.numbers(values, [1, values.length]), shape])
}
