import { sharePercent } from './profile-format.ts'
import type { Finding } from './profile-types.ts'
import type { SampleColumn } from './sample-column.ts'
import type { TableScan } from './scan.ts'

const between = '([./-])'

/** Ways of writing a day, and where in the match year, month and day stand. */
const ways: readonly {
  readonly name: string
  readonly pattern: RegExp
  readonly places: readonly [year: number, month: number, day: number]
}[] = [
  {
    name: 'year, month, day',
    pattern: new RegExp(`^(\\d{4})${between}(\\d{1,2})\\2(\\d{1,2})(?:[T ].*)?$`),
    places: [1, 3, 4],
  },
  {
    name: 'day, month, year',
    pattern: new RegExp(`^(\\d{1,2})${between}(\\d{1,2})\\2(\\d{4}|\\d{2})(?: .*)?$`),
    places: [4, 3, 1],
  },
  {
    name: 'month, day, year',
    pattern: new RegExp(`^(\\d{1,2})${between}(\\d{1,2})\\2(\\d{4}|\\d{2})(?: .*)?$`),
    places: [4, 1, 3],
  },
]

/** The ways in which a text is a day of the calendar; undefined where it does not even look like one. */
function waysOf(text: string): readonly string[] | undefined {
  const looks = ways.flatMap((way) => {
    const found = way.pattern.exec(text.trim())
    return found === null ? [] : [{ ...way, found }]
  })
  if (looks.length === 0) return undefined
  return looks.flatMap(({ name, places, found }) => {
    const [year = 0, month = 0, day = 0] = places.map((place) => Number(found[place]))
    const made = new Date(Date.UTC(2000, month - 1, day))
    made.setUTCFullYear(year, month - 1, day)
    return month >= 1 && made.getUTCMonth() === month - 1 && made.getUTCDate() === day ? [name] : []
  })
}

/** A column of texts of which nearly all look like days: in which ways they are written, and which are none. */
export function datesAsText({ name, kind, cells }: SampleColumn): Finding | undefined {
  if (kind !== 'text' && kind !== 'category') return undefined
  const texts = cells.filter((cell): cell is string => typeof cell === 'string')
  const looked = texts.map((text) => ({ text, own: waysOf(text) }))
  const days = looked.filter(({ own }) => own !== undefined)
  if (texts.length === 0 || days.length < 0.95 * texts.length) return undefined
  const impossible = days.filter(({ own }) => own?.length === 0)
  const others = looked.filter(({ own }) => own === undefined)
  const real = days.filter(({ own = [] }) => own.length > 0)
  const whole = ways.map((way) => way.name).filter((way) => real.every(({ own }) => own?.includes(way)))
  const written =
    whole.length === 1
      ? `written as ${whole[0]}`
      : whole.length > 1
        ? `which may be ${whole.join(' or ')}: no value tells`
        : `written in several ways (${ways
            .map((way) => ({
              way: way.name,
              n: real.filter(({ own }) => own?.length === 1 && own[0] === way.name).length,
            }))
            .filter(({ n }) => n > 0)
            .map(({ way, n }) => `${way}: ${n}`)
            .join(', ')})`
  const wrong = [...impossible, ...others].slice(0, 3).map(({ text }) => JSON.stringify(text))
  return {
    kind: 'dateText',
    severity: whole.length === 1 && wrong.length === 0 ? 'note' : 'warning',
    columns: [name],
    message: `${name} holds days as text, ${written}${wrong.length > 0 ? `; ${wrong.join(', ')} and the like are none` : ''}. cleaning.parseDates makes dates of it.`,
  }
}

/** Moments that stand for "not known" where they come often: Unix' first, Excel's first, and the last that databases have. */
const standIns = ['1970-01-01', '1900-01-01', '1899-12-30', '0001-01-01', '9999-12-31']

/** Times in the future, and days that stand for nothing. */
export function* oddTimes(
  { name, kind, cells }: SampleColumn,
  scan: TableScan,
  now: Date,
): Generator<Finding> {
  if (kind !== 'time') return
  const { future = 0, present } = scan.columns.get(name) ?? { present: 0 }
  if (future > 0)
    yield {
      kind: 'oddTime',
      severity: 'warning',
      columns: [name],
      message: `${name} is in the future (after ${now.toISOString().slice(0, 10)}) in ${future} of ${present} rows.`,
    }
  const known = cells.filter((cell): cell is Date => cell instanceof Date)
  for (const day of standIns) {
    const count = known.filter((date) => date.toISOString().startsWith(day)).length
    if (count >= 2 && count >= 0.01 * known.length)
      yield {
        kind: 'oddTime',
        severity: 'warning',
        columns: [name],
        message: `${name} is ${day} in ${sharePercent(count / known.length)} of its values, which often stands for a day that is not known.`,
      }
  }
}
