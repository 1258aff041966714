import type { ColumnKind, ColumnPair } from './profile-types.ts'

/** A count, from five digits on with thin spaces between thousands. */
export function whole(count: number): string {
  const rounded = Math.round(count)
  return Math.abs(rounded) < 10_000
    ? String(rounded)
    : rounded.toLocaleString('en-US').replaceAll(',', '\u2009')
}

export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–'
  const hundred = share * 100
  if (hundred === 0 || hundred >= 10) return `${hundred.toFixed(0)}\u2009%`
  return hundred < 0.1 ? '<\u20090.1\u2009%' : `${hundred.toFixed(1)}\u2009%`
}

/** As a sentence has it: `12 %`. */
export const sharePercent = (share: number): string =>
  `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)} %`

/** Four digits that count. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e7))
    return value.toExponential(2).replace('-', '−').replace('e+', 'e')
  if (Number.isInteger(value)) return whole(value).replace('-', '−')
  return (
    size >= 10_000 ? whole(Number(value.toPrecision(4))) : String(Number(value.toPrecision(4)))
  ).replace('-', '−')
}

/** A number of a column as its kind is read: times as dates. */
export function shown(kind: ColumnKind, value: number | undefined): string {
  if (kind !== 'time' || value === undefined || !(Math.abs(value) <= 8.64e15)) return short(value)
  const text = new Date(value).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ')
}

export const measures: Readonly<Record<ColumnPair['measure'], string>> = {
  pearson: 'r',
  cramersV: "Cramér's V",
  correlationRatio: 'η',
}
