/** A process that sweeps: a case may end it, which its supervisor notices (supervise.ts). */
import { closeSync, openSync, writeSync } from 'node:fs'
import { currentProcessor } from '../../kernels/kernels.ts'
import { emulatingExecutor } from './emulator/emulating-executor.ts'
import { nativeExecutor } from './native-executor.ts'
import type { Order, Outcome } from './protocol.ts'
import { compareCase, runCase } from './run-case.ts'
import { runSweep, type Sweep, sweepOfKernel } from './run-sweep.ts'
import { graphSweeps, kernelSweeps } from './table.ts'

const maxShown = 5

const order: Order = JSON.parse(process.argv[2] ?? '{}')
const progress = openSync(order.progress, 'w')
/** Each is made at most once, where it is needed. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
const native = once(nativeExecutor)
const emulating = once(emulatingExecutor)

const kernels = new Map(Object.values(kernelSweeps).flatMap((all) => Object.entries(all)))
function sweepOf(name: string): Sweep {
  const graphs = graphSweeps[name]
  if (graphs !== undefined && order.pass === 'narrow') return graphs
  const sweep = kernels.get(name)
  if (sweep === undefined) throw new Error(`sweep: the pass '${order.pass}' has none that is called ${name}`)
  switch (order.pass) {
    case 'narrow':
      return sweepOfKernel(sweep, 'narrow', (each, random) => runCase(native(), each, random))
    case 'wide': {
      const executor = currentProcessor().hasAvx512 ? native() : emulating()
      return sweepOfKernel(sweep, 'wide', (each, random) => runCase(executor, each, random))
    }
    case 'compared':
      return sweepOfKernel(sweep, 'narrow', (each, random) =>
        compareCase([native(), emulating()], each, random),
      )
  }
}

for (const [i, name] of order.names.entries()) {
  const { form, seed, only, budget } = order
  const start = Date.now()
  let failures = 0
  const shown: string[] = []
  const cases = await runSweep(sweepOf(name), {
    name,
    form,
    seed,
    only,
    from: i === 0 ? order.from : 0,
    until: budget === undefined ? undefined : start + budget,
    onCase: (index) => writeSync(progress, `${name} ${index}\n`.padEnd(80), 0),
    onFailure: (index, message) => {
      failures += 1
      if (shown.length < maxShown) shown.push(`${name}, case ${index}: ${message.slice(0, 800)}`)
    },
  })
  const outcome: Outcome = { name, cases, failures, shown, seconds: (Date.now() - start) / 1000 }
  writeSync(1, `${JSON.stringify(outcome)}\n`)
}
closeSync(progress)
