// Who will cancel? Keeping a customer costs a fraction of winning one, but an offer to all costs more than it keeps. This program learns from
// the customers of a telephone company who left, makes offers where they are expected to keep more than they cost, and says why a customer
// is thought to leave, so that the one who calls knows what to talk of.
//
//   npx tsx examples/retail/churn.ts
//   npx tsx examples/retail/churn.ts --folds 1 --models linear --customers 2500      a quick look
//
// FIGURES
//
// Data: `wa_churn` of the R package modeldata, 7,043 customers of a telephone company, as IBM's Watson gave them to try it on
// (examples/data/README.md); IBM does not name the company. What an offer costs and how many it keeps is assumed; put in your own.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTable } from '@typegrad/data'
import type { TrainOptions } from '@typegrad/tabular'
import { chancesOf, judgeChurn } from '../churn-by-folds.ts'
import { programOptions } from '../options.ts'
import { reasonsFor, reasonsText } from '../reasons.ts'

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
const { model, training, test, customers, figures } = await judgeChurn({
  rows,
  training: {
    target: 'churn',
    positive: 'Yes',
    models: options.models.split(',').filter((name) => name !== 'linear') as TrainOptions['models'] &
      string[],
    budget: 600,
  },
  hasLeft,
  worthOf: ({ monthly_charges }) => options.months * Number(monthly_charges),
  offer: { cost: options.costOfOffer, kept: options.kept },
  folds: options.folds,
})
console.log(figures)

// 2. The last fold's model, with its report.
await model.save(join(options.output, 'churn.model'))
await model.saveReport(join(options.output, 'report.html'))
console.log(`\n${join(options.output, 'report.html')} has the report`)

// 3. Whom to call first, and what to talk of.
const expectedLoss = customers.map(({ chance, worth }) => chance * worth)
const first = [...test.keys()]
  .sort((a, b) => (expectedLoss[b] as number) - (expectedLoss[a] as number))
  .slice(0, 3)
console.log()
for (const i of first) {
  const chances = (some: readonly Customer[]) => chancesOf(model, some)
  const reasons = await reasonsFor(chances, test[i] as Customer, training, ['churn'])
  const { chance, worth } = customers[i] as (typeof customers)[number]
  console.log(`${(100 * chance).toFixed(0)} % to leave with $${worth.toFixed(0)}: ${reasonsText(reasons, 3)}`)
}
