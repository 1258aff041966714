import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { EngineError } from 'typegrad/core'
import type { PictureAnswer, PictureTask } from './picture-task.ts'
import type { WorkerAnswer } from './picture-worker.node.ts'

/** Sources are run as they are, packages have the program beside their main file. */
const isSource = import.meta.url.endsWith('.ts')
const program = new URL(isSource ? './picture-worker.node.ts' : './picture-worker.js', import.meta.url)

function startThread(): Worker {
  if (!isSource) return new Worker(program)
  // A thread of this repository's sources translates them for itself.
  const tsx = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  const start = `import(${JSON.stringify(pathToFileURL(tsx).href)}).then(({ register }) => {
    register()
    return import(${JSON.stringify(program.href)})
  })`
  return new Worker(start, { eval: true })
}

/** Why a thread ended that had a picture to make: an error, or a module that ended its program. */
function endOfThread(code: number, cause: Error | undefined): EngineError {
  const where = 'a thread that makes pictures'
  if (cause === undefined)
    return new EngineError({
      where,
      expected: 'it to run until it is no longer needed',
      received: `its end with exit code ${code}`,
      fix: 'Look for process.exit in the module of augment; it may throw an error instead.',
    })
  return new EngineError(
    {
      where,
      expected: `${program.pathname} to run`,
      received: cause.message,
      fix: 'Where a bundler has taken @typegrad/data in, leave it outside (external), or make pictures on this thread: workers: 0.',
    },
    { cause },
  )
}

/** Milliseconds after which threads without work end. */
const idleTime = 5000

interface Waiting {
  readonly task: PictureTask
  readonly resolve: (answer: PictureAnswer) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  job: Waiting | undefined
}

/**
 * Threads that decode, resize and change pictures, one each at a time. They are started when there is work, do not keep a
 * program from ending, and end themselves a while after the last task.
 */
export class PicturePool {
  readonly size: number
  readonly #threads: Thread[] = []
  readonly #queue: Waiting[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(size: number) {
    this.size = size
  }

  run(task: PictureTask): Promise<PictureAnswer> {
    clearTimeout(this.#timer)
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject })
      this.#work()
    })
  }

  #work(): void {
    while (this.#queue.length > 0) {
      const thread = this.#threads.find(({ job }) => job === undefined) ?? this.#started()
      if (thread === undefined) return
      const job = this.#queue.shift() as Waiting
      thread.job = job
      thread.worker.ref()
      thread.worker.postMessage({ id: 0, task: job.task })
    }
    if (this.#threads.every(({ job }) => job === undefined)) this.#rest()
  }

  #started(): Thread | undefined {
    if (this.#threads.length >= this.size) return undefined
    const worker = startThread()
    const thread: Thread = { worker, job: undefined }
    this.#threads.push(thread)
    const done = (settle: (job: Waiting) => void): void => {
      const { job } = thread
      thread.job = undefined
      worker.unref()
      if (job !== undefined) settle(job)
      this.#work()
    }
    worker.on('message', ({ answer, error }: WorkerAnswer) => {
      done((job) => (answer === undefined ? job.reject(error) : job.resolve(answer)))
    })
    let cause: Error | undefined
    worker.on('error', (error: Error) => {
      cause = error
    })
    // The thread is gone, by an error, by its program's own end or by #rest: another one is started for the next task.
    worker.on('exit', (code) => {
      const place = this.#threads.indexOf(thread)
      if (place < 0) return
      this.#threads.splice(place, 1)
      done((job) => job.reject(endOfThread(code, cause)))
    })
    return thread
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      for (const { worker } of this.#threads.splice(0)) void worker.terminate()
    }, idleTime)
    this.#timer.unref()
  }
}

const pools = new Map<number, PicturePool>()

/** The pool of so many threads, shared by all data sets. */
export function picturePool(size: number): PicturePool {
  const pool = pools.get(size) ?? new PicturePool(size)
  pools.set(size, pool)
  return pool
}

/**
 * One thread for each processor, as far as libuv has threads for what sharp does; one of these stays free, so that a training
 * that runs meanwhile never waits behind pictures.
 */
export function defaultThreads(): number {
  const forDecoding = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
  return Math.max(1, Math.min(availableParallelism(), (Number.isFinite(forDecoding) ? forDecoding : 4) - 1))
}
