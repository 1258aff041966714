import type { Frame } from '@typegrad/data'
import { expanded } from '../onnx/onnx-columns.ts'
import { readNumbers } from '../saving/saved.ts'
import { treeLosses } from '../trees/losses.ts'
import type { Candidate, FitContext, FittedCandidate } from './candidate.ts'
import { classCountOf, linearLossOf, partsOf } from './task-loss.ts'

const fitConstant = ({ task, training: { values } }: Omit<FitContext, 'watched'>): FittedCandidate =>
  fittedConstant(
    partsOf(task).flatMap(({ quantile, targetsOf }) => {
      const loss = treeLosses[linearLossOf(task)]({ classes: classCountOf(task), quantile })
      const scores = loss.begin(targetsOf(values)).map((score) => Float64Array.of(score))
      loss.predict(scores)
      return scores.map(([score = 0]) => score)
    }),
  )

const fittedConstant = (values: readonly number[]): FittedCandidate => ({
  kind: 'constant',
  predictFeatures: async ({ length }: Frame) => values.map((value) => new Float64Array(length).fill(value)),
  toSaved: () => ({ values }),
  toOnnx: async (builder, columns) => expanded(builder, columns, values),
})

export const readConstant = (saved: unknown): FittedCandidate => fittedConstant(readNumbers(saved, 'values'))

/** Predicts the same of all rows: shares of classes, the mean, quantiles. What it reaches, a table without features reaches. */
export const constant: Candidate<'constant'> = {
  name: 'constant',
  kind: 'constant',
  fit: async (context) => fitConstant(context),
  refit: async (context) => fitConstant(context),
}
