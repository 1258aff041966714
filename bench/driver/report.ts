import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Machine, processorName, slug } from './machine.ts'
import { benchFolder } from './peers.ts'
import { type PeerResult, tolerance, type WorkloadResult } from './run.ts'

/** What a table says of one workload. */
interface Row {
  readonly title: string
  readonly ours: string
  readonly share: string
  readonly best: string
  readonly ratio: string
  readonly target: string
  readonly memory: string
  readonly others: string
}

const ours = 'typegrad'

/** Floating-point operations a millisecond of the plain product: the faster of typegrad's and onnxruntime-node's. */
export function machineSpeed(results: readonly WorkloadResult[]): number | undefined {
  const product = results.find(({ workload }) => workload.id === 'matmul')
  const medians = (product?.results ?? [])
    .filter(({ peer }) => peer === ours || peer === 'onnxruntime')
    .flatMap(({ timing }) => timing?.median ?? [])
  const { flops } = product?.workload ?? {}
  return medians.length === 0 || flops === undefined ? undefined : flops / Math.min(...medians)
}

/** What could not be compared differs without end, which JSON keeps as null. */
const differenceOf = ({ difference }: PeerResult): number =>
  difference === undefined ? 0 : ((difference as number | null) ?? Number.POSITIVE_INFINITY)

const agrees = (result: PeerResult): boolean => differenceOf(result) <= tolerance

/** Why there is no ratio. */
const disagreement = (result: PeerResult): string =>
  Number.isFinite(differenceOf(result))
    ? `losses differ by ${differenceOf(result).toPrecision(2)}: no ratio`
    : 'nothing of it was compared: no ratio'

const ownOf = (results: readonly PeerResult[]): PeerResult | undefined =>
  results.find(({ peer }) => peer === ours)

/** Our time and memory as shares of another row's, with what is aimed at: `of tune-gpt2-full: time 0.70 (≤ 0.75)`. */
function shares({ workload, results }: WorkloadResult, all: readonly WorkloadResult[]): string[] {
  const { beside } = workload
  if (beside === undefined) return []
  const [own, other] = [
    ownOf(results),
    ownOf(all.find((one) => one.workload.id === beside.id)?.results ?? []),
  ]
  const share = (name: string, a?: number, b?: number, aim?: number): string[] =>
    a === undefined || b === undefined || aim === undefined
      ? []
      : [`${name} ${(a / b).toFixed(2)} (≤ ${aim})`]
  const parts = [
    ...share('time', own?.timing?.median, other?.timing?.median, beside.time),
    ...share('memory', own?.peak, other?.peak, beside.memory),
  ]
  return parts.length === 0 ? [] : [`of ${beside.id}: ${parts.join(', ')}`]
}

function row(result: WorkloadResult, all: readonly WorkloadResult[]): Row {
  const { workload, results, interleaved, speed } = result
  const own = ownOf(results)
  const others = results.filter(({ peer, timing }) => peer !== ours && timing !== undefined)
  const [best] = others.filter(agrees).sort((a, b) => median(a) - median(b))
  const ownMedian = own?.timing?.median
  const ratio = ownMedian !== undefined && best !== undefined ? ownMedian / median(best) : undefined
  const { flops, target, samples } = workload
  return {
    title: `${workload.title}${interleaved ? '' : ' (one after another)'}`,
    ours:
      own?.timing === undefined
        ? (own?.absent?.split('\n')[0] ?? 'not measured')
        : `${time(own.timing.median)} ± ${time(own.timing.spread)}${samples === undefined || samples === 1 ? '' : `, ${perSecond(samples, own.timing.median)}`}`,
    share:
      flops === undefined || speed === undefined || ownMedian === undefined
        ? ''
        : `${((flops / ownMedian / speed) * 100).toFixed(0)} %`,
    best: best === undefined ? 'none' : `${best.title}: ${time(median(best))}`,
    ratio: ratio === undefined ? '' : ratio.toFixed(2),
    target: [...(target === undefined ? [] : [`≤ ${target}`]), ...shares(result, all)].join('; '),
    memory: [own, best].map((result) => megabytes(result?.peak)).join(' / '),
    others: others
      .filter((result) => result !== best)
      .map(
        (result) =>
          `${result.title} ${time(median(result))}${agrees(result) ? '' : ` (${disagreement(result)})`}`,
      )
      .join('; '),
  }
}

const median = ({ timing }: PeerResult): number => timing?.median ?? Number.POSITIVE_INFINITY

/** Milliseconds in the unit that reads best. */
export function time(milliseconds: number): string {
  if (milliseconds < 0.1) return `${(milliseconds * 1000).toPrecision(2)} µs`
  if (milliseconds < 1000) return `${milliseconds.toPrecision(3)} ms`
  return `${(milliseconds / 1000).toPrecision(3)} s`
}

const perSecond = (samples: number, milliseconds: number): string =>
  `${Math.round((samples / milliseconds) * 1000).toLocaleString('en')}/s`

const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '–' : `${Math.round(bytes / 1e6)} MB`

