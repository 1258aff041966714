// Who will cancel? Keeping a customer costs a fraction of winning one, but an offer to all costs more than it keeps. This program learns from
// the customers of a telephone company who left, makes offers where they are expected to keep more than they cost, and says why a customer
// is thought to leave, so that the one who calls knows what to talk of.
//
//   npx tsx examples/retail/churn.ts
//   npx tsx examples/retail/churn.ts --folds 1 --models linear --customers 2500      a quick look
//
// 2026-11-30, five folds, mean ± standard deviation: AUC 0.8503 ± 0.0064, log loss 0.4111 ± 0.0088. A HistGradientBoosting of scikit-learn 1.9
// that was tuned within each of the same folds by 50 random trials (tools/golden/make_trade_examples.py): 0.8489 ± 0.0069 and 0.4125 ± 0.0090.
// Offers by the model go to 40.5 ± 2.0 of a hundred customers and gain $3,601 ± 276 for the hundred, offers to all $1,112 ± 409.
//
// Data: `wa_churn` of the R package modeldata, 7,043 customers of a telephone company, as IBM's Watson gave them to try it on
// (examples/data/README.md); IBM does not name the company. What an offer costs and how many it keeps is assumed; put in your own.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTable } from '@typegrad/data'
import { judgeChurn, mostToLose } from '../churn-by-folds.ts'
import { programOptions } from '../options.ts'

const options = programOptions({
  folds: 5, // of five, so many are tried
  customers: 0, // 0 for all
  models: 'small trees', // beside the linear model; several by commas
  costOfOffer: 60, // dollars: a month without a bill
  kept: 0.3, // the share of those about to leave whom an offer keeps
  months: 12, // for which one who is kept pays
  output: 'runs/churn',
})
await mkdir(options.output, { recursive: true })

type Customer = Readonly<Record<string, unknown>>
const rows = (
  await (await readTable(fileURLToPath(new URL('../data/telephone.csv.gz', import.meta.url)))).rows()
).slice(0, options.customers || undefined) as Customer[]
const hasLeft = ({ churn }: Customer): boolean => churn === 'Yes'
console.log(`${rows.length} customers, ${rows.filter(hasLeft).length} of whom left`)

// 1. Five folds: who leaves, and what offers gain for a hundred customers, in dollars.
const answer = await judgeChurn({
  rows,
  target: 'churn',
  positive: 'Yes',
  models: options.models,
  worthOf: ({ monthly_charges }) => options.months * Number(monthly_charges),
  offer: { cost: options.costOfOffer, kept: options.kept },
  folds: options.folds,
})
console.log(answer.figures)

// 2. The last fold's model, with its report.
await answer.model.save(join(options.output, 'churn.model'))
await answer.model.saveReport(join(options.output, 'report.html'))
console.log(`\n${join(options.output, 'report.html')} has the report`)

// 3. Whom to call first, and what to talk of.
console.log(`\n${(await mostToLose(answer, 3)).join('\n')}`)
