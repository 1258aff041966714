// The program of a thread that makes pictures: each message is a task, each answer its result.
import { parentPort } from 'node:worker_threads'
import { decodeSource } from './decode-source.node.ts'
import { type PictureAnswer, type PictureTask, pictureOf } from './picture-task.ts'

/** What a thread answers: a task's answer, or the error that ended it, by its task's number. */
export interface WorkerAnswer {
  readonly id: number
  readonly answer?: PictureAnswer
  readonly error?: unknown
}

parentPort?.on('message', async ({ id, task }: { readonly id: number; readonly task: PictureTask }) => {
  const told: WorkerAnswer = await pictureOf(task, decodeSource).then(
    (answer) => ({ id, answer }),
    (error: unknown) => ({ id, error }),
  )
  const moved = told.answer?.kind === 'picture' ? [told.answer.picture.data.buffer] : []
  parentPort?.postMessage(told, moved)
})
