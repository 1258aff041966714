const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

const two = (value: number): string => String(value).padStart(2, '0')

/** Codes of Python's `strftime` in the "C" locale, whose names are English. */
const codes: Readonly<Record<string, (time: Date) => string>> = {
  a: (time) => (days[time.getDay()] as string).slice(0, 3),
  A: (time) => days[time.getDay()] as string,
  b: (time) => (months[time.getMonth()] as string).slice(0, 3),
  B: (time) => months[time.getMonth()] as string,
  d: (time) => two(time.getDate()),
  H: (time) => two(time.getHours()),
  I: (time) => two(time.getHours() % 12 || 12),
  j: (time) => {
    const start = Date.UTC(time.getFullYear(), 0, 0)
    const today = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate())
    return String((today - start) / 86_400_000).padStart(3, '0')
  },
  m: (time) => two(time.getMonth() + 1),
  M: (time) => two(time.getMinutes()),
  p: (time) => (time.getHours() < 12 ? 'AM' : 'PM'),
  S: (time) => two(time.getSeconds()),
  w: (time) => String(time.getDay()),
  y: (time) => two(time.getFullYear() % 100),
  Y: (time) => String(time.getFullYear()),
  '%': () => '%',
}

/** A local time by Python's codes; `%-d` is `%d` without zeros before it. Codes that are not known stay as they are. */
export function formattedTime(time: Date, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (all, dash: string, code: string) => {
    const text = codes[code]?.(time)
    if (text === undefined) return all
    return dash === '' ? text : text.replace(/^0+(?=\d)/, '')
  })
}
