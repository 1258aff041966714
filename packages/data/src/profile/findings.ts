import { datesAsText, oddTimes } from './date-findings.ts'
import { isIdentifier } from './identifiers.ts'
import { strength } from './pairs.ts'
import { sharePercent as percent } from './profile-format.ts'
import type { Finding, ProfileNumbers } from './profile-types.ts'
import type { SampleColumn } from './sample-column.ts'
import type { TableScan } from './scan.ts'

type Numbers = Omit<ProfileNumbers, 'findings'>

interface Given {
  readonly numbers: Numbers
  readonly scan: TableScan
  readonly sample: readonly SampleColumn[]
  readonly time: string | undefined
  /** What is later is in the future. */
  readonly now: Date
  readonly otherColumns: { readonly lacking: readonly string[]; readonly more: readonly string[] } | undefined
}

const order = { error: 0, warning: 1, note: 2 } as const

/** What should be looked at, the gravest first. */
export function findingsOf(given: Given): readonly Finding[] {
  const all = [
    ...columnFindings(given),
    ...copies(given),
    ...targetLeaks(given),
    ...futureLeaks(given),
    ...driftFindings(given),
  ]
  return all.sort((a, b) => order[a.severity] - order[b.severity])
}

function* columnFindings({ numbers, sample, scan, now }: Given): Generator<Finding> {
  const { rows, duplicateRows, columns, target } = numbers
  if (duplicateRows > 0)
    yield {
      kind: 'duplicateRows',
      severity: 'warning',
      columns: [],
      message: `${duplicateRows} rows (${percent(duplicateRows / rows)}) are equal to one before them: in a random split, what is tested on was trained on.`,
    }
  for (const column of columns) {
    const { name, missing, distinct, notFinite = 0, outliers = 0 } = column
    const present = rows - missing
    const about = { columns: [name] }
    if (present > 0 && distinct <= 1)
      yield { ...about, kind: 'constant', severity: 'warning', message: `${name} has one value in all rows.` }
    if (missing > 0 && missing / rows >= 0.05)
      yield {
        ...about,
        kind: 'missing',
        severity: missing / rows >= 0.5 ? 'warning' : 'note',
        message: `${name} is missing in ${missing} rows (${percent(missing / rows)}).`,
      }
    if (notFinite > 0)
      yield {
        ...about,
        kind: 'notFinite',
        severity: 'error',
        message: `${name} has ${notFinite} values that are infinite or NaN.`,
      }
    if (isIdentifier(column, rows))
      yield {
        ...about,
        kind: 'identifier',
        severity: 'note',
        message: `${name} is different in nearly every row, as an identifier is; a model learns rows by heart from it.`,
      }
    // Where the quartiles are one value, as of a one-hot column, the fences have no width and all that differs is beyond them.
    const [, lower = 0, , upper = 0] = column.quantiles ?? []
    if (upper > lower && outliers / Math.max(1, numbers.sample) >= 0.01)
      yield {
        ...about,
        kind: 'outliers',
        severity: 'note',
        message: `${name} has ${percent(outliers / numbers.sample)} of its values beyond 1.5 times the distance of the quartiles.`,
      }
  }
  for (const column of sample) {
    const found = nearlyNumbers(column) ?? datesAsText(column)
    if (found !== undefined) yield found
    yield* oddTimes(column, scan, now)
  }
  const [most] = target?.classes ?? []
  const least = target?.classes?.at(-1)
  const known = (target?.classes ?? []).reduce((sum, { count }) => sum + count, 0)
  if (
    target !== undefined &&
    most !== undefined &&
    least !== undefined &&
    most !== least &&
    most.count / least.count >= 5
  )
    yield {
      kind: 'imbalance',
      severity: 'warning',
      columns: [target.column],
      message: `${target.column} is ${most.value} in ${percent(most.count / known)} of the rows and ${least.value} in ${percent(least.count / known)}: accuracy says little, and rare classes want weights or more samples.`,
    }
}

/** A column of texts of which nearly all are numbers: the others are misspelt, or stand for nothing. */
function nearlyNumbers({ name, kind, cells }: SampleColumn): Finding | undefined {
  if (kind !== 'text' && kind !== 'category') return undefined
  const texts = cells.filter((cell): cell is string => typeof cell === 'string')
  const others = texts.filter((cell) => cell.trim() === '' || Number.isNaN(Number(cell)))
  const share = others.length / texts.length
  if (others.length === 0 || !(share <= 0.1)) return undefined
  const named = [...new Set(others)].slice(0, 5).map((cell) => JSON.stringify(cell))
  return {
    kind: 'mixedText',
    severity: 'warning',
    columns: [name],
    message: `${name} is text because of ${percent(share)} of its values (${named.join(', ')}); the others are numbers.`,
  }
}

