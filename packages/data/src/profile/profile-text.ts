import { measures, percent, short, shown, whole } from './profile-format.ts'
import type { ColumnProfile, ProfileNumbers } from './profile-types.ts'

const width = 80

/** Blocks of eight heights. */
const bars = '▁▂▃▄▅▆▇█'

/** The profile in lines of at most 80 characters. */
export function profileText(numbers: ProfileNumbers, title: string): string {
  const { rows, sample, duplicateRows, columns, findings, pairs, target, drift } = numbers
  const lines: string[] = [
    title,
    `${whole(rows)} rows, ${columns.length} columns, ${whole(duplicateRows)} equal rows` +
      (sample < rows ? `, ${whole(sample)} rows looked at closer` : ''),
    '',
  ]
  if (findings.length > 0) {
    lines.push('Findings')
    for (const { severity, message } of findings)
      lines.push(...wrapped(message, { error: '!! ', warning: ' ! ', note: '   ' }[severity]))
    lines.push('')
  }
  lines.push(tableLine(['column', 'type', 'missing', 'distinct', 'distribution']))
  for (const column of columns)
    lines.push(
      tableLine([
        column.name,
        column.type,
        percent(column.missing / rows),
        whole(column.distinct),
        distribution(column),
      ]),
    )
  if (target !== undefined) {
    lines.push('', `Target ${target.column} (${target.task})`)
    for (const { value, count } of target.classes?.slice(0, 10) ?? [])
      lines.push(cut(`  ${value}: ${whole(count)}`, width))
    lines.push('  best single columns:')
    for (const { column, skill } of target.predictions.slice(0, 5))
      lines.push(cut(`  ${short(skill).padStart(7)}  ${column}`, width))
  }
  if (pairs.length > 0) {
    lines.push('', 'Closest pairs')
    for (const { a, b, measure, value, spearman } of pairs.slice(0, 10)) {
      const number = `${measures[measure]} ${short(value)}${spearman === undefined ? '' : `, ρ ${short(spearman)}`}`
      lines.push(cut(`  ${number.padEnd(24)} ${a} – ${b}`, width))
    }
  }
  if (drift !== undefined) {
    lines.push('', 'Against the other table')
    for (const { name, psi, test, statistic, p } of drift.slice(0, 20)) {
      const tested = `${test === 'chiSquare' ? 'χ²' : 'KS'} ${short(statistic)}, p ${short(p)}`
      lines.push(cut(`  PSI ${short(psi).padEnd(8)} ${tested.padEnd(26)} ${name}`, width))
    }
  }
  return lines.join('\n')
}

const widths = [22, 14, 8, 9]

const tableLine = (cells: readonly string[]): string =>
  cut(
    cells
      .map((cell, i) => {
        const wide = widths[i]
        if (wide === undefined) return cell
        return i < 2 ? cut(cell, wide).padEnd(wide) : cell.padStart(wide)
      })
      .join(' '),
    width,
  ).trimEnd()

function distribution(column: ColumnProfile): string {
  const { histogram, top, kind, min, max } = column
  if (histogram !== undefined) return `${shown(kind, min)} ${sparkline(histogram.counts)} ${shown(kind, max)}`
  const [first] = top ?? []
  return first === undefined ? '' : `${first.value} (${whole(first.count)}) …`
}

/** At most ten bars. */
function sparkline(counts: readonly number[]): string {
  const each = Math.ceil(counts.length / 10)
  const merged = Array.from({ length: Math.ceil(counts.length / each) }, (_, i) =>
    counts.slice(i * each, (i + 1) * each).reduce((sum, count) => sum + count, 0),
  )
  const most = Math.max(...merged, 1)
  return merged
    .map((count) => (count === 0 ? ' ' : (bars[Math.min(7, Math.floor((count / most) * 8))] as string)))
    .join('')
}

const cut = (line: string, most: number): string =>
  line.length <= most ? line : `${line.slice(0, most - 1)}…`

/** @param mark before the first line; those that follow stand as far in. */
function wrapped(message: string, mark: string): readonly string[] {
  const lines: string[] = []
  let line = mark
  for (const word of message.split(' ')) {
    const isFirst = line.trim() === mark.trim() && line.length === mark.length
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line)
      line = `${' '.repeat(mark.length)}${word}`
    } else line = isFirst ? `${line}${word}` : `${line} ${word}`
  }
  return [...lines, line].map((each) => cut(each, width))
}
