import { ArgumentError } from 'typegrad/core'

/** What a pattern is made of, with what each part may be. */
const parts: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour>\\d{2})',
  h: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<millisecond>\\d{1,3})',
  MMM: '(?<name>[A-Za-z]{3})',
  a: '(?<half>[AaPp][Mm])',
}

const names = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** 2026-11-29, with a time behind T or a space, and Z or an offset behind that (ISO 8601, RFC 3339). */
const iso =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<millisecond>\d{1,9}))?)?(?<zone>Z|[-+]\d{2}:?\d{2})?)?$/

/** Milliseconds since 1970 of a date as text; undefined for what is no date so written, or one that cannot be. Without an offset it is taken as UTC. */
export type DateReader = (text: string) => number | undefined

/**
 * A reader of dates so written: 'iso', or a pattern of yyyy, MM, M, MMM (English names), dd, d, HH, H, hh, h, mm, ss, SSS and a (AM, PM), with all
 * else as it stands.
 *
 * @throws ArgumentError for a pattern that lacks the year, or has a part twice.
 */
export function dateReader(pattern: string, where: string): DateReader {
  const expression = pattern === 'iso' ? iso : compiled(pattern, where)
  return (text) => {
    const { groups } = expression.exec(text.trim()) ?? {}
    return groups === undefined ? undefined : timeOf(groups)
  }
}

function compiled(pattern: string, where: string): RegExp {
  const seen: string[] = []
  const source = pattern.replace(/yyyy|MMM|MM?|dd?|HH?|hh?|mm|ss|SSS|a|[\s\S]/g, (token) => {
    const part = parts[token]
    if (part === undefined) return token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    seen.push(token === 'MMM' ? 'M' : token.slice(0, 1))
    return part
  })
  const twice = seen.find((one, i) => seen.indexOf(one) !== i)
  const hasBoth = seen.includes('H') && seen.includes('h')
  if (!seen.includes('y') || twice !== undefined || hasBoth || seen.includes('h') !== seen.includes('a'))
    throw new ArgumentError({
      where,
      expected: "'iso', or a pattern with yyyy and each part once, such as 'dd.MM.yyyy' or 'M/d/yyyy h:mm a'",
      received: JSON.stringify(pattern),
    })
  return new RegExp(`^${source}$`)
}

function timeOf(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = (name: string, otherwise: number): number => Number(groups[name] ?? otherwise)
  const month = groups.name === undefined ? number('month', 1) : names.indexOf(groups.name.toLowerCase()) + 1
  const [year, day, minute, second] = [
    number('year', 0),
    number('day', 1),
    number('minute', 0),
    number('second', 0),
  ]
  let hour = number('hour', 0)
  if (groups.half !== undefined) {
    if (hour < 1 || hour > 12) return undefined
    hour = (hour % 12) + (groups.half.toLowerCase() === 'pm' ? 12 : 0)
  }
  // Digits behind the third are dropped: dates are kept in milliseconds.
  const millisecond = Number((groups.millisecond ?? '').slice(0, 3).padEnd(3, '0'))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // 30 February would become 2 March.
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isThere || month < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const time = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
  const { zone } = groups
  if (zone === undefined || zone === 'Z') return time
  const [, sign, hours, minutes] = /([-+])(\d{2}):?(\d{2})/.exec(zone) as unknown as [
    string,
    string,
    string,
    string,
  ]
  return time - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
