import { escapeMarkup } from 'typegrad/formats'
import { measures, percent, short, shown, whole } from './profile-format.ts'
import { css } from './profile-style.ts'
import type { ColumnPair, ColumnProfile, ProfileNumbers, TopValue } from './profile-types.ts'

/** One page of HTML that needs nothing else. */
export function profilePage(numbers: ProfileNumbers, title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${escapeMarkup(title)}</h1>
${summary(numbers)}
${findings(numbers)}
${target(numbers)}
${drift(numbers)}
<div class="columns">
<h2>Columns</h2>
${numbers.columns.map((column) => card(column, numbers)).join('\n')}
</div>
${pairs(numbers)}
</main>
</body>
</html>
`
}

const facts = (of: readonly (readonly [string, string])[], name: string): string =>
  `<dl class="${name}">${of.map(([term, value]) => `<div><dt>${term}</dt><dd>${escapeMarkup(value)}</dd></div>`).join('')}</dl>`

function summary({ rows, sample, duplicateRows, columns }: ProfileNumbers): string {
  const missing = columns.reduce((sum, column) => sum + column.missing, 0)
  return facts(
    [
      ['Rows', whole(rows)],
      ['Columns', whole(columns.length)],
      ['Missing cells', percent(missing / (rows * columns.length))],
      ['Equal rows', whole(duplicateRows)],
      ...(sample < rows ? [['Rows looked at closer', whole(sample)] as const] : []),
    ],
    'summary',
  )
}

const severities = { error: 'Mend', warning: 'Look', note: 'Note' } as const

const findings = ({ findings: all }: ProfileNumbers): string =>
  all.length === 0
    ? ''
    : `<section>
<h2>Before a model is trained</h2>
<ul class="findings">
${all.map(({ severity, message }) => `<li><b class="${severity}">${severities[severity]}</b><span>${escapeMarkup(message)}</span></li>`).join('\n')}
</ul>
</section>`

/** Values with bars. @param all what a whole bar stands for. */
const barList = (
  values: readonly (readonly [name: string, size: number, said: string])[],
  all: number,
): string =>
  `<div class="bars">${values
    .map(
      ([name, size, said]) =>
        `<span title="${escapeMarkup(name)}">${name === '' ? '<em>empty</em>' : escapeMarkup(name)}</span><i style="--share:${(all > 0 ? size / all : 0).toFixed(4)}"></i><b>${said}</b>`,
    )
    .join('')}</div>`

const topBars = (top: readonly TopValue[], all: number): string =>
  barList(
    top.map(({ value, count }) => [value, count, percent(count / all)]),
    Math.max(...top.map(({ count }) => count)),
  )

function target({ target: of }: ProfileNumbers): string {
  if (of === undefined) return ''
  const known = (of.classes ?? []).reduce((sum, { count }) => sum + count, 0)
  const classes = of.classes === undefined ? '' : topBars(of.classes.slice(0, 12), known)
  const best = of.predictions.slice(0, 12).map(({ column, skill }) => [column, skill, short(skill)] as const)
  return `<section>
<h2>Target: ${escapeMarkup(of.column)}</h2>
${classes}
<p style="margin-top:16px">How well each column alone predicts it, on rows that the rule was not made from: 0 is no better than ${
    of.task === 'regression' ? 'the mean' : 'the most frequent class'
  }, 1 is always right.</p>
${barList(best, 1)}
</section>`
}

function drift({ drift: all }: ProfileNumbers): string {
  if (all === undefined) return ''
  const rows = all.map(
    ({ name, psi, test, statistic, p, missingBefore, missingNow, newCategories }) =>
      `<tr><td>${escapeMarkup(name)}</td><td class="${psi >= 0.25 ? 'warning' : ''}">${short(psi)}</td><td>${
        test === 'chiSquare' ? 'χ²' : 'KS'
      } ${short(statistic)}</td><td>${short(p)}</td><td>${percent(missingBefore)} → ${percent(missingNow)}</td><td class="left">${newCategories
        .map(({ value, count }) => `${escapeMarkup(value)} (${whole(count)})`)
        .join(', ')}</td></tr>`,
  )
  return `<section>
<h2>Against the other table</h2>
<p>PSI is the population stability index: below 0.1 little has changed, above 0.25 much.</p>
<div class="scroll"><table class="list">
<thead><tr><th>Column</th><th>PSI</th><th>Test</th><th>p</th><th>Missing</th><th class="left">New values</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>
</section>`
}

function card(column: ColumnProfile, { rows, sample }: ProfileNumbers): string {
  const { name, type, kind, missing, distinct, mean, std, quantiles, histogram, top, length } = column
  const about: (readonly [string, string])[] = [
    ['Missing', percent(missing / rows)],
    ['Distinct', whole(distinct)],
  ]
  if (kind === 'number') {
    about.push(['Mean', short(mean)], ['Std', short(std)])
    if (quantiles !== undefined) about.push(['Median', short(quantiles[2])])
    if (quantiles !== undefined)
      about.push(['Middle half', `${short(quantiles[1])} – ${short(quantiles[3])}`])
    if ((column.zeros ?? 0) > 0) about.push(['Zeros', percent((column.zeros ?? 0) / rows)])
    if ((column.notFinite ?? 0) > 0) about.push(['Not finite', whole(column.notFinite ?? 0)])
    if ((column.outliers ?? 0) > 0)
      about.push(['Outliers', percent((column.outliers ?? 0) / Math.max(1, sample))])
  }
  if (length !== undefined) about.push(['Length', `${length.min} – ${length.max}`])
  const drawn =
    histogram !== undefined
      ? `<div>${bars(histogram.counts)}<div class="axis"><span>${shown(kind, column.min)}</span><span>${shown(kind, column.max)}</span></div></div>`
      : top === undefined || top.length === 0
        ? ''
        : topBars(top.slice(0, 6), Math.max(1, Math.round(((rows - missing) * sample) / rows)))
  return `<article class="column">
<header><h3>${escapeMarkup(name)}</h3><span class="type">${escapeMarkup(type)}</span></header>
${drawn}
${facts(about, 'facts')}
</article>`
}

/** Bars of one height; what is there at all is seen. */
function bars(counts: readonly number[]): string {
  const most = Math.max(...counts, 1)
  const rects = counts.map((count, i) => {
    const height = count === 0 ? 0 : Math.max(1.5, (count / most) * 90)
    return `<rect x="${i * 10 + 0.5}" y="${(90 - height).toFixed(2)}" width="9" height="${height.toFixed(2)}"><title>${whole(count)}</title></rect>`
  })
  return `<svg viewBox="0 0 ${counts.length * 10} 90" preserveAspectRatio="none" role="img" aria-label="Histogram">${rects.join('')}</svg>`
}

/** So many columns have a place in the matrix. */
const mostInMatrix = 20

function pairs({ pairs: all }: ProfileNumbers): string {
  if (all.length === 0) return ''
  const names = [...new Set(all.flatMap(({ a, b }) => [a, b]))].slice(0, mostInMatrix)
  const found = new Map(
    all.flatMap((pair) => [
      [`${pair.a}\u0000${pair.b}`, pair],
      [`${pair.b}\u0000${pair.a}`, pair],
    ]),
  )
  const cell = (row: string, column: string): string => {
    if (row === column) return '<td class="self"></td>'
    const pair = found.get(`${row}\u0000${column}`)
    if (pair === undefined) return '<td></td>'
    return `<td class="${pair.value < 0 ? 'minus' : 'plus'}" style="--heat:${Math.abs(pair.value).toFixed(3)}" title="${escapeMarkup(`${row} – ${column}: ${measures[pair.measure]} ${short(pair.value)}`)}">${Math.abs(pair.value) >= 0.1 ? hundredths(pair.value) : ''}</td>`
  }
  return `<section>
<h2>How columns hang together</h2>
<p>Numbers with numbers: Pearson's r and Spearman's ρ; categories with categories: Cramér's V; a category with a number: the correlation ratio η. The last column is the mutual information, as a share of the smaller entropy.</p>
<div class="scroll"><table class="matrix">
<thead><tr><th></th>${names.map((name) => `<th title="${escapeMarkup(name)}">${escapeMarkup(clipped(name))}</th>`).join('')}</tr></thead>
<tbody>
${names.map((row) => `<tr><th title="${escapeMarkup(row)}">${escapeMarkup(clipped(row))}</th>${names.map((column) => cell(row, column)).join('')}</tr>`).join('\n')}
</tbody>
</table></div>
<div class="scroll" style="margin-top:16px"><table class="list">
<thead><tr><th>Columns</th><th>Measure</th><th>ρ</th><th>Shared information</th></tr></thead>
<tbody>
${all.slice(0, 15).map(pairRow).join('\n')}
</tbody>
</table></div>
</section>`
}

const clipped = (name: string): string => (name.length <= 18 ? name : `${name.slice(0, 17)}…`)

const hundredths = (value: number): string =>
  value
    .toFixed(2)
    .replace(/^(-?)0/, '$1')
    .replace('-', '−')

const pairRow = ({ a, b, measure, value, spearman, mutualInformation }: ColumnPair): string =>
  `<tr><td>${escapeMarkup(a)} – ${escapeMarkup(b)}</td><td>${measures[measure]} ${short(value)}</td><td>${short(spearman)}</td><td>${percent(mutualInformation)}</td></tr>`
