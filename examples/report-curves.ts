import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { escapeMarkup } from 'typegrad/formats'
import { percent, plural } from './text.ts'

echarts.use([LineChart, GridComponent, LegendComponent, SVGRenderer])

/** A value an epoch for each of `loss`, `val_loss`, … */
export type TrainingHistory = Readonly<Record<string, readonly number[]>>

interface Curve {
  readonly metric: string
  readonly training: readonly number[]
  readonly validation: readonly number[]
}

/** The history's `loss` and `val_loss` (or `valLoss`) belong into one picture, and so on. */
function curvesOf(history: TrainingHistory): Curve[] {
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
/** Four digits that count: `0.1253`, `12,350`. */
const short = (value: number): string =>
  Number.isFinite(value) ? value.toLocaleString('en-US', { maximumSignificantDigits: 4 }) : String(value)
const format = (metric: string, value: number | undefined): string =>
  value === undefined ? '–' : isShare(metric) ? percent(value) : short(value)

/** @param meaning what the figures mean, in a sentence or two. */
export function curves(history: TrainingHistory, meaning?: string): string {
  const all = curvesOf(history)
  const epochs = Math.max(
    0,
    ...all.flatMap(({ training, validation }) => [training.length, validation.length]),
  )
  if (epochs === 0) return ''
  return `<section>
<h2>How it learned</h2>
<div class="charts">${all.map((curve) => figure(curve)).join('\n')}</div>
${meaning === undefined ? '' : `<p class="meaning">${escapeMarkup(meaning)}</p>`}
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
<h3>${escapeMarkup(heading(metric))}</h3>
<div role="img" aria-label="${escapeMarkup(`${heading(metric)} by epoch. ${caption}.`)}">${chart(curve)}</div>
<figcaption>${escapeMarkup(caption)}</figcaption>
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
          isShare(metric) ? `${Number((100 * value).toPrecision(4))}\u00a0%` : short(value),
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
  const head = columns.map(({ name }) => `<th scope="col">${escapeMarkup(name)}</th>`).join('')
  const rows = Array.from({ length: epochs }, (_, i) => {
    const cells = columns.map(({ metric, values }) => `<td>${format(metric, values[i])}</td>`)
    return `<tr><th scope="row">${i + 1}</th>${cells.join('')}</tr>`
  })
  return `<table class="numbers"><thead><tr><th scope="col">Epoch</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}
