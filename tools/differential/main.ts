/**
 * Differential tests: random cases answered by typegrad and by Keras or PyTorch. See README.md.
 *
 *   npm run differential -- --minutes 10 [--seed 1] [--family ops,models] [--python PATH] [--backends torch,jax]
 *   npm run differential -- --case ops-1-17          one case again, by the name that its finding has
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { families } from './families/index.ts'
import { type Family, type FamilyName, familyNames } from './family.ts'
import { installedPython } from './install.ts'
import type { JsonObject } from './json.ts'
import { isFinding, Lane, type Outcome, type Verdict } from './lane.ts'
import { made } from './made.ts'
import { kindOf, minimised } from './shrink.ts'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    family: { type: 'string', default: familyNames.join(',') },
    backends: { type: 'string', default: 'torch,jax,tensorflow' },
    python: { type: 'string' },
    cases: { type: 'string', default: 'Infinity' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '2' },
    minimise: { type: 'string', default: '3' },
    case: { type: 'string' },
    out: { type: 'string', default: 'runs/differential' },
  },
})

interface Named {
  readonly family: Family
  readonly name: string
  readonly seed: string
  readonly index: number
}

const known = (name: string): FamilyName => {
  const found = familyNames.find((family) => family === name)
  if (found !== undefined) return found
  console.error(`--family: expected some of ${familyNames.join(', ')}, received '${name}'`)
  process.exit(2)
}

const python = options.python ?? installedPython
if (!existsSync(python)) {
  console.error(
    `No Python at ${python}. Install one with npm run differential:install, or give --python PATH.`,
  )
  process.exit(2)
}
const installed = options.backends.split(',')

function* cases(names: readonly FamilyName[], seed: string, from: number): Generator<Named> {
  for (let index = from; ; index++)
    for (const family of names)
      yield { family: families[family], name: `${family}-${seed}-${index}`, seed, index }
}

const counts = new Map<string, Map<Verdict, number>>()
const kinds = new Map<string, number>()
const count = (family: string, verdict: Verdict): void => {
  const row = counts.get(family) ?? new Map<Verdict, number>()
  counts.set(family, row.set(verdict, (row.get(verdict) ?? 0) + 1))
}

/** Data of many numbers stands in the file alone. */
const cut = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)} …` : line))
    .join('\n')

const indented = (text: string): string => text.replace(/^/gm, '  ')

/** Minimises a finding, prints it as two programs and keeps it. */
async function report(
  lane: Lane,
  named: Named,
  spec: JsonObject,
  backend: string,
  outcome: Outcome,
): Promise<void> {
  const { family, name } = named
  const kind = `${family.name}: ${kindOf(outcome)}`
  const before = kinds.get(kind) ?? 0
  kinds.set(kind, before + 1)
  const small =
    before < Number(options.minimise)
      ? await minimised(family, spec, outcome, (simpler) => lane.run(family, simpler, backend))
      : { spec, outcome }
  await mkdir(options.out, { recursive: true })
  const { theirs, ours, ...rest } = small.outcome
  const file = join(options.out, `${name}.json`)
  await writeFile(file, JSON.stringify({ name, backend, ...rest, spec: small.spec, theirs, ours }, null, 1))
  const text = [
    `${name} (${backend}): ${small.outcome.verdict}: ${small.outcome.detail}`,
    indented(family.typescript(small.spec)),
    indented(family.python(small.spec)),
    '',
  ].join('\n')
  if (before < Number(options.minimise)) console.log(cut(text))
  await writeFile(join(options.out, `${name}.txt`), text)
}

async function work(queue: Iterator<Named>, end: number): Promise<void> {
  const lane = new Lane(python)
  try {
    while (performance.now() < end) {
      const next = queue.next()
      if (next.done === true) break
      const { family } = next.value
      const { spec, backend } = made(family, next.value.name, installed)
      const others = [...new Set(family.backends)].filter((b) => b !== backend && installed.includes(b))
      const first = await lane.run(family, spec, backend)
      const outcome = await lane.secondOpinion(family, spec, first, others)
      if (outcome.verdict === 'backends differ')
        console.log(`${next.value.name} (${backend}): ${outcome.detail}`)
      count(family.name, outcome.verdict)
      if (isFinding(outcome)) await report(lane, next.value, spec, backend, outcome)
      else if (process.env.DIFFERENTIAL_VERBOSE !== undefined && outcome.verdict !== 'agree')
        console.log(`${next.value.name}: ${outcome.verdict}: ${outcome.detail}`)
    }
  } finally {
    lane.end()
  }
}

function* take(all: Generator<Named>, most: number): Generator<Named> {
  let left = most
  for (const item of all) {
    if (left-- <= 0) return
    yield item
  }
}

if (options.case !== undefined) {
  const [family, seed, index] = options.case.split('-') as [string, string, string]
  const named = { family: families[known(family)], name: options.case, seed, index: Number(index) }
  const { spec, backend } = made(named.family, named.name, installed)
  const lane = new Lane(python)
  const others = [...new Set(named.family.backends)].filter((b) => b !== backend && installed.includes(b))
  const first = await lane.run(named.family, spec, backend)
  const outcome = await lane.secondOpinion(named.family, spec, first, others)
  console.log(`${options.case} (${backend}): ${outcome.verdict}: ${outcome.detail}`)
  console.log(cut(indented(named.family.typescript(spec))))
  console.log(cut(indented(named.family.python(spec))))
  if (isFinding(outcome)) await report(lane, named, spec, backend, outcome)
  lane.end()
} else {
  const start = performance.now()
  const names = options.family.split(',').map(known)
  const queue = take(cases(names, options.seed, Number(options.from)), Number(options.cases))
  const end = start + Number(options.minutes) * 60_000
  await Promise.all(Array.from({ length: Number(options.jobs) }, () => work(queue, end)))
  const minutes = ((performance.now() - start) / 60_000).toFixed(1)
  console.log(`seed ${options.seed}, ${minutes} minutes`)
  for (const [family, row] of counts) {
    const all = [...row.values()].reduce((a, b) => a + b, 0)
    console.log(`  ${family}: ${all} cases; ${[...row].map(([verdict, n]) => `${n} ${verdict}`).join(', ')}`)
  }
  for (const [kind, n] of [...kinds].sort((a, b) => b[1] - a[1])) console.log(`  ${n} × ${kind}`)
  process.exitCode = kinds.size > 0 ? 1 : 0
}
