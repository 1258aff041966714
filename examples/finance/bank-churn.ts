// Who pays a loan back early and takes the interest elsewhere? A lender who knows can offer a better rate to those with whom there is
// something to lose. This program learns from loans on the day they were granted who was gone within some months, weighs what an offer costs
// against what it is expected to keep, and says why a customer is thought to leave.
//
//   npx tsx examples/finance/bank-churn.ts
//   npx tsx examples/finance/bank-churn.ts --folds 1 --models linear --loans 2500      a quick look
//
// FIGURES
//
// Data: `loans_full_schema` of the R package openintro, 10,000 loans that Lending Club made in the first quarter of 2018, 447 of which had been
// paid back in full soon after (examples/data/README.md). No table of a bank's accounts that were closed could be had with a licence: this is
// a real one as close. What an offer costs and how many it keeps is assumed; put in your own. That the borrower would otherwise have paid all
// the interest of the loan is assumed too.
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
  loans: 0, // 0 for all
  models: 'small trees', // beside the linear model; several by commas
  costOfOffer: 100, // dollars: a part of the interest that is let go, and the work
  kept: 0.3, // the share of those about to leave whom an offer keeps
  output: 'runs/bank-churn',
})
await mkdir(options.output, { recursive: true })

type Loan = Readonly<Record<string, unknown>>
const loans = (
  await (await readTable(fileURLToPath(new URL('../data/loans.csv.gz', import.meta.url)))).rows()
).slice(0, options.loans || undefined) as Loan[]
const hasLeft = ({ loan_status }: Loan): boolean => loan_status === 'Fully Paid'
// Whether a loan is paid, late or lost is known later: all but those who left are one class.
const rows = loans.map((loan) => ({ ...loan, loan_status: hasLeft(loan) ? 'left' : 'stayed' }))
console.log(`${loans.length} loans, ${loans.filter(hasLeft).length} of which were soon paid back in full`)

/** The interest of the whole loan, in dollars. */
const interestOf = ({ installment, term, loan_amount }: Loan): number =>
  Number(installment) * Number(term) - Number(loan_amount)

// 1. Five folds: who leaves, and what offers gain for a hundred customers, in dollars.
const offer = { cost: options.costOfOffer, kept: options.kept }
const { model, training, test, customers, figures } = await judgeChurn({
  rows,
  training: {
    target: 'loan_status',
    positive: 'left',
    models: options.models.split(',').filter((name) => name !== 'linear') as TrainOptions['models'] &
      string[],
    budget: 600,
  },
  hasLeft: ({ loan_status }) => loan_status === 'left',
  worthOf: interestOf,
  offer,
  folds: options.folds,
})
console.log(figures)

// 2. The last fold's model, with its report.
await model.save(join(options.output, 'bank-churn.model'))
await model.saveReport(join(options.output, 'report.html'))
console.log(`\n${join(options.output, 'report.html')} has the report`)

// 3. Those with whom most is expected to be lost, and why they are thought to leave.
const expectedLoss = customers.map(({ chance, worth }) => chance * worth)
const first = [...test.keys()]
  .sort((a, b) => (expectedLoss[b] as number) - (expectedLoss[a] as number))
  .slice(0, 3)
console.log()
for (const i of first) {
  const customer = test[i] as Loan
  const chances = (some: readonly Loan[]) => chancesOf(model, some)
  const reasons = await reasonsFor(chances, customer, training, ['loan_status'])
  const { chance, worth } = customers[i] as (typeof customers)[number]
  console.log(
    `${(100 * chance).toFixed(0)} % to leave with $${worth.toFixed(0)} of interest: ${reasonsText(reasons, 3)}`,
  )
}
