import { ArgumentError } from 'typegrad/core'
import type { OnnxBuilder } from './onnx-builder.ts'
import { columnsOfMatrix, matrixOf, type OnnxColumn } from './onnx-columns.ts'

const dayLength = 86_400_000
const hourLength = 3_600_000

/**
 * Parts of dates, from milliseconds since 1970 (UTC): `name_year` and so on. Year, month and day by Howard Hinnant's `civil_from_days`
 * (https://howardhinnant.github.io/date_algorithms.html), whose years begin in March and whose eras have 400 years. NaN stays NaN.
 */
export function dateColumns(
  builder: OnnxBuilder,
  name: string,
  column: OnnxColumn,
  parts: readonly string[],
): [string, OnnxColumn][] {
  const time = matrixOf(builder, [column])
  const binary = (op: string) => (a: string, b: string | number) =>
    builder.op(op, [a, typeof b === 'number' ? builder.number(b) : b])
  const [add, sub, mul, div] = [binary('Add'), binary('Sub'), binary('Mul'), binary('Div')]
  const floor = (value: string): string => builder.op('Floor', [value])
  const whole = (a: string, b: number): string => floor(div(a, b))
  const chosen = (when: string, then: string, otherwise: string): string =>
    builder.op('Where', [when, then, otherwise])

  const days = whole(time, dayLength)
  const shifted = add(days, 719_468)
  const era = whole(shifted, 146_097)
  const dayOfEra = sub(shifted, mul(era, 146_097))
  const leapless = sub(
    add(sub(dayOfEra, whole(dayOfEra, 1460)), whole(dayOfEra, 36_524)),
    whole(dayOfEra, 146_096),
  )
  const yearOfEra = whole(leapless, 365)
  const dayOfYear = sub(dayOfEra, sub(add(mul(yearOfEra, 365), whole(yearOfEra, 4)), whole(yearOfEra, 100)))
  // From March on.
  const place = whole(add(mul(dayOfYear, 5), 2), 153)
  const month = chosen(binary('Less')(place, 10), add(place, 3), sub(place, 9))
  const year = add(add(yearOfEra, mul(era, 400)), builder.cast(binary('LessOrEqual')(month, 2), 'float64'))
  const sinceMonday = add(days, 3)
  const known: Readonly<Record<string, string>> = {
    year,
    month,
    day: add(sub(dayOfYear, whole(add(mul(place, 153), 2), 5)), 1),
    weekday: sub(sinceMonday, mul(whole(sinceMonday, 7), 7)),
    hour: whole(sub(time, mul(days, dayLength)), hourLength),
    epochDays: div(time, dayLength),
  }
  return parts.flatMap((part) => {
    const value = known[part]
    if (value !== undefined) return columnsOfMatrix(value, [`${name}_${part}`])
    throw new ArgumentError({
      where: 'toOnnx',
      expected: `one of the parts of dates ${Object.keys(known).join(', ')}`,
      received: `'${part}' of '${name}'`,
    })
  })
}
