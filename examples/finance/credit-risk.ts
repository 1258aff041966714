// Who will not pay back? A bank that lends to everyone loses more by one bad loan than it earns by five good ones. This program learns from
// loans that have ended, decides by what decisions cost, and gives the reasons for each decision.
//
//   npx tsx examples/finance/credit-risk.ts
//   npx tsx examples/finance/credit-risk.ts --folds 1 --models linear      a quick look
//
// 2026-11-30, five folds, mean ± standard deviation: AUC 0.8541 ± 0.0118, log loss 0.4168 ± 0.0125. A HistGradientBoosting of scikit-learn 1.9
// that was tuned within each of the same folds by 50 random trials (tools/golden/make_trade_examples.py): 0.8495 ± 0.0141 and 0.4222 ± 0.0131.
// Where a bad loan costs as much as five good ones that are refused, decisions cost 42.5 ± 2.8 for a hundred applications, and lending to
// everyone 140.8 ± 5.6.
//
// Data: `credit_data` of the R package modeldata, 4,454 loans (examples/data/README.md). They were granted: what would have become of those
// that were refused is not known, so that a model of them says nothing of applicants whom nobody would have lent to.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTable } from '@typegrad/data'
import { type TableModel, type TrainOptions, train } from '@typegrad/tabular'
import { areaUnderRoc } from '../area-under-roc.ts'
import { logLoss, splitByFold } from '../folds-by-hash.ts'
import { programOptions } from '../options.ts'
import { reasonsFor, reasonsText } from '../reasons.ts'
import { withSpread } from '../statistics.ts'
import { table } from '../table.ts'

const options = programOptions({
  folds: 5, // of five, so many are tried
  models: 'small trees', // beside the linear model; several by commas
  costOfBad: 5, // of lending to one who does not pay back
  costOfRefused: 1, // of refusing one who would
  output: 'runs/credit-risk',
})
await mkdir(options.output, { recursive: true })

type Loan = Readonly<Record<string, unknown>>
const loans = (await (
  await readTable(fileURLToPath(new URL('../data/credit.csv', import.meta.url)))
).rows()) as Loan[]
const isBad = ({ Status }: Loan): boolean => Status === 'bad'
console.log(`${loans.length} loans, ${loans.filter(isBad).length} of which were not paid back`)

// 1. Five folds: what is decided of loans that the model has not seen. The positive class is the bad one, so that a "false positive" is a good
// applicant who is refused.
const training: TrainOptions = {
  target: 'Status',
  positive: 'bad',
  costs: { falsePositive: options.costOfRefused, falseNegative: options.costOfBad },
  models: options.models.split(',').filter((name) => name !== 'linear') as TrainOptions['models'] & string[],
  budget: 600,
}
const areas: number[] = []
const losses: number[] = []
const costs: number[] = []
const costsOfAll: number[] = []
let model: TableModel | undefined
for (let fold = 0; fold < options.folds; fold++) {
  const parts = splitByFold(loans, 0, fold, 5)
  model = await train(parts.training, training)
  const { values, probabilities } = await model.predict(parts.test)
  const chances = probabilities?.[1] ?? []
  const truth = parts.test.map(isBad)
  areas.push(await areaUnderRoc(truth, chances))
  losses.push(logLoss(truth, chances))
  // What the decisions cost, in units of a refused good loan, for a hundred applications.
  const cost = truth.reduce((sum, bad, i) => {
    if (bad) return sum + (values[i] === 'bad' ? 0 : options.costOfBad)
    return sum + (values[i] === 'bad' ? options.costOfRefused : 0)
  }, 0)
  costs.push((100 * cost) / truth.length)
  costsOfAll.push((100 * options.costOfBad * truth.filter(Boolean).length) / truth.length)
}
if (model === undefined) throw new RangeError('--folds has to be at least 1')
console.log(
  table(
    ['folds', 'AUC', 'log loss', 'cost of 100', 'lending to all'],
    [
      [
        String(options.folds),
        withSpread(areas, 4),
        withSpread(losses, 4),
        withSpread(costs, 1),
        withSpread(costsOfAll, 1),
      ],
    ],
  ),
)

// 2. The last fold's model, with its report for those who have to answer for it.
await model.save(join(options.output, 'credit.model'))
await model.saveReport(join(options.output, 'report.html'))
console.log(
  `threshold ${model.report.threshold.toFixed(3)}; ${join(options.output, 'report.html')} has the report`,
)

// 3. Reasons: the columns that speak for or against this applicant.
const { test, training: others } = splitByFold(loans, 0, options.folds - 1, 5)
const chances = await chancesOf(test)
const riskiest = chances.indexOf(Math.max(...chances))
const reasons = await reasonsFor(chancesOf, test[riskiest] as Loan, others, ['Status'])
console.log(
  `\nthe riskiest of ${test.length}: ${(100 * (chances[riskiest] as number)).toFixed(0)} %, because of ${reasonsText(reasons, 4)}`,
)

async function chancesOf(some: readonly Loan[]): Promise<Float64Array> {
  return (await model?.predict(some))?.probabilities?.[1] ?? new Float64Array(0)
}
