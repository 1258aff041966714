/**
 * Graphs of ONNX at random, run by ONNX Runtime as it is and by `onnxModel`:
 * `npm run differential:onnx -- [--minutes 3] [--seed 0] [--only Resize]`.
 *
 * Prints what differs, a few of each operator, and exits with 1 if anything does; `--seed SEED --cases 1` tries one again.
 */
import { parseArgs } from 'node:util'
import { type OnnxFinding, onnxDifferential } from 'typegrad/testing'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
})

/** Graphs whose values are computed together. */
const batch = 40
const until = performance.now() + 60_000 * Number(values.minutes)
const first = Number(values.seed)
const last = first + Number(values.cases)
const [compared, notTaken] = [new Map<string, number>(), new Map<string, number>()]
const findings: OnnxFinding[] = []
let [graphs, seed] = [0, first]
for (; seed < last && performance.now() < until; seed += batch) {
  const seeds = Array.from({ length: Math.min(batch, last - seed) }, (_, i) => seed + i)
  const outcome = await onnxDifferential(seeds, values.only)
  graphs += outcome.graphs
  findings.push(...outcome.findings)
  for (const [total, part] of [
    [compared, outcome.compared],
    [notTaken, outcome.notTaken],
  ] as const)
    for (const [key, count] of part) total.set(key, (total.get(key) ?? 0) + count)
}

const counted = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => `${count} × ${key}`)
    .join('\n  ')
const byOperator = new Map<string, OnnxFinding[]>()
for (const one of findings) byOperator.set(one.op, [...(byOperator.get(one.op) ?? []), one])
for (const [op, all] of byOperator) {
  console.log(`${op}: ${all.length}`)
  for (const one of all.slice(0, 3)) console.log(`seed ${one.seed}: ${one.what}\n${one.graph}\n`)
}
console.log(`Not taken by ONNX Runtime:\n  ${counted(notTaken)}`)
console.log(`Nodes compared, by operator:\n  ${counted(compared)}`)
console.log(`Seeds ${first} to ${Math.min(seed, last) - 1}: ${graphs} graphs, ${findings.length} differ.`)
process.exitCode = findings.length > 0 ? 1 : 0