/** At least so near are columns that say the same. */
const copyStrength = 0.999

function* copies({ numbers: { pairs, target, columns } }: Given): Generator<Finding> {
  const distinct = new Map(columns.map((column) => [column.name, column.distinct]))
  for (const pair of pairs) {
    if (pair.measure === 'correlationRatio' || strength(pair) < copyStrength) continue
    // One of few values may say all of another by chance of having the same two.
    if ((distinct.get(pair.a) ?? 0) !== (distinct.get(pair.b) ?? 0) && pair.measure === 'cramersV') continue
    const isTarget = pair.a === target?.column || pair.b === target?.column
    yield {
      kind: 'copy',
      severity: isTarget ? 'error' : 'warning',
      columns: [pair.a, pair.b],
      message: `${pair.a} and ${pair.b} say the same (${pair.measure === 'pearson' ? `correlation ${pair.value.toFixed(4)}, of ranks ${pair.spearman?.toFixed(4)}` : `Cramér's V ${pair.value.toFixed(4)}`})${isTarget ? ': one of them is the target under another name' : ''}.`,
    }
  }
}

/** From one column alone, a target is hardly ever predicted so well by right means. */
const leakSkill = 0.98

function* targetLeaks({ numbers: { target } }: Given): Generator<Finding> {
  for (const { column, skill } of target?.predictions ?? [])
    if (skill >= leakSkill)
      yield {
        kind: 'targetLeak',
        severity: 'error',
        columns: [column],
        message: `${column} alone predicts ${target?.column} (${target?.task === 'regression' ? 'R²' : 'skill'} ${skill.toFixed(3)} on rows that the rule was not made from): it is most likely known only with the target.`,
      }
}

function* futureLeaks({ numbers, scan, sample, time }: Given): Generator<Finding> {
  if (time === undefined) return
  const isThere = new Map(sample.map(({ name, cells }) => [name, cells.map((cell) => cell !== null)]))
  for (const { name, missing } of numbers.columns) {
    const { later = 0, present } = scan.columns.get(name) ?? { present: 0 }
    if (later === 0 || later / present < 0.01) continue
    yield {
      kind: 'futureLeak',
      severity: 'error',
      columns: [name],
      message: `${name} is later than ${time} in ${later} of ${present} rows: at ${time} it was not known.`,
    }
    if (missing === 0) continue
    const own = isThere.get(name)
    for (const [other, filled] of isThere)
      if (
        other !== name &&
        own !== undefined &&
        filled.some((there) => !there) &&
        filled.every((there, i) => there === own[i])
      )
        yield {
          kind: 'futureLeak',
          severity: 'error',
          columns: [other],
          message: `${other} is there exactly where ${name} is, which is later than ${time}: at ${time} it was not known.`,
        }
  }
}

function* driftFindings({ numbers: { drift = [], columns, rows }, otherColumns }: Given): Generator<Finding> {
  if (otherColumns !== undefined && otherColumns.lacking.length + otherColumns.more.length > 0)
    yield {
      kind: 'otherColumns',
      severity: 'error',
      columns: [...otherColumns.lacking, ...otherColumns.more],
      message: `The other table ${[
        ...(otherColumns.lacking.length > 0 ? [`lacks ${otherColumns.lacking.join(', ')}`] : []),
        ...(otherColumns.more.length > 0 ? [`has ${otherColumns.more.join(', ')} as well`] : []),
      ].join(' and ')}.`,
    }
  for (const { name, psi, newCategories, missingBefore, missingNow } of drift) {
    // Those go on counting.
    if (columns.some((column) => column.name === name && isIdentifier(column, rows))) continue
    if (psi >= 0.1)
      yield {
        kind: 'drift',
        severity: psi >= 0.25 ? 'warning' : 'note',
        columns: [name],
        message: `${name} is distributed otherwise in the other table (PSI ${psi.toFixed(3)}).`,
      }
    if (Math.abs(missingNow - missingBefore) >= 0.05)
      yield {
        kind: 'drift',
        severity: 'warning',
        columns: [name],
        message: `${name} is missing in ${percent(missingNow)} of the other table's rows, and in ${percent(missingBefore)} here.`,
      }
    if (newCategories.length > 0)
      yield {
        kind: 'newCategories',
        severity: 'warning',
        columns: [name],
        message: `${name} has values in the other table that are not here: ${newCategories.map(({ value, count }) => `${value} (${count})`).join(', ')}.`,
      }
  }
}
