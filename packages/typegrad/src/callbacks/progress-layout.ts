/** What the progress says, in the order in which it is given up where there is no room: the metrics never are. */
export interface Progress {
  /** `12/422`. */
  readonly count: string
  /** How much is done, from 0 to 1; undefined where the number of steps is not known. */
  readonly share: number | undefined
  /** Time and speed, or what is going on, the most important first. */
  readonly notes: readonly string[]
  /** `loss: 0.3142`, … */
  readonly metrics: readonly string[]
}

const widestBar = 30
const narrowestBar = 5

/**
 * The lines of a progress in so many columns, as one wherever it fits: the bar gets shorter, then it and the notes are
 * left out from the last one on. Metrics that do not fit behind the count go on in lines of their own.
 *
 * @example
 * layOut({ count: '12/40', share: 0.3, notes: ['3s left'], metrics: ['loss: 0.31'] }, 40)
 * // ['12/40 ━━━━━─────────── 3s left loss: 0.31']
 */
export function layOut({ count, share, notes, metrics }: Progress, columns: number): string[] {
  const head = headOf(count, share, notes, metrics, columns)
  if (head !== undefined) return [head]
  const first = headOf(count, share, notes, [], columns) ?? count
  return [...broken(first, columns), ...packed(metrics, columns)]
}

/** One line with as much of bar and notes as fits; undefined if not even the count does. */
function headOf(
  count: string,
  share: number | undefined,
  notes: readonly string[],
  metrics: readonly string[],
  columns: number,
): string | undefined {
  for (let kept = notes.length; kept >= 0; kept--) {
    const behind = [...notes.slice(0, kept), ...metrics]
    const text = [count, ...behind].join(' ')
    if (text.length > columns) continue
    const room = Math.min(widestBar, columns - text.length - 1)
    if (share === undefined || room < narrowestBar) return text
    return [count, barOf(share, room), ...behind].join(' ')
  }
  return undefined
}

/** Whole metrics, as many in a line as fit. */
function packed(metrics: readonly string[], columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const metric of metrics) {
    if (line !== '' && line.length + 1 + metric.length <= columns) {
      line = `${line} ${metric}`
      continue
    }
    if (line !== '') lines.push(...broken(line, columns))
    line = metric
  }
  return line === '' ? lines : [...lines, ...broken(line, columns)]
}

/** A text in pieces of so many columns: no terminal is too narrow to show it all. */
function broken(text: string, columns: number): string[] {
  const width = Math.max(1, columns)
  return Array.from({ length: Math.ceil(text.length / width) }, (_, i) =>
    text.slice(i * width, (i + 1) * width),
  )
}

function barOf(share: number, width: number): string {
  const filled = Math.min(width, Math.round(share * width))
  return '━'.repeat(filled) + '─'.repeat(width - filled)
}
