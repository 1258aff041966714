import type { Category, ColumnType, Schema } from '@typegrad/data'
import { ArgumentError } from 'typegrad/core'
import type { FittedCandidate } from '../candidates/candidate.ts'
import type { TrainReport } from '../report.ts'
import type { Calibration } from '../scores/calibration.ts'
import { OnnxBuilder } from './onnx-builder.ts'
import type { OnnxColumn, OnnxColumns } from './onnx-columns.ts'

interface ModelParts {
  /** Columns that rows have to have. */
  readonly schema: Schema
  readonly models: readonly { readonly model: FittedCandidate; readonly weight: number }[]
  readonly report: TrainReport
}

const kinds: Readonly<Record<ColumnType, OnnxColumn['kind'] | undefined>> = {
  number: 'number',
  date: 'date',
  text: 'text',
  boolean: 'text',
  mixed: 'text',
  empty: undefined,
  other: undefined,
}

/** The file of a whole model: each column an input, and what `TableModel.predict` gives as outputs. */
export async function modelToOnnx({ schema, models, report }: ModelParts): Promise<Uint8Array> {
  const builder = new OnnxBuilder()
  const columns: OnnxColumns = new Map(
    Array.from(schema, ([name, type]): [string, OnnxColumn] => {
      const kind = kinds[type]
      if (kind === undefined || name === 'prediction' || name === 'probabilities' || name === 'quantiles')
        throw new ArgumentError({
          where: 'toOnnx',
          expected:
            "columns of one kind that are not called as outputs are: 'prediction', 'probabilities', 'quantiles'",
          received: `'${name}' (${type})`,
        })
      return [
        name,
        { kind, value: builder.input(name, kind === 'text' ? 'string' : 'float64'), width: 1, at: 0 },
      ]
    }),
  )
  const parts: string[] = []
  for (const { model, weight } of models)
    parts.push(builder.op('Mul', [await model.toOnnx(builder, columns), builder.number(weight)]))
  const mean = parts.length === 1 ? (parts[0] as string) : builder.op('Sum', parts)
  outputs(builder, calibrated(builder, mean, report), report)
  return builder.encode()
}

const axis = (value: number) => ({ axis: { type: 'int', value } }) as const

function calibrated(builder: OnnxBuilder, mean: string, { calibration, task }: TrainReport): string {
  if (calibration.length <= 1) return calibratedBy(builder, mean, calibration[0], task.kind === 'classes')
  return builder.op(
    'Concat',
    calibration.map((one, output) =>
      calibratedBy(
        builder,
        builder.op('Gather', [mean, builder.integers([output])], { attributes: axis(1) }),
        one,
        false,
      ),
    ),
    { attributes: axis(1) },
  )
}

function calibratedBy(
  builder: OnnxBuilder,
  mean: string,
  calibration: Calibration | undefined,
  areShares: boolean,
): string {
  if (calibration === undefined) return mean
  if (calibration.kind === 'temperature') {
    const powered = (value: string): string =>
      builder.op('Pow', [value, builder.number(1 / calibration.temperature)])
    const own = powered(mean)
    const total = areShares
      ? builder.op('ReduceSum', [own, builder.integers([1])])
      : builder.op('Add', [own, powered(builder.op('Sub', [builder.number(1), mean]))])
    return builder.op('Div', [own, total])
  }
  // A line through points: of each piece the share that is behind the value, times how far it rises.
  const { x, y } = calibration
  const widths = x.slice(1).map((to, i) => to - (x[i] as number))
  const rises = y.slice(1).map((to, i) => to - (y[i] as number))
  if (widths.length === 0)
    return builder.op('Add', [builder.op('Mul', [mean, builder.number(0)]), builder.number(y[0] as number)])
  const row = (values: readonly number[]): string => builder.numbers(values, [1, values.length])
  const shares = builder.op('Clip', [
    builder.op('Div', [builder.op('Sub', [mean, row(x.slice(0, -1))]), row(widths)]),
    builder.number(0),
    builder.number(1),
  ])
  const risen = builder.op('MatMul', [shares, builder.numbers(rises, [rises.length, 1])])
  return builder.op('Add', [risen, builder.number(y[0] as number)])
}

function outputs(builder: OnnxBuilder, found: string, { task, threshold }: TrainReport): void {
  const flat = (value: string): string => builder.op('Squeeze', [value, builder.integers([1])])
  const { classes, labels, levels } = task
  if (levels !== undefined) {
    const most = builder.integers([levels.length])
    // Quantiles that were learned apart may cross.
    const [sorted = found] = builder.ops('TopK', [found, most], {
      outputs: 2,
      attributes: { ...axis(1), largest: { type: 'int', value: 0 } },
    })
    const middle = builder.op('Gather', [sorted, builder.integers([Math.floor(levels.length / 2)])], {
      attributes: axis(1),
    })
    builder.output(flat(middle), 'prediction', 'float64', ['rows'])
    builder.output(sorted, 'quantiles', 'float64', ['rows', levels.length])
    return
  }
  if (labels !== undefined) {
    builder.output(builder.op('GreaterOrEqual', [found, builder.number(0.5)]), 'prediction', 'bool', [
      'rows',
      labels.length,
    ])
    builder.output(found, 'probabilities', 'float64', ['rows', labels.length])
    return
  }
  if (classes === undefined) {
    builder.output(flat(found), 'prediction', 'float64', ['rows'])
    return
  }
  const isBinary = task.kind === 'binary'
  const probabilities = isBinary
    ? builder.op('Concat', [builder.op('Sub', [builder.number(1), found]), found], { attributes: axis(1) })
    : found
  const place = isBinary
    ? builder.cast(flat(builder.op('GreaterOrEqual', [found, builder.number(threshold)])), 'int64')
    : builder.op('ArgMax', [found], { attributes: { ...axis(1), keepdims: { type: 'int', value: 0 } } })
  const { names, type } = namesOf(builder, classes)
  builder.output(builder.op('Gather', [names, place], { attributes: axis(0) }), 'prediction', type, ['rows'])
  builder.output(probabilities, 'probabilities', 'float64', ['rows', classes.length])
}

/** Classes as a constant of their own type. */
function namesOf(builder: OnnxBuilder, classes: readonly Category[]) {
  if (classes.every((one) => typeof one === 'number'))
    return { names: builder.numbers(classes as readonly number[]), type: 'float64' } as const
  if (classes.every((one) => typeof one === 'boolean'))
    return { names: builder.cast(builder.integers(classes.map(Number)), 'bool'), type: 'bool' } as const
  return { names: builder.strings(classes.map(String)), type: 'string' } as const
}
