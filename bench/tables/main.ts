/**
 * Tables: what `train` reaches with default options, beside a tuned HistGradientBoosting and PyPI's tabm on the same folds.
 *
 * npx tsx bench/tables/main.ts FOLDER [--only churn,credit] [--folds 5] [--budget 600] [--models tabm,trees]
 *
 * FOLDER is what `tables.py` has written; peers' figures stand in bench/tables/results/peers.json, where `peers.py` puts them, ours in
 * typegrad.json beside it, one a table, fold and options.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readTable } from '@typegrad/data'
import { type TableModel, type TrainOptions, train } from '@typegrad/tabular'

interface About {
  readonly target: string
  readonly task: 'binary' | 'classes' | 'regression'
}

/** By table, by what was run, by fold. */
type Results = Record<
  string,
  Record<
    string,
    Record<
      string,
      { readonly score: number; readonly cpu: number; readonly bytes?: number; readonly parts?: Parts }
    >
  >
>
/** What each candidate alone reaches on rows that `train` held back, and its weight. */
type Parts = Readonly<Record<string, readonly [score: number, weight: number]>>

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    folds: { type: 'string', default: '5' },
    budget: { type: 'string', default: '600' },
    models: { type: 'string' },
  },
})
const [folder = 'bench/tables/data'] = positionals
const results = (name: string): string => new URL(`results/${name}.json`, import.meta.url).pathname
const read = <T>(path: string, otherwise: T): T =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : otherwise

const tables = read<Readonly<Record<string, About>>>(join(folder, 'tables.json'), {})
/** Read anew each time: others may write beside this one. */
const ours = (): Results => read<Results>(results('typegrad'), {})
const models = options.models?.split(',') as TrainOptions['models']
const key = `typegrad ${options.budget} s${options.models === undefined ? '' : ` ${options.models}`}`

for (const name of options.only?.split(',') ?? Object.keys(tables)) {
  const { target, task } = tables[name] as About
  const rows = (await (await readTable(join(folder, `${name}.csv`))).rows()) as Record<string, unknown>[]
  for (let fold = 0; fold < Number(options.folds); fold++) {
    if (ours()[name]?.[key]?.[fold] !== undefined) continue
    const without = ({ _fold, ...row }: Record<string, unknown>) => row
    const known = rows.filter(({ _fold }) => Number(_fold) !== fold).map(without)
    const test = rows.filter(({ _fold }) => Number(_fold) === fold)
    const began = process.cpuUsage()
    const model = await train(known, {
      target,
      task,
      budget: Number(options.budget),
      seed: fold,
      ...(models && { models }),
    })
    const score = await scoreOf(model, task, test, target)
    const { user, system } = process.cpuUsage(began)
    const parts = Object.fromEntries(
      model.report.candidates.map(({ name: of, scores, weight }) => [
        of,
        [Number(scores[0]?.value.toFixed(5)), Number(weight.toFixed(3))] as const,
      ]),
    )
    const found = {
      score: Number(score.toFixed(5)),
      cpu: Math.round((user + system) / 1e6),
      bytes: model.toBytes().length,
      parts,
    }
    const all = ours()
    all[name] = { ...all[name], [key]: { ...all[name]?.[key], [fold]: found } }
    writeFileSync(results('typegrad'), `${JSON.stringify(all, null, 1)}\n`)
    console.log(name, key, fold, JSON.stringify(found))
  }
}

const all = read<Results>(results('peers'), {})
for (const [name, own] of Object.entries(ours()))
  for (const [what, folds] of Object.entries({ ...own, ...all[name] })) {
    const scores = Object.values(folds).map(({ score }) => score)
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    console.log(`${name.padEnd(12)} ${what.padEnd(28)} ${mean.toFixed(4)} (${scores.length} folds)`)
  }
process.exit(0)

/** AUC, accuracy or R² of rows that the model has not seen. */
async function scoreOf(
  model: TableModel,
  task: About['task'],
  test: readonly Record<string, unknown>[],
  target: string,
): Promise<number> {
  const { values, probabilities } = await model.predict(test)
  if (task === 'regression') {
    const truth = test.map((row) => Number(row[target]))
    const mean = truth.reduce((sum, y) => sum + y, 0) / truth.length
    const squares = (of: (row: number) => number): number =>
      truth.reduce((sum, y, row) => sum + (y - of(row)) ** 2, 0)
    return 1 - squares((row) => Number(values[row])) / squares(() => mean)
  }
  if (task === 'classes')
    return test.filter((row, i) => String(row[target]) === String(values[i])).length / test.length
  const [, second] = model.report.task.classes ?? []
  const chances = probabilities?.[1] as Float64Array
  const isSecond = test.map((row) => String(row[target]) === String(second))
  // The share of pairs of the two classes that are in the right order (Mann and Whitney).
  const order = Array.from(chances.keys()).sort((a, b) => (chances[a] as number) - (chances[b] as number))
  let [pairs, below, tied] = [0, 0, 0]
  for (let i = 0; i < order.length; ) {
    let j = i
    let positives = 0
    while (j < order.length && chances[order[j] as number] === chances[order[i] as number])
      positives += Number(isSecond[order[j++] as number])
    tied = j - i - positives
    pairs += positives * (below + tied / 2)
    below += tied
    i = j
  }
  return pairs / (below * (order.length - below))
}
