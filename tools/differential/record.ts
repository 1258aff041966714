/**
 * Makes the committed cases again: of each family the first that both sides answer alike and that are small.
 *
 *   npm run differential:record -- [--seed 1] [--family ops] [--python PATH] [--backends torch,jax] [--minutes 20]
 *
 * Cases that fail are named: they are findings, and none of them is recorded.
 */
import { parseArgs } from 'node:util'
import { families } from './families/index.ts'
import { type FamilyName, familyNames } from './family.ts'
import { type Recorded, recordedCounts, writeRecorded } from './golden.ts'
import { installedPython } from './install.ts'
import { isFinding, Lane } from './lane.ts'
import { made } from './made.ts'
import { packed } from './pack.ts'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    family: { type: 'string', default: familyNames.join(',') },
    backends: { type: 'string', default: 'torch,jax,tensorflow' },
    python: { type: 'string', default: installedPython },
    jobs: { type: 'string', default: '2' },
    minutes: { type: 'string', default: 'Infinity' },
  },
})

/** Bytes that a case with its answer may take, compressed by itself. */
const largest: Readonly<Record<FamilyName, number>> = {
  ops: 6000,
  losses: 6000,
  metrics: 6000,
  optimizers: 6000,
  // With the file that Keras has written.
  models: 2800,
  reverse: 1800,
}
const end = performance.now() + Number(options.minutes) * 60_000

for (const name of familyNames) {
  if (!options.family.split(',').includes(name)) continue
  const family = families[name]
  const recorded: Recorded[] = []
  const seen = new Set<string>()
  let failed = 0
  let tried = 0
  const count = recordedCounts[name]
  const queue = (function* () {
    for (let index = 0; ; index++) yield index
  })()
  const work = async (): Promise<void> => {
    const lane = new Lane(options.python)
    while (recorded.length < count && performance.now() < end) {
      const { value: index } = queue.next()
      const caseName = `${name}-${options.seed}-${index}`
      const { spec, backend } = made(family, caseName, options.backends.split(','))
      const outcome = await lane.run(family, spec, backend)
      tried++
      if (isFinding(outcome)) {
        failed++
        console.log(`${caseName} (${backend}): ${outcome.verdict}: ${outcome.detail.slice(0, 200)}`)
      }
      if (outcome.verdict !== 'agree' || outcome.theirs === undefined) continue
      const text = JSON.stringify(spec)
      const file = name === 'reverse' ? { ...outcome.theirs } : outcome.theirs
      const entry: Recorded = { name: caseName, backend, spec, answer: file }
      if (seen.has(text) || packed(entry).length > largest[name]) continue
      seen.add(text)
      if (recorded.length < count) recorded.push(entry)
    }
    lane.end()
  }
  await Promise.all(Array.from({ length: Number(options.jobs) }, work))
  recorded.sort((a, b) => Number(a.name.split('-')[2]) - Number(b.name.split('-')[2]))
  const bytes = writeRecorded(name, recorded)
  const by = family.backends.map(
    (backend) => `${recorded.filter((entry) => entry.backend === backend).length} ${backend}`,
  )
  console.log(
    `${name}: ${recorded.length} cases of ${tried} tried (${by.join(', ')}), ${failed} failed, ${bytes} bytes`,
  )
}
