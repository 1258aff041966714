/** What is drawn: a line with a name, or a level that is the same all along. */
export interface Line {
  readonly name: string
  readonly color: string
  readonly points: readonly (readonly [x: number, loss: number])[]
}

const [width, height, margin] = [640, 360, 48]

/** Losses over steps, or over what the unit says, as SVG. */
export function curveSvg(title: string, lines: readonly Line[], unit = 'steps'): string {
  const points = lines.flatMap((line) => line.points)
  const [last, lowest, highest] = [
    Math.max(...points.map(([x]) => x)),
    Math.floor(Math.min(...points.map(([, loss]) => loss)) * 5) / 5,
    Math.ceil(Math.max(...points.map(([, loss]) => loss)) * 5) / 5,
  ]
  const across = (x: number): string => (margin + (x / last) * (width - 2 * margin)).toFixed(1)
  const y = (loss: number): string =>
    (height - margin - ((loss - lowest) / (highest - lowest)) * (height - 2 * margin)).toFixed(1)
  const label = (at: string, text: string, more = ''): string => `<text ${at} ${more}>${text}</text>`
  const grid = Array.from({ length: 5 }, (_, i) => lowest + ((highest - lowest) * i) / 4).map(
    (loss) =>
      `<line x1="${margin}" x2="${width - margin}" y1="${y(loss)}" y2="${y(loss)}" stroke="#ddd"/>` +
      label(
        `x="${margin - 6}" y="${y(loss)}"`,
        loss.toFixed(2),
        'text-anchor="end" dominant-baseline="middle"',
      ),
  )
  const drawn = lines.map(({ name, color, points: own }, i) => {
    const path = own.map(([x, loss], k) => `${k === 0 ? 'M' : 'L'}${across(x)} ${y(loss)}`).join('')
    const legend = label(
      `x="${width - margin}" y="${margin + 16 * i}"`,
      name,
      `text-anchor="end" fill="${color}"`,
    )
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>${legend}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="white"/>',
    label(`x="${margin}" y="24"`, title, 'font-size="14"'),
    ...grid,
    label(`x="${margin}" y="${height - 16}"`, '0'),
    label(`x="${width - margin}" y="${height - 16}"`, `${Math.round(last)} ${unit}`, 'text-anchor="end"'),
    ...drawn,
    '</svg>',
  ].join('\n')
}

/** Pictures of this size as one. */
export const sideBySide = (pictures: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${pictures.length * width}" height="${height}">`,
    '<title>Curves side by side</title>',
    ...pictures.map((picture, i) => picture.replace('<svg ', `<svg x="${i * width}" `)),
    '</svg>',
  ].join('\n')
