import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { encode } from 'fast-png'

echarts.use([LineChart, GridComponent, LegendComponent, SVGRenderer])

export interface Mistake {
  /** Row-major grey values: 0 to 255 in a Uint8Array; in a Float32Array scaled from their minimum to their maximum. */
  readonly image: Uint8Array | Float32Array
  readonly width: number
  readonly height: number
  /** The true class and the guessed one: indices into `classes`. */
  readonly label: number
  readonly guess: number
  /** The probability that the network gave its guess, 0 to 1. */
  readonly confidence: number
}

export interface Report {
  readonly title: string
  /** What stands at the top, such as `['Test accuracy', '98.9 %']`. */
  readonly summary: readonly (readonly [label: string, value: string])[]
  /** What `fit` returns: a value an epoch for each of `loss`, `val_loss`, `accuracy`, `val_accuracy`, … */
  readonly history: Readonly<Record<string, readonly number[]>>
  /** `confusion[label][guess]`: how often. */
  readonly confusion: readonly (readonly number[])[]
  readonly classes: readonly string[]
  readonly mistakes: readonly Mistake[]
}

/** So many mistakes are shown, the most confident first. */
const shownMistakes = 240

/**
 * Writes one HTML file with all that is worth seeing of a training run. It needs nothing else: no network, no
 * script, no other file.
 */
export async function writeReport(file: string, report: Report): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, page(report))
}

function page({ title, summary, history, confusion, classes, mistakes }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${summaryList(summary)}
${curves(history)}
${confusionTable(confusion, classes)}
${mistakeGallery(mistakes, classes)}
</main>
</body>
</html>
`
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => escapes[character] ?? character)

function summaryList(summary: Report['summary']): string {
  const items = summary.map(
    ([label, value]) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  )
  return items.length === 0 ? '' : `<dl class="summary">${items.join('')}</dl>`
}

// ---------------------------------------------------------------------------------------------------------
// Curves

interface Curve {
  readonly metric: string
  readonly training: readonly number[]
  readonly validation: readonly number[]
}

/** The history's `loss` and `val_loss` (or `valLoss`) belong into one picture, and so on. */
function curvesOf(history: Report['history']): Curve[] {
  const byMetric = new Map<string, { training: readonly number[]; validation: readonly number[] }>()
  for (const [key, values] of Object.entries(history)) {
    const name = key.replace(/^val(?:_|(?=[A-Z]))/, '')
    const metric = name === key ? key : name.charAt(0).toLowerCase() + name.slice(1)
    const curve = byMetric.get(metric) ?? { training: [], validation: [] }
    byMetric.set(metric, { ...curve, [name === key ? 'training' : 'validation']: values })
  }
  return [...byMetric].map(([metric, curve]) => ({ metric, ...curve }))
}

/** `sparseCategoricalAccuracy` and `sparse_categorical_accuracy` → `Sparse categorical accuracy`. */
function heading(metric: string): string {
  const words = metric
    .replace(/_/g, ' ')
    .replace(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const isShare = (metric: string): boolean => /accuracy|precision|recall/i.test(metric)
const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)}\u00a0%`
const format = (metric: string, value: number | undefined): string =>
  value === undefined ? '–' : isShare(metric) ? percent(value) : Number(value.toPrecision(4)).toString()

function curves(history: Report['history']): string {
  const all = curvesOf(history)
  const epochs = Math.max(
    0,
    ...all.flatMap(({ training, validation }) => [training.length, validation.length]),
  )
  if (epochs === 0) return ''
  return `<section>
<h2>How it learned</h2>
<div class="charts">${all.map((curve) => figure(curve)).join('\n')}</div>
<details><summary>All numbers</summary><div class="scroll">${historyTable(all, epochs)}</div></details>
</section>`
}

function figure(curve: Curve): string {
  const { metric, training, validation } = curve
  const parts = [
    training.length > 0 && `training ${format(metric, training.at(-1))}`,
    validation.length > 0 && `validation ${format(metric, validation.at(-1))}`,
  ]
  const caption = `After ${plural(Math.max(training.length, validation.length), 'epoch')}: ${parts.filter(Boolean).join(', ')}`
  return `<figure>
<h3>${escapeHtml(heading(metric))}</h3>
<div role="img" aria-label="${escapeHtml(`${heading(metric)} by epoch. ${caption}.`)}">${chart(curve)}</div>
<figcaption>${escapeHtml(caption)}</figcaption>
</figure>`
}

// The colours are CSS variables, so that one picture serves light and dark.
function chart({ metric, training, validation }: Curve): string {
  const view = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 400, height: 250 })
  const epochs = Math.max(training.length, validation.length)
  const text = { color: 'var(--soft)', fontFamily: 'inherit', fontSize: 12 }
  const line = (name: string, values: readonly number[], color: string, type: 'solid' | 'dashed') => ({
    name,
    type: 'line' as const,
    data: values.map((value) => (Number.isFinite(value) ? value : '-')),
    lineStyle: { color, width: 2.5, type },
    itemStyle: { color },
    symbol: 'circle',
    symbolSize: 6,
    showSymbol: epochs <= 30,
  })
  view.setOption({
    animation: false,
    grid: { left: 8, right: 16, top: 40, bottom: 8, outerBoundsMode: 'same' },
    legend: {
      top: 0,
      left: 0,
      icon: 'roundRect',
      itemWidth: 18,
      itemHeight: 4,
      itemGap: 28,
      textStyle: text,
    },
    xAxis: {
      type: 'category',
      data: Array.from({ length: epochs }, (_, i) => String(i + 1)),
      boundaryGap: epochs === 1,
      name: 'epoch',
      nameLocation: 'middle',
      nameTextStyle: text,
      axisLabel: text,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: 'var(--line)' } },
    },
    yAxis: {
      type: 'value',
      scale: true,
      splitNumber: 4,
      axisLabel: {
        ...text,
        formatter: (value: number) =>
          isShare(metric)
            ? `${Number((100 * value).toPrecision(4))}\u00a0%`
            : String(Number(value.toPrecision(4))),
      },
      splitLine: { lineStyle: { color: 'var(--line)' } },
    },
    series: [
      ...(training.length > 0 ? [line('training', training, 'var(--blue)', 'solid')] : []),
      ...(validation.length > 0 ? [line('validation', validation, 'var(--orange)', 'dashed')] : []),
    ],
  })
  const svg = view.renderToSVGString({ useViewBox: true })
  view.dispose()
  return svg
}

