// What a terminal shows, and a picture of it.

import { escapeMarkup } from 'typegrad/formats'

const controlOrLetter = /␛\[\??(\d*)([A-Za-z])|[\s\S]/g

/**
 * The lines that stand on a terminal after a text with the control sequences that the progress bar writes: carriage
 * return, line feed, cursor up (`ESC [ n A`), clear to the end of the line (`ESC [ K`) and below (`ESC [ J`). Other
 * sequences are left out.
 */
export function screenOf(written: string): string[] {
  const lines: string[][] = [[]]
  let [row, column] = [0, 0]
  for (const [token, count, control] of written.replaceAll('\x1b', '␛').matchAll(controlOrLetter)) {
    const line = lines[row] ?? []
    lines[row] = line
    if (control === 'A') row = Math.max(0, row - Number(count || 1))
    else if (control === 'K') line.length = Math.min(line.length, column)
    else if (control === 'J') {
      line.length = Math.min(line.length, column)
      lines.length = row + 1
    } else if (control !== undefined) continue
    else if (token === '\r') column = 0
    else if (token === '\n') row += 1
    else {
      while (line.length < column) line.push(' ')
      line[column++] = token
    }
  }
  return Array.from(lines, (line) => (line ?? []).join('').trimEnd())
}

/** A terminal window as SVG. Each line is stretched to the width of its letters, so that fonts of other widths align. */
export function terminalSvg(lines: readonly string[], columns: number): string {
  const [letter, lineHeight, margin, bar] = [8.4, 18, 16, 28]
  const width = Math.ceil(columns * letter + 2 * margin)
  const height = lines.length * lineHeight + 2 * margin + bar - 6
  const rows = lines.flatMap((line, i) => {
    const text = line.trimStart()
    if (text === '') return []
    const x = margin + (line.length - text.length) * letter
    const y = bar + margin + i * lineHeight + 10
    return `<text x="${x.toFixed(1)}" y="${y}" textLength="${(text.length * letter).toFixed(1)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${escapeMarkup(text)}</text>`
  })
  const buttons = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, i) => `<circle cx="${margin + 4 + i * 18}" cy="${bar / 2 + 2}" r="5.5" fill="${colour}"/>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeMarkup(lines[0] ?? '')}</title>
<rect width="${width}" height="${height}" rx="8" fill="#16191d"/>
${buttons.join('')}
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="14" fill="#e9ecf0">
${rows.join('\n')}
</g>
</svg>
`
}
