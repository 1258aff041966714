import { createInterface } from 'node:readline'
import type { Answer, Request } from '../driver/worker.ts'

/** A workload that is ready to run. */
export interface Runner {
  /** One run of what is measured. */
  run(): unknown
  /** Five numbers that all peers must agree about; changes what is trained. */
  losses(): Promise<readonly number[]>
  readonly note?: string
}

/** A workload that a peer does not have, with the reason. */
export class Absent extends Error {}

/** Answers the driver's requests until it says so. What is printed otherwise goes to the error stream. */
export async function serve(
  version: string,
  setup: (workload: unknown, folder: string) => Promise<Runner>,
): Promise<void> {
  console.log = console.error
  console.info = console.error
  let runner: Runner | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request
    if (request.cmd === 'exit') break
    let answer: Answer
    try {
      answer = await respond(request)
    } catch (error) {
      answer =
        error instanceof Absent
          ? { absent: error.message }
          : { error: String((error as Error).stack ?? error) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  process.exit()

  async function respond(request: Exclude<Request, { cmd: 'exit' }>): Promise<Answer> {
    if (request.cmd === 'setup') {
      runner = await setup(request.workload, request.folder)
      // What was read from the files has been copied: it would count as memory of the training.
      ;(globalThis as { gc?: () => void }).gc?.()
      return { version, ...(runner.note === undefined ? {} : { note: runner.note }) }
    }
    if (runner === undefined) throw new Error('a workload must be set up first')
    switch (request.cmd) {
      case 'losses': {
        const start = performance.now()
        const losses = await runner.losses()
        return { losses, compileMs: performance.now() - start }
      }
      case 'round': {
        const times: number[] = []
        for (let i = 0; i < request.n; i++) {
          const start = performance.now()
          for (let k = 0; k < request.repeat; k++) await runner.run()
          times.push((performance.now() - start) / request.repeat)
        }
        return { times }
      }
      case 'memory':
        return { peak: process.resourceUsage().maxRSS * 1024, resident: process.memoryUsage.rss() }
    }
  }
}
