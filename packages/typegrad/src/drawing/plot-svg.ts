import { escapeMarkup } from '../formats/markup.ts'
import type { Family, PlotBox, PlotLine } from './plot-boxes.ts'

/** A box with its place: the middle, as the layout gives it. */
export interface PlacedBox extends PlotBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Point {
  readonly x: number
  readonly y: number
}

export interface Placed {
  readonly width: number
  readonly height: number
  readonly boxes: readonly PlacedBox[]
  /** Each arrow's corners. */
  readonly edges: readonly (readonly Point[])[]
}

/** Fill and line of each family: light, with letters that stay readable on them. */
const colours: Readonly<Record<Family, readonly [fill: string, line: string]>> = {
  input: ['#eef2f7', '#64748b'],
  convolution: ['#e3effd', '#2f6fc4'],
  pooling: ['#e0f4f3', '#198583'],
  recurrent: ['#f0e9fb', '#7a4fc0'],
  attention: ['#fbe7f3', '#b93a86'],
  normalization: ['#e8f5e4', '#4a8a2e'],
  regularization: ['#fdeceb', '#c4483f'],
  merging: ['#fdf3d7', '#a87a0b'],
  activation: ['#fdeadb', '#c2671b'],
  core: ['#e6ebfd', '#4458c7'],
  model: ['#f6f7f9', '#8a94a6'],
  other: ['#f3f4f6', '#6b7280'],
}

const fonts = {
  title: { size: 14, weight: 600, family: 'sans', colour: '#1f2937', letter: 0.6 },
  name: { size: 12, weight: 400, family: 'sans', colour: '#4b5563', letter: 0.56 },
  note: { size: 11, weight: 400, family: 'sans', colour: '#6b7280', letter: 0.56 },
  shape: { size: 11, weight: 400, family: 'mono', colour: '#374151', letter: 0.61 },
} as const
const families = {
  sans: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif',
  mono: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
} as const

const padding = { x: 16, y: 10 }
const lineHeight = 1.4
/** Room for the heading of a box around others. */
export const headingHeight = 26

/** How large a box is for its lines. Widths are estimates: letters cannot be measured without a screen. */
export function sizeOfBox(lines: readonly PlotLine[]): { readonly width: number; readonly height: number } {
  const widths = lines.map(({ text, style }) => text.length * fonts[style].size * fonts[style].letter)
  const heights = lines.map(({ style }) => fonts[style].size * lineHeight)
  return {
    width: Math.ceil(Math.max(90, ...widths) + 2 * padding.x),
    height: Math.ceil(heights.reduce((a, b) => a + b, 0) + 2 * padding.y),
  }
}

/** The picture of boxes and arrows in their places, as an SVG document. */
export function plotSvg({ width, height, boxes, edges }: Placed, title: string, scale: number): string {
  const groups = boxes.filter(({ isGroup }) => isGroup)
  const layers = boxes.filter(({ isGroup }) => !isGroup)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${rounded(width * scale)}" height="${rounded(height * scale)}" viewBox="0 0 ${rounded(width)} ${rounded(height)}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 1 L9 5 L0 9 z" fill="#7b8494"/></marker></defs>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...groups.map(drawGroup),
    ...edges.map(drawEdge),
    ...groups.map(drawHeading),
    ...layers.map(drawBox),
    '</svg>',
    '',
  ].join('\n')
}

function frame({ x, y, width, height, family }: PlacedBox, attributes: string): string {
  const [fill, line] = colours[family]
  return `<rect x="${rounded(x - width / 2)}" y="${rounded(y - height / 2)}" width="${rounded(width)}" height="${rounded(height)}" rx="8" fill="${fill}" stroke="${line}" ${attributes}/>`
}

function drawBox(box: PlacedBox): string {
  let y = box.y - box.height / 2 + padding.y
  const lines = box.lines.map((line) => {
    const { size } = fonts[line.style]
    y += size * lineHeight
    // Letters stand on their line, with a quarter of their size below it.
    return write(line, box.x, y - size * 0.35, 'middle')
  })
  return [`<g>`, frame(box, 'stroke-width="1.25"'), ...lines, '</g>'].join('')
}

const drawGroup = (box: PlacedBox): string =>
  frame(box, 'stroke-width="1.25" stroke-dasharray="5 4" fill-opacity="0.6"')

/** Above the arrows, with a light edge around the letters where one passes. */
function drawHeading({ lines, x, y, width, height }: PlacedBox): string {
  const text = lines.map((line) => line.text).join(' · ')
  const heading = write({ text, style: 'name' }, x - width / 2 + 12, y - height / 2 + 18, 'start')
  return `<g paint-order="stroke" stroke="#fafafa" stroke-width="5" stroke-linejoin="round">${heading}</g>`
}

function write({ text, style }: PlotLine, x: number, y: number, anchor: 'middle' | 'start'): string {
  const { size, weight, family, colour } = fonts[style]
  return `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}" font-family='${families[family]}' font-size="${size}" font-weight="${weight}" fill="${colour}">${escapeMarkup(text)}</text>`
}

/** A line through the corners, rounded: from middle to middle of its pieces, bent at the corners. */
function drawEdge(points: readonly Point[]): string {
  const at = ({ x, y }: Point) => `${rounded(x)} ${rounded(y)}`
  const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
  const [first, ...rest] = points as [Point, ...Point[]]
  const bends = rest.slice(0, -1).map((corner, i) => {
    const end = between(corner, rest[i + 1] as Point)
    return `Q${at(corner)} ${at(end)}`
  })
  const path = `M${at(first)} ${bends.join(' ')} L${at(rest.at(-1) ?? first)}`
  return `<path d="${path}" fill="none" stroke="#7b8494" stroke-width="1.4" marker-end="url(#arrow)"/>`
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100)
