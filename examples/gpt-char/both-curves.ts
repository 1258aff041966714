// The curves of two trainings of the same recipe in one picture: over steps, where they should meet, and over the time that they took.
//
//   npx tsx examples/gpt-char/both-curves.ts runs/gpt-char-large
//
// The folder has curve.json (by examples/gpt-char.ts) and nanogpt.json (by bench/programs/nanogpt_curve.py); both-curves.svg comes
// beside them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programOptions } from '../options.ts'
import { table } from '../table.ts'
import { grouped } from '../text.ts'
import { curveSvg, sideBySide } from './curve.ts'
import { type CurveFile, readCurve } from './curve-file.ts'

const folder = programOptions({ folder: '' }, 'folder').folder || 'runs/gpt-char-large'
const curves = await Promise.all(
  ['curve.json', 'nanogpt.json'].map((file) => readCurve(join(folder, file))),
).catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
const colors = ['#048', '#a40']
const lines = (x: (point: CurveFile['points'][number]) => number) =>
  curves.map(({ program, points }, i) => ({
    name: program,
    color: colors[i] as string,
    points: points.map((point) => [x(point), point.loss] as const),
  }))
const title = 'Shakespeare, held out: nats a character'
const picture = sideBySide([
  curveSvg(
    title,
    lines(({ step }) => step),
  ),
  curveSvg(
    title,
    lines(({ seconds }) => seconds / 60),
    'minutes',
  ),
])
const file = join(folder, 'both-curves.svg')
await writeFile(file, picture)
const rows = curves.map(({ program, parameters, points }) => {
  const last = points.at(-1)
  return [
    program,
    grouped(parameters),
    String(last?.step ?? 0),
    (last?.loss ?? Number.NaN).toFixed(4),
    `${((last?.seconds ?? 0) / 60).toFixed(1)} min`,
    `${((last?.cpuSeconds ?? 0) / (last?.step ?? 1)).toFixed(2)} s`,
  ]
})
console.log(table(['', 'numbers', 'steps', 'held out', 'time', 'CPU a step'], rows))
console.log(`\nThe picture is in ${file}.`)
