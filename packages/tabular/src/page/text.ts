/** What stands in text and in attributes. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Four digits that count. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e7)
      ? value.toExponential(2).replace('e+', 'e')
      : size >= 10_000
        ? grouped(Math.round(value))
        : String(Number(value.toPrecision(4)))
  return text.replaceAll('-', '−')
}

/** A count, with thin spaces between thousands. */
export const whole = (count: number): string => (count < 10_000 ? String(count) : grouped(count))

const grouped = (count: number): string => count.toLocaleString('en-US').replaceAll(',', '\u2009')

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u2009%`
