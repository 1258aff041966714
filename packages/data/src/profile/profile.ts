import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Features } from '../features/feature.ts'
import { noColumn } from '../tables/duckdb-errors.ts'
import { planOf, Table } from '../tables/table.ts'
import { columnProfile } from './column-profile.ts'
import { driftOf } from './drift.ts'
import { findingsOf } from './findings.ts'
import { pairsOf } from './pairs.ts'
import { targetProfile } from './predictions.ts'
import { profilePage } from './profile-page.ts'
import { profileText } from './profile-text.ts'
import type { ProfileNumbers } from './profile-types.ts'
import { scanTable } from './scan.ts'
import { drawnFrom } from './table-sample.ts'

export interface ProfileOptions<Row extends object> {
  /** The column that is to be predicted: its classes are counted, and what leaks it is looked for. */
  readonly target?: keyof Row & string
  /** The column that says when a row was known: columns that are later are looked for. */
  readonly time?: keyof Row & string
  /** A table to hold this one against: what a model meets later, or the test rows. */
  readonly compareWith?: Table<Row>
  /** Bins of histograms. Default 20. */
  readonly bins?: number
  /** Most frequent values that are named. Default 10. */
  readonly top?: number
  /**
   * Rows that are looked at for distributions, pairs of columns, leaks and drift; of more, these are drawn by what they hold, so that
   * equal rows are drawn together. Counts, extremes, means and deviations are always of all rows. Default 50 000.
   */
  readonly sampleRows?: number
  /** Times that are later are in the future, and named. Default the moment of the call. */
  readonly now?: Date
  /** Above the page. Default 'Profile'. */
  readonly title?: string
}

const profileChecks = optionsOf<ProfileOptions<Record<string, unknown>>>()({
  target: checks.string,
  time: checks.string,
  compareWith: checks.anything,
  bins: checks.count,
  top: checks.count,
  sampleRows: checks.wholeFrom(10),
  now: {
    expected: 'a Date',
    accepts: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  },
  title: checks.string,
})

/** A profile's numbers, its findings, its page and its text. */
export class TableProfile {
  readonly numbers: ProfileNumbers
  readonly #title: string

  constructor(numbers: ProfileNumbers, title: string) {
    this.numbers = numbers
    this.#title = title
  }

  /** What should be looked at before a model is trained, the gravest first. */
  get findings(): ProfileNumbers['findings'] {
    return this.numbers.findings
  }

  /** One page of HTML that needs nothing else: no script, no file, no network; light or dark as its reader has it. */
  toHTML(): string {
    return profilePage(this.numbers, this.#title)
  }

  /** The profile in lines of at most 80 characters. */
  toString(): string {
    return profileText(this.numbers, this.#title)
  }

  toJSON(): ProfileNumbers {
    return this.numbers
  }
}

/**
 * Looks at a table as data to learn from: types, missing and different values, distributions, outliers, equal rows, how columns hang
 * together, the balance of the target, what leaks the target or the future, and how another table differs.
 *
 * All rows are read once for counts and moments, and, but for files of CSV, once for the rows that are looked at closer.
 *
 * @throws ArgumentError for a column that there is not; DataError for a table without rows.
 * @example
 * const profile = await profile(table, { target: 'churned', time: 'signedUp' })
 * console.log(`${profile}`)
 * await writeFile('profile.html', profile.toHTML())
 */
export async function profile<Row extends object>(
  table: Table<Row>,
  options: ProfileOptions<Row> = {},
): Promise<TableProfile> {
  checkOptions('profile', options, profileChecks)
  if (!(table instanceof Table))
    throw new ArgumentError({
      where: 'profile',
      expected: 'a table: await readTable(path), or await tableFrom(rows)',
      received: typeof table,
    })
  const {
    target,
    time,
    compareWith,
    bins = 20,
    top = 10,
    sampleRows = 50_000,
    title = 'Profile',
    now = new Date(),
  } = options
  for (const name of [target, time])
    if (name !== undefined && !table.columnNames.includes(name))
      throw noColumn('profile', name, table.columnNames)
  const features = await table.features()
  const scan = await scanTable(planOf(table), features, { time, now, most: sampleRows })
  if (scan.rows === 0)
    throw new DataError({ where: 'profile', expected: 'a table with rows', received: 'one without any' })
  const {
    columns: sample,
    rows: looked,
    equal,
  } = scan.sample ?? (await drawnFrom(planOf(table), features, scan.rows, sampleRows))
  const isWhole = looked === scan.rows
  const targetColumn = sample.find(({ name }) => name === target)
  const other =
    compareWith === undefined
      ? undefined
      : (
          await drawnFrom(
            planOf(compareWith),
            await compareWith.features(),
            await compareWith.count(),
            sampleRows,
          )
        ).columns
  const numbers = {
    rows: scan.rows,
    sample: looked,
    duplicateRows: Math.round((equal * scan.rows) / Math.max(1, looked)),
    columns: sample.map((column) =>
      columnProfile(
        column,
        features[column.name] as Features[string],
        scan.columns.get(column.name) ?? { present: 0, distinct: 0 },
        { bins, top, isWhole, rows: scan.rows },
      ),
    ),
    pairs: pairsOf(sample),
    ...(targetColumn !== undefined && { target: targetProfile(targetColumn, sample) }),
    ...(other !== undefined && { drift: driftOf(sample, other) }),
  }
  const otherNames = compareWith?.columnNames
  const findings = findingsOf({
    numbers,
    scan,
    sample,
    time,
    now,
    otherColumns: otherNames && {
      lacking: table.columnNames.filter((name) => !otherNames.includes(name)),
      more: otherNames.filter((name) => !table.columnNames.includes(name)),
    },
  })
  return new TableProfile({ ...numbers, findings }, title)
}
