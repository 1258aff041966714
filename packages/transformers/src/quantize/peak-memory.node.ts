import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { EngineError } from 'typegrad/core'
import type { MemoryAnswer, MemoryTask } from './memory-program.node.ts'

/** Sources are run as they are, packages have the program beside their main file. */
const isSource = import.meta.url.endsWith('.ts')
const program = fileURLToPath(
  new URL(isSource ? './memory-program.node.ts' : './memory-program.js', import.meta.url),
)

/**
 * Bytes of main memory that a process takes at most for loading a model and predicting with it twice, beyond an empty
 * process with an engine. The process is a new one, since one that has worked before has memory to spare, which a model may
 * take unseen.
 *
 * @param onnx the model's file.
 * @param task its signature, with sizes in the place of names, and the inputs.
 * @throws EngineError where the process cannot be started, or cannot load or run the model.
 */
export async function peakMemory(onnx: Uint8Array, task: Omit<MemoryTask, 'path'>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-memory-'))
  try {
    const path = join(folder, 'model.onnx')
    await writeFile(path, onnx)
    const answer = await answerOf({ ...task, path })
    if ('bytes' in answer) return answer.bytes
    throw failure(answer.error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function answerOf(task: MemoryTask): Promise<MemoryAnswer> {
  const child = start()
  try {
    return await new Promise<MemoryAnswer>((resolve, reject) => {
      let said = ''
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      child.once('message', (answer) => resolve(answer as MemoryAnswer))
      child.once('error', reject)
      child.once('close', (code, signal) =>
        reject(failure(`its end by ${signal ?? `code ${code}`}: ${said.trim().slice(-500)}`)),
      )
      child.send(task, (error) => {
        if (error !== null) reject(error)
      })
    })
  } catch (cause) {
    throw cause instanceof EngineError ? cause : failure((cause as Error).message, cause)
  } finally {
    child.kill()
  }
}

function start(): ChildProcess {
  // A process of this repository's sources translates them for itself.
  const translating = isSource
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
    : []
  return fork(program, {
    execArgv: ['--expose-gc', ...translating],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

const failure = (received: string, cause?: unknown): EngineError =>
  new EngineError(
    {
      where: 'compareModels: memory',
      expected: `a process of its own for each model (${program})`,
      received,
      fix: 'Where a bundler has taken @typegrad/transformers in, leave it outside (external).',
    },
    { cause },
  )
