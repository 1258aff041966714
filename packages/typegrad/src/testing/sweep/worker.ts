/** A process that sweeps: a case may end it, which its supervisor notices (supervise.ts). */
import { closeSync, openSync, writeSync } from 'node:fs'
import { nativeExecutor } from './native-executor.ts'
import type { Order, Outcome } from './protocol.ts'
import { runSweep, type Sweep, sweepOfKernel } from './run-sweep.ts'
import { graphSweeps, kernelSweeps } from './table.ts'

const mostShown = 5

const order: Order = JSON.parse(process.argv[2] ?? '{}')
const progress = openSync(order.progress, 'w')
const sweeps = new Map<string, () => Sweep>()
for (const [name, sweep] of Object.values(kernelSweeps).flatMap((all) => Object.entries(all)))
  sweeps.set(name, () => sweepOfKernel(executor(), sweep))
for (const [name, sweep] of Object.entries(graphSweeps)) sweeps.set(name, () => sweep)

let known: ReturnType<typeof nativeExecutor> | undefined
function executor(): ReturnType<typeof nativeExecutor> {
  known ??= nativeExecutor()
  return known
}

for (const [i, name] of order.names.entries()) {
  const sweep = sweeps.get(name)
  if (sweep === undefined) throw new Error(`sweep: there is none that is called ${name}`)
  const { form, seed, only, budget } = order
  const start = Date.now()
  let failures = 0
  const shown: string[] = []
  const counts = await runSweep(sweep(), {
    name,
    form,
    seed,
    only,
    from: i === 0 ? order.from : 0,
    until: budget === undefined ? undefined : start + budget,
    onCase: (index) => writeSync(progress, `${name} ${index}\n`.padEnd(80), 0),
    onFailure: (index, message) => {
      failures += 1
      if (shown.length < mostShown) shown.push(`${name}, case ${index}: ${message.slice(0, 800)}`)
    },
  })
  const outcome: Outcome = { name, ...counts, failures, shown, seconds: (Date.now() - start) / 1000 }
  writeSync(1, `${JSON.stringify(outcome)}\n`)
}
closeSync(progress)
