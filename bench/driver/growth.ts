import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Curve } from '../workloads/index.ts'
import { type Machine, processorName, slug } from './machine.ts'
import { benchFolder } from './peers.ts'
import { markdownTable, replaceBetween, time } from './report.ts'
import { type RunOptions, runWorkload, type WorkloadResult } from './run.ts'
import { growthExponent } from './statistics.ts'

interface Point {
  readonly size: number
  readonly result: WorkloadResult
}

export interface MeasuredCurve {
  readonly curve: Omit<Curve, 'points'>
  readonly points: readonly Point[]
}

/** One workload after another along each curve. */
export async function measureGrowth(curves: readonly Curve[], options: RunOptions): Promise<MeasuredCurve[]> {
  const measured: MeasuredCurve[] = []
  for (const { points, ...curve } of curves) {
    options.say(`\n== ${curve.title}`)
    const list: Point[] = []
    for (const [size, workload] of points) list.push({ size, result: await runWorkload(workload, options) })
    measured.push({ curve, points: list })
  }
  return measured
}

/**
 * For every peer a row a curve's point: time, time for the arithmetic, and between two points the exponent with which
 * time grows where the arithmetic grows with 1. Compilation stands apart.
 */
function table({ curve, points }: MeasuredCurve): string {
  const peers = [...new Set(points.flatMap(({ result }) => result.results.map(({ title }) => title)))]
  const rows = peers.flatMap((title) => {
    let before: readonly [number, number] | undefined
    return points.map(({ size, result }) => {
      const found = result.results.find((one) => one.title === title)
      const flops = result.workload.flops ?? 1
      if (found?.timing === undefined)
        return [title, String(size), found?.absent?.split('\n')[0] ?? '', '', '', '']
      const { median } = found.timing
      const exponent = before === undefined ? '' : growthExponent(before, [flops, median]).toFixed(2)
      before = [flops, median]
      const compilation = Math.max(0, (found.compileMs ?? 0) - 5 * median)
      return [
        title,
        String(size),
        time(median),
        `${((flops / median) * 1e-6).toPrecision(3)} GFLOPS`,
        exponent,
        time(compilation),
      ]
    })
  })
  const head = ['', curve.id, 'step', 'speed', 'exponent', 'compilation']
  return `### ${curve.title}\n\n${markdownTable(head, rows)}`
}

export async function writeGrowth(
  machine: Machine,
  curves: readonly MeasuredCurve[],
  dry: boolean,
): Promise<string> {
  const text = curves.map(table).join('\n\n')
  if (dry) return text
  const folder = join(benchFolder, 'results')
  await mkdir(folder, { recursive: true })
  const file = `${slug(machine)}-growth.json`
  await writeFile(join(folder, file), `${JSON.stringify({ machine, curves }, null, 1)}\n`)
  const about =
    `${processorName(machine)}, ${machine.cores} cores, ${machine.date}. An exponent of 1 says that time grows as the ` +
    `arithmetic does, below 1 that a fixed cost is being spread; compilation is what the first five steps took more ` +
    `than five others. All numbers: [results/${file}](results/${file}).`
  await replaceBetween('growth', `${about}\n\n${text}`)
  return text
}