function historyTable(all: readonly Curve[], epochs: number): string {
  const columns = all.flatMap(({ metric, training, validation }) => [
    ...(training.length > 0 ? [{ metric, name: heading(metric), values: training }] : []),
    ...(validation.length > 0
      ? [{ metric, name: `Validation ${heading(metric).toLowerCase()}`, values: validation }]
      : []),
  ])
  const head = columns.map(({ name }) => `<th scope="col">${escapeHtml(name)}</th>`).join('')
  const rows = Array.from({ length: epochs }, (_, i) => {
    const cells = columns.map(({ metric, values }) => `<td>${format(metric, values[i])}</td>`)
    return `<tr><th scope="row">${i + 1}</th>${cells.join('')}</tr>`
  })
  return `<table class="numbers"><thead><tr><th scope="col">Epoch</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

// ---------------------------------------------------------------------------------------------------------
// Confusion

function confusionTable(confusion: Report['confusion'], classes: readonly string[]): string {
  if (confusion.length === 0) return ''
  const mistakes = confusion.flatMap((row, label) => row.filter((_, guess) => guess !== label))
  const mostMistakes = Math.max(1, ...mistakes)
  const name = (index: number): string => classes[index] ?? String(index)
  const head = confusion.map((_, guess) => `<th scope="col">${escapeHtml(name(guess))}</th>`).join('')
  const rows = confusion.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    const cells = row.map((count, guess) => {
      const right = guess === label
      const heat = right ? count / Math.max(1, total) : Math.sqrt(count / mostMistakes)
      const kind = count === 0 ? 'none' : right ? 'right' : 'wrong'
      return `<td class="${kind}" style="--heat:${heat.toFixed(3)}">${count}</td>`
    })
    const share = total === 0 ? '–' : percent((row[label] ?? 0) / total, 1)
    return `<tr><th scope="row">${escapeHtml(name(label))}</th>${cells.join('')}<td class="share">${share}</td></tr>`
  })
  return `<section>
<h2>What it takes for what</h2>
<p>A row for each true class, a column for each guess. <span class="key right">Blue</span> guesses are right;
<span class="key wrong">orange</span> ones are wrong, the stronger the more often.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix"><table class="confusion">
<thead><tr><th scope="col"><span class="corner">true ↓ guess →</span></th>${head}<th scope="col">right</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
</section>`
}

// ---------------------------------------------------------------------------------------------------------
// Mistakes

function mistakeGallery(mistakes: Report['mistakes'], classes: readonly string[]): string {
  if (mistakes.length === 0) return '<section><h2>What it got wrong</h2><p>Nothing.</p></section>'
  const sorted = [...mistakes].sort((a, b) => b.confidence - a.confidence)
  const shown = sorted.slice(0, shownMistakes)
  const count =
    shown.length < sorted.length
      ? `The ${shown.length} surest of ${sorted.length} mistakes`
      : plural(sorted.length, 'mistake')
  return `<section>
<h2>What it got wrong</h2>
<p>${count}, the surest first: what it is <span aria-hidden="true">→</span><span class="hidden">and</span> what the network took it for, and how sure it was.</p>
<ul class="mistakes">${shown.map((mistake) => card(mistake, classes)).join('\n')}</ul>
</section>`
}

function card({ label, guess, confidence, ...image }: Mistake, classes: readonly string[]): string {
  const [truth, guessed] = [label, guess].map((index) => escapeHtml(classes[index] ?? String(index)))
  const sure = percent(confidence, 0)
  return `<li><img src="${pngUrl(image)}" width="${image.width}" height="${image.height}" alt="Image of ${truth}, taken for ${guessed} with ${sure} confidence">
<div aria-hidden="true"><b>${truth}</b> → <b class="guess">${guessed}</b> <small>${sure}</small></div></li>`
}

function pngUrl({ image, width, height }: Pick<Mistake, 'image' | 'width' | 'height'>): string {
  const data = image instanceof Uint8Array ? image : greyOf(image)
  const png = encode({ width, height, data, depth: 8, channels: 1 })
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

function greyOf(image: Float32Array): Uint8Array {
  const low = image.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = image.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return Uint8Array.from(image, (value) => Math.round((255 * (value - low)) / (high - low || 1)))
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

// ---------------------------------------------------------------------------------------------------------

const css = `
:root {
  --paper: #f6f7f9; --card: #fff; --ink: #16191d; --soft: #5a6270; --line: #dfe3e8;
  --blue: #1f5fbf; --orange: #b3480a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101317; --card: #191d23; --ink: #e9ecf0; --soft: #a1a9b5; --line: #2d333b;
    --blue: #7eb0ff; --orange: #ff9d5c;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 20px; text-wrap: balance }
h2 { font-size: 20px; margin: 0 0 8px }
h3 { font-size: 15px; margin: 0 0 8px }
p { margin: 0 0 16px; color: var(--soft); max-width: 85ch }
section, .summary > div { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
section { padding: 20px; margin-top: 20px }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 }
.summary > div { padding: 12px 16px }
dt { color: var(--soft); font-size: 13px }
dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr)); gap: 24px }
figure { margin: 8px 0 0 }
figure svg { display: block; width: 100%; height: auto }
figcaption, summary { color: var(--soft); font-size: 14px; margin-top: 8px }
summary { cursor: pointer; margin-top: 16px }
.scroll { overflow-x: auto }
table { border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums; font-size: 14px }
.numbers { margin-top: 8px }
.numbers th, .numbers td { text-align: right; padding: 2px 12px 2px 0; font-weight: 400 }
.numbers thead th { color: var(--soft) }
.confusion { width: 100% }
.confusion th { font-weight: 600; padding: 4px 6px; white-space: nowrap }
.confusion tbody th { text-align: right; padding-right: 14px }
.confusion td { text-align: center; padding: 7px 4px; min-width: 40px; border-radius: 6px }
.confusion tbody th { position: sticky; left: 0; background: var(--card) }
.corner, .share, .confusion thead th:last-child { color: var(--soft); font-weight: 400; font-size: 13px; white-space: nowrap }
.right, .wrong { background: color-mix(in srgb, var(--color) calc(8% + var(--heat, 1) * 38%), var(--card)); color: var(--ink) }
.right { --color: var(--blue) }
.wrong { --color: var(--orange) }
.none { color: var(--soft) }
.key { padding: 1px 8px; border-radius: 6px }
.mistakes { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)) }
.mistakes li { text-align: center; font-size: 15px; line-height: 1.3 }
.mistakes img { width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; border-radius: 6px; filter: invert(1);
  margin-bottom: 4px; display: block; outline: 1px solid #fff3; outline-offset: -1px }
.mistakes small { color: var(--soft); display: block; font-size: 13px }
.guess { color: var(--orange) }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media (prefers-color-scheme: dark) { .mistakes img { filter: none } }
@media (max-width: 600px) {
  main { padding: 20px 12px 40px }
  section { padding: 16px 12px }
  h1 { font-size: 24px }
  .summary { grid-template-columns: 1fr 1fr }
  .confusion { font-size: 11px; border-spacing: 1px }
  .confusion th { padding: 4px 2px }
  .confusion tbody th { padding-right: 6px }
  .confusion td { padding: 7px 1px; min-width: 0; border-radius: 4px }
  .corner, .confusion .share, .confusion thead th:last-child { display: none }
  .mistakes { grid-template-columns: repeat(auto-fill, minmax(72px, 1fr)) }
}
@media print { section { break-inside: avoid } }
`