const headings = ['Workload', 'typegrad', 'of matmul', 'Best peer', 'Ratio', 'Aim', 'Peak memory', 'Others']

const cells = (results: readonly WorkloadResult[]): string[][] =>
  results.map((result) => {
    const { title, ours, share, best, ratio, target, memory, others } = row(result, results)
    return [title, ours, share, best, ratio, target, memory, others]
  })

export function printTable(results: readonly WorkloadResult[], say: (line: string) => void): void {
  const rows = [headings, ...cells(results)].map((list) => list.slice(0, 7))
  const widths = headings
    .slice(0, 7)
    .map((_, i) => Math.max(...rows.map((list) => (list[i] as string).length)))
  for (const list of rows) say(list.map((cell, i) => cell.padEnd(widths[i] as number)).join('  '))
}

export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((list) => `| ${list.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n')

/** Versions of the peers, and which are absent and why. */
function versions(results: readonly WorkloadResult[]): string[] {
  const known = new Map<string, string>()
  for (const { peer, title, version, absent } of results.flatMap(({ results }) => results)) {
    if (version !== undefined) known.set(peer, `${title} ${version}`)
    else if (!known.has(peer) && absent !== undefined)
      known.set(peer, `${title}: absent, ${absent.split('\n')[0]}`)
  }
  return [...known.values()]
}

interface Report {
  readonly results: readonly WorkloadResult[]
  readonly service?: string | undefined
}

/** What one machine measured on one day, as it is kept. */
interface Kept extends Report {
  readonly machine: Machine
}

/**
 * Results as JSON, and the tables of all that are kept between the marks in bench/README.md, the newest day first. What was
 * measured on this machine on this day in other workloads stays, so that a run that was cut short, or was of some workloads
 * alone, loses nothing.
 *
 * @param order ids of workloads as the table has them; others come after them.
 */
export async function writeResults(
  machine: Machine,
  { results: measured, service: ofRun }: Report,
  { quick, order }: { readonly quick: boolean; readonly order: readonly string[] },
): Promise<void> {
  const folder = join(benchFolder, 'results')
  await mkdir(folder, { recursive: true })
  const file = `${slug(machine)}${quick ? '-quick' : ''}.json`
  const before: Report = await readFile(join(folder, file), 'utf8').then(JSON.parse, () => ({ results: [] }))
  const results = mergeResults(before.results, measured, order)
  const service = ofRun ?? before.service
  const text = JSON.stringify({ machine, quick, service, versions: versions(results), results }, null, 1)
  await writeFile(join(folder, file), `${text}\n`)
  const days = (await readdir(folder)).filter(
    (name) => name.endsWith('.json') && !name.endsWith('-growth.json') && !name.endsWith('-quick.json'),
  )
  const kept = await Promise.all(
    days.map(async (name) => [name, JSON.parse(await readFile(join(folder, name), 'utf8'))] as const),
  )
  await replaceBetween('results', quick ? quickReport(machine, results, file) : reportOf(kept))
}

const quickReport = (machine: Machine, results: readonly WorkloadResult[], file: string): string =>
  `A quick run: too few rounds to be believed.\n\n${dayReport([file, { machine, results }])}`

/** Days by the names of their files, the newest first; a workload stands in the newest that has it. */
export function reportOf(kept: readonly (readonly [file: string, day: Kept])[]): string {
  const seen = new Set<string>()
  return kept
    .toSorted(([, a], [, b]) => b.machine.date.localeCompare(a.machine.date))
    .flatMap(([file, day]) => {
      const results = day.results.filter(({ workload: { id } }) => !seen.has(id) || id === 'matmul')
      for (const { workload } of results) seen.add(workload.id)
      const isNew = results.some(({ workload: { id } }) => id !== 'matmul')
      return isNew ? [dayReport([file, { ...day, results }])] : []
    })
    .join('\n\n')
}

const dayReport = ([file, { machine, results, service }]: readonly [string, Kept]): string =>
  [
    `${processorName(machine)}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node}, ${machine.date}; ${versions(results).join(', ')}.`,
    markdownTable(headings, cells(results)),
    ...(service === undefined ? [] : [service]),
    `All numbers: [results/${file}](results/${file}).`,
  ].join('\n\n')

/** Earlier results with the newer ones in their place, in the order of the ids. */
export function mergeResults(
  before: readonly WorkloadResult[],
  measured: readonly WorkloadResult[],
  order: readonly string[],
): WorkloadResult[] {
  const byId = new Map([...before, ...measured].map((result) => [result.workload.id as string, result]))
  const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length)
  return [...byId].sort(([a], [b]) => place(a) - place(b)).map(([, result]) => result)
}

/** Puts text between `<!-- name -->` and `<!-- /name -->` in bench/README.md. */
export async function replaceBetween(name: string, text: string): Promise<void> {
  const path = join(benchFolder, 'README.md')
  const readme = await readFile(path, 'utf8')
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`bench/README.md: expected the marks ${begin} and ${end}.`)
  await writeFile(path, `${readme.slice(0, from + begin.length)}\n\n${text}\n\n${readme.slice(to)}`)
}
