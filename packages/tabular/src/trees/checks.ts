import { ArgumentError, DataError } from 'typegrad/core'
import { mostCategories, type TreeColumn } from './bins.ts'
import type { BoostOptions } from './boost-options.ts'
import type { TreeLossName } from './losses.ts'

/** The number of rows. @throws ArgumentError for no columns, columns of several lengths, and too many categories. */
export function checkColumns(where: string, columns: readonly TreeColumn[]): number {
  const rows = columns[0]?.values.length
  if (rows === undefined)
    throw new ArgumentError({ where, expected: 'at least one column', received: 'none' })
  columns.forEach(({ values, categories = 1 }, i) => {
    if (values.length !== rows)
      throw new ArgumentError({
        where: `${where}: column ${i}`,
        expected: `${rows} values, as column 0 has`,
        received: `${values.length}`,
      })
    if (!Number.isInteger(categories) || categories < 1 || categories > mostCategories)
      throw new ArgumentError({
        where: `${where}: column ${i}: categories`,
        expected: `a whole number from 1 to ${mostCategories}`,
        received: String(categories),
        fix: 'Make the rare categories one, or encode them as numbers.',
      })
  })
  return rows
}

/** @throws ArgumentError for another number of columns than there were in training. */
export function checkColumnCount(where: string, count: number, expected: number): void {
  if (count === expected) return
  throw new ArgumentError({
    where,
    expected: `${expected} columns, as in training`,
    received: String(count),
  })
}

/** @throws ArgumentError for shares and levels that leave nothing. */
export function checkBoostRanges({
  quantile = 0.5,
  rowShare = 1,
  columnShare = 1,
  bins = 255,
}: BoostOptions): void {
  const refuse = (name: string, expected: string, received: number): ArgumentError =>
    new ArgumentError({ where: `boost: ${name}`, expected, received: String(received) })
  if (quantile <= 0 || quantile >= 1) throw refuse('quantile', 'a number above 0 and below 1', quantile)
  if (rowShare === 0) throw refuse('rowShare', 'a share above 0', rowShare)
  if (columnShare === 0) throw refuse('columnShare', 'a share above 0', columnShare)
  if (bins > 255) throw refuse('bins', 'a whole number from 2 to 255', bins)
}

/** What each loss takes as a target, as an error says it. */
const takes: Readonly<Record<TreeLossName, (classes: number) => string>> = {
  squaredError: () => 'finite numbers',
  quantile: () => 'finite numbers',
  logistic: () => '0 and 1',
  softmax: (classes) => `whole numbers from 0 to ${classes - 1}`,
  poisson: () => 'finite numbers of at least 0',
  lambda: () => 'finite numbers of at least 0',
}

const accepts: Readonly<Record<TreeLossName, (target: number, classes: number) => boolean>> = {
  squaredError: Number.isFinite,
  quantile: Number.isFinite,
  logistic: (target) => target === 0 || target === 1,
  softmax: (target, classes) => Number.isInteger(target) && target >= 0 && target < classes,
  poisson: (target) => Number.isFinite(target) && target >= 0,
  lambda: (target) => Number.isFinite(target) && target >= 0,
}

/** @throws DataError for targets that a loss does not take, and for those that it cannot begin from. */
export function checkTargets(
  where: string,
  loss: TreeLossName,
  targets: Float64Array,
  rows: number,
  classes: number,
): void {
  if (targets.length !== rows || rows === 0)
    throw new DataError({
      where: `${where}: targets`,
      expected: rows === 0 ? 'at least one row' : `a target for each of ${rows} rows`,
      received: `${targets.length} targets`,
    })
  const wrong = targets.findIndex((target) => !accepts[loss](target, classes))
  if (wrong >= 0)
    throw new DataError({
      where: `${where}: targets`,
      expected: `${takes[loss](classes)} for the loss '${loss}'`,
      received: `${targets[wrong]} in row ${wrong}`,
    })
}

/** @throws ArgumentError for lists that are not those of the rows, where the loss orders rows. */
export function checkGroups(
  where: string,
  loss: TreeLossName,
  groups: ArrayLike<number> | undefined,
  rows: number,
): void {
  if (loss !== 'lambda' || groups?.length === rows) return
  throw new ArgumentError({
    where: `${where}: groups`,
    expected: `the number of its list for each of ${rows} rows, as the loss 'lambda' orders the rows of a list`,
    received: groups === undefined ? 'none' : `${groups.length}`,
  })
}

/** @throws DataError where all targets are one value, to which the log-odds or the logarithm would be infinite. */
export function checkBeginning(loss: TreeLossName, begin: readonly number[]): void {
  if (begin.every(Number.isFinite)) return
  throw new DataError({
    where: 'boost: targets',
    expected: loss === 'poisson' ? 'counts that are not all 0' : 'both 0 and 1',
    received: 'one value in all rows',
  })
}
