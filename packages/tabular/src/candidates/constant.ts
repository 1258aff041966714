import type { Frame } from '@typegrad/data'
import { readNumbers } from '../saving/saved.ts'
import { treeLosses } from '../trees/losses.ts'
import type { Candidate, FittedCandidate } from './candidate.ts'
import { classCountOf, levelsOf, lossNameOf } from './task-loss.ts'

/** Predicts the same of all rows: shares of classes, the mean, quantiles. What it reaches, a table without features reaches. */
export const constant: Candidate<'constant'> = {
  name: 'constant',
  kind: 'constant',
  fit: async ({ task, training: { values } }) =>
    fittedConstant(
      levelsOf(task).flatMap((quantile) => {
        const loss = treeLosses[lossNameOf(task)]({ classes: classCountOf(task), quantile })
        const scores = loss.begin(values).map((score) => Float64Array.of(score))
        loss.predict(scores)
        return scores.map(([score = 0]) => score)
      }),
    ),
}

const fittedConstant = (values: readonly number[]): FittedCandidate => ({
  kind: 'constant',
  predict: async ({ length }: Frame) => values.map((value) => new Float64Array(length).fill(value)),
  toSaved: () => ({ values }),
})

export const readConstant = (saved: unknown): FittedCandidate => fittedConstant(readNumbers(saved, 'values'))
