import type { CalibrationBin, ColumnDependence, ColumnImportance, Point } from '../judging/judgement.ts'
import { escaped, short } from './text.ts'

/** A chart's size in its own units, and what is left free for what stands beside it. */
const [width, height] = [340, 250]
const margin = { left: 48, right: 12, top: 10, bottom: 40 }

interface Axes {
  readonly x: readonly [low: number, high: number]
  readonly y: readonly [low: number, high: number]
}

interface Scale {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

const fixed = (value: number): string => value.toFixed(1)

/** Round numbers from the low end to the high one, four or so. */
export function ticksOf([low, high]: readonly [number, number]): number[] {
  const rough = (high - low) / 4
  if (!(rough > 0)) return [low]
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((one) => one * unit >= rough) ?? 10) * unit
  const first = Math.ceil(low / step - 1e-9)
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step)
}

/** A chart with its axes. @param draw what stands in it, by its scale. */
function chart(
  [title, x, y]: readonly [title: string, x: string, y: string],
  axes: Axes,
  draw: (scale: Scale) => string,
  { hasMarks = true }: { readonly hasMarks?: boolean } = {},
): string {
  const scale: Scale = {
    x: (value) =>
      margin.left +
      ((value - axes.x[0]) / (axes.x[1] - axes.x[0] || 1)) * (width - margin.left - margin.right),
    y: (value) =>
      height -
      margin.bottom -
      ((value - axes.y[0]) / (axes.y[1] - axes.y[0] || 1)) * (height - margin.top - margin.bottom),
  }
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom]
  const lines = ticksOf(axes.y).map(
    (tick) =>
      `<line class="grid" x1="${left}" x2="${right}" y1="${fixed(scale.y(tick))}" y2="${fixed(scale.y(tick))}"/><text x="${left - 6}" y="${fixed(scale.y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
  )
  const marks = (hasMarks ? ticksOf(axes.x) : []).map(
    (tick) =>
      `<text x="${fixed(scale.x(tick))}" y="${bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
  )
  return `<figure><figcaption>${escaped(title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
${lines.join('')}${marks.join('')}
<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
<text class="label" x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">${escaped(x)}</text>
<text class="label" transform="translate(11 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>
${draw(scale)}
</svg></figure>`
}

