/** Reads damaged files of one kind and tells main.ts; without arguments it tells the kinds. */
import { fuzz, fuzzFolder, fuzzTargets } from 'typegrad/testing'

const [kind, seed, cases] = process.argv.slice(2)
const { folder, remove } = fuzzFolder()
const tell = (message: unknown) => new Promise((resolve) => process.send?.(message, resolve))
try {
  const targets = await fuzzTargets(folder)
  const target = kind === undefined ? undefined : targets[kind]
  if (target === undefined) await tell({ kinds: Object.keys(targets) })
  else {
    const seeds = Array.from({ length: Number(cases) }, (_, i) => Number(seed) + i)
    const report = await fuzz(target, seeds, (began) => process.send?.({ began }))
    await tell({ ...report, peak: Math.round(process.resourceUsage().maxRSS / 1024) })
  }
} finally {
  remove()
}
process.exit(0)
