/** Times of one workload, in milliseconds. */
export interface Timing {
  readonly median: number
  /** Half the distance between the quartiles: how far the middle half of the times lies apart. */
  readonly spread: number
  readonly count: number
}

export function summarize(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2, count: sorted.length }
}

/** A piece of work that is run often; the times of several are taken in turn. */
export interface Workload {
  readonly name: string
  /** Runs in a row that one time is the mean of: more than one for what is too short for a clock. */
  readonly batch: number
  readonly rounds: number
  run(): Promise<unknown>
}

/** Times of all workloads, interleaved (A B C A B C …), so that a busy moment of the machine hits them alike. */
export async function measure(workloads: readonly Workload[]): Promise<Map<string, Timing>> {
  const times = new Map<string, number[]>(workloads.map(({ name }) => [name, []]))
  for (const { run, batch } of workloads) for (let i = 0; i < 5 * Math.min(batch, 200); i++) await run()
  const rounds = Math.max(...workloads.map((workload) => workload.rounds))
  for (let round = 0; round < rounds; round++) {
    for (const { name, batch, rounds: wanted, run } of workloads) {
      if (round >= wanted) continue
      const start = performance.now()
      for (let i = 0; i < batch; i++) await run()
      times.get(name)?.push((performance.now() - start) / batch)
    }
  }
  return new Map([...times].map(([name, list]) => [name, summarize(list)]))
}