const path = (points: readonly Point[], { x, y }: Scale): string =>
  points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${fixed(x(a))} ${fixed(y(b))}`).join('')

const unit: Axes = { x: [0, 1], y: [0, 1] }

type Titles = readonly [title: string, x: string, y: string]

/** A curve in the unit square, with a line for chance. */
export const curve = (titles: Titles, points: readonly Point[], chance: readonly Point[]): string =>
  chart(
    titles,
    unit,
    (scale) =>
      `<path class="chance" d="${path(chance, scale)}"/><path class="line" d="${path(points, scale)}"/>`,
  )

const rangeOf = (values: readonly number[]): readonly [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const space = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1
  return [low - space, high + space]
}

/** What was predicted and what there was, by parts of the rows. */
export function calibrationChart(titles: Titles, bins: readonly CalibrationBin[], isShare: boolean): string {
  const range = rangeOf(bins.flatMap(({ predicted, observed }) => [predicted, observed]))
  const axes = isShare ? unit : { x: range, y: range }
  return chart(titles, axes, (scale) => {
    const chance: Point[] = [
      [axes.x[0], axes.x[0]],
      [axes.x[1], axes.x[1]],
    ]
    const points = bins.map(({ predicted, observed }): Point => [predicted, observed])
    return `<path class="chance" d="${path(chance, scale)}"/><path class="line" d="${path(points, scale)}"/>${bins
      .map(
        ({ predicted, observed, rows }) =>
          `<circle class="dot" cx="${fixed(scale.x(predicted))}" cy="${fixed(scale.y(observed))}" r="4"><title>${short(predicted)} → ${short(observed)} (${rows})</title></circle>`,
      )
      .join('')}`
  })
}

/** A cloud of points around the line where both are the same. */
export function pairsChart(titles: Titles, pairs: readonly Point[]): string {
  const range = rangeOf(pairs.flat())
  return chart(titles, { x: range, y: range }, (scale) => {
    const same: Point[] = [
      [range[0], range[0]],
      [range[1], range[1]],
    ]
    return `<path class="chance" d="${path(same, scale)}"/>${pairs
      .map(([a, b]) => `<circle class="point" cx="${fixed(scale.x(a))}" cy="${fixed(scale.y(b))}" r="2.6"/>`)
      .join('')}`
  })
}

/** The mean prediction over the values of a column: lines of numbers, bars of categories. */
export function dependenceChart(
  { column, kind, points }: ColumnDependence,
  output: number,
  y: readonly [number, number],
): string {
  const means = points.map(({ means }) => means[output] as number)
  if (kind === 'category')
    return chart(
      [column, '', ''],
      { x: [0, points.length], y },
      (scale) =>
        points
          .map(({ value }, i) => mark(String(value), means[i] as number, i, points.length, scale))
          .join(''),
      { hasMarks: false },
    )
  const values = points.map(({ value }) => value as number)
  const shown = kind === 'date' ? values.map((value) => 1970 + value / 31_556_952_000) : values
  return chart(
    [column, '', ''],
    { x: [shown[0] as number, shown.at(-1) as number], y },
    (scale) =>
      `<path class="line" d="${path(
        means.map((mean, i): Point => [shown[i] as number, mean]),
        scale,
      )}"/>${means
        .map(
          (mean, i) =>
            `<circle class="dot" cx="${fixed(scale.x(shown[i] as number))}" cy="${fixed(scale.y(mean))}" r="3"/>`,
        )
        .join('')}`,
  )
}

/** A category's mean as a mark, as axes do not begin at 0; where there are many, every other name stands lower. */
function mark(name: string, mean: number, i: number, count: number, scale: Scale): string {
  const [left, right, middle] = [scale.x(i + 0.15), scale.x(i + 0.85), scale.x(i + 0.5)]
  const letters = Math.max(4, Math.floor(90 / count))
  const said = name.length > letters ? `${name.slice(0, letters - 1)}…` : name
  const under = height - margin.bottom + (count > 4 && i % 2 === 1 ? 28 : 15)
  const y = fixed(scale.y(mean))
  return `<g><title>${escaped(name)}: ${short(mean)}</title><path class="line" d="M${fixed(left)} ${y}H${fixed(right)}"/><circle class="dot" cx="${fixed(middle)}" cy="${y}" r="4"/></g><text x="${fixed(middle)}" y="${under}" text-anchor="middle">${escaped(said)}</text>`
}

/** The range of what several columns' dependence shows, so that they can be compared. */
export const dependenceRange = (
  all: readonly ColumnDependence[],
  output: number,
): readonly [number, number] =>
  rangeOf(all.flatMap(({ points }) => points.map(({ means }) => means[output] as number)))

/** A row of a list with a dot and its interval. */
export interface IntervalRow {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly isOwn: boolean
}

/** Names with dots and intervals, below each other; rows are HTML, so that names wrap. */
export function intervals(rows: readonly IntervalRow[]): string {
  const [low, high] = rangeOf(rows.flatMap((row) => [row.low, row.high, row.value]).filter(Number.isFinite))
  const at = (value: number): string => `${((100 * (value - low)) / (high - low)).toFixed(2)}%`
  return `<div class="intervals">${rows
    .map(
      ({ name, value, low: from, high: to, isOwn }) =>
        `<span${isOwn ? ' class="own"' : ''}>${escaped(name)}</span><i${isOwn ? ' class="own"' : ''}><u style="left:${at(from)};right:calc(100% - ${at(to)})"></u><b style="left:${at(value)}"></b></i><em>${short(value)}</em>`,
    )
    .join('')}</div>`
}

/** Importance of columns as bars, with the range of the draws. */
export function importanceBars(all: readonly ColumnImportance[]): string {
  const most = Math.max(...all.map(({ high }) => high), 1e-12)
  const at = (value: number): string => `${((100 * Math.max(0, value)) / most).toFixed(2)}%`
  return `<div class="importance">${all
    .map(
      ({ column, rise, low, high }) =>
        `<span title="${escaped(column)}">${escaped(column)}</span><i><s style="width:${at(rise)}"></s><u style="left:${at(low)};right:calc(100% - ${at(high)})"></u></i><em>${short(Number(rise.toPrecision(3)))}</em>`,
    )
    .join('')}</div>`
}
