import { type TableModel, type TrainOptions, train } from '@typegrad/tabular'
import { areaUnderRoc } from './area-under-roc.ts'
import { logLoss, splitByFold } from './folds-by-hash.ts'
import { type Customer, type Gain, gainOf, isWorthAnOffer, type Offer } from './keeping-customers.ts'
import { reasonsFor, reasonsText } from './reasons.ts'
import { withSpread } from './statistics.ts'
import { table } from './table.ts'

type Row = Readonly<Record<string, unknown>>

export interface ChurnQuestion {
  readonly rows: readonly Row[]
  /** The column that says who left, and its word for them. */
  readonly target: string
  readonly positive: string
  /** What is tried beside the linear model, by commas. */
  readonly models: string
  /** What is lost with a customer who leaves. */
  readonly worthOf: (row: Row) => number
  readonly offer: Offer
  /** Of five folds, so many are judged on. */
  readonly folds: number
}

/** The last fold's model, with the rows that it has not seen, and a table of how good all folds' models are. */
export interface ChurnAnswer {
  readonly target: string
  readonly model: TableModel
  readonly training: readonly Row[]
  readonly test: readonly Row[]
  readonly customers: readonly Customer[]
  readonly figures: string
}

/** The probabilities of leaving, the second class of two. */
export async function chancesOf(model: TableModel, rows: readonly Row[]): Promise<Float64Array> {
  return (await model.predict(rows)).probabilities?.[1] ?? new Float64Array(0)
}

/** Models of customers who leave, each judged on a fifth that it has not seen: how well they order and tell, and what offers by them gain. */
export async function judgeChurn(question: ChurnQuestion): Promise<ChurnAnswer> {
  const { rows, target, positive, worthOf, offer, folds } = question
  const hasLeft = (row: Row): boolean => row[target] === positive
  const models = question.models.split(',').filter((name) => name !== 'linear')
  const training = { target, positive, models, budget: 600 } as TrainOptions
  const areas: number[] = []
  const losses: number[] = []
  const gains: { readonly model: Gain; readonly all: Gain }[] = []
  let last: Omit<ChurnAnswer, 'figures'> | undefined
  for (let fold = 0; fold < folds; fold++) {
    const parts = splitByFold(rows, 0, fold, 5)
    const model = await train(parts.training, training)
    const chances = await chancesOf(model, parts.test)
    const customers = parts.test.map((row, i) => ({
      chance: chances[i] as number,
      left: hasLeft(row),
      worth: worthOf(row),
    }))
    const left = customers.map((one) => one.left)
    areas.push(await areaUnderRoc(left, chances))
    losses.push(logLoss(left, chances))
    gains.push({
      model: gainOf(customers, offer, (one) => isWorthAnOffer(one, offer)),
      all: gainOf(customers, offer, () => true),
    })
    last = { target, model, ...parts, customers }
  }
  if (last === undefined) throw new RangeError('--folds has to be at least 1')
  const figures = table(
    ['folds', 'AUC', 'log loss', 'offers to 100', 'gained', 'gained by offers to all'],
    [
      [
        String(folds),
        withSpread(areas, 4),
        withSpread(losses, 4),
        withSpread(
          gains.map(({ model }) => model.offers),
          1,
        ),
        withSpread(
          gains.map(({ model }) => model.gained),
          0,
        ),
        withSpread(
          gains.map(({ all }) => all.gained),
          0,
        ),
      ],
    ],
  )
  return { ...last, figures }
}

/** A line for each of those with whom most is expected to be lost: how likely they are to leave, with how much, and why. */
export async function mostToLose(
  { target, model, training, test, customers }: ChurnAnswer,
  count: number,
): Promise<readonly string[]> {
  const expectedLoss = ({ chance, worth }: Customer): number => chance * worth
  const first = [...customers.entries()]
    .sort(([, a], [, b]) => expectedLoss(b) - expectedLoss(a))
    .slice(0, count)
  const lines: string[] = []
  for (const [i, { chance, worth }] of first) {
    const reasons = await reasonsFor((rows) => chancesOf(model, rows), test[i] as Row, training, [target])
    lines.push(
      `${(100 * chance).toFixed(0)} % to leave, and $${worth.toFixed(0)} with them: ${reasonsText(reasons, 3)}`,
    )
  }
  return lines
}
