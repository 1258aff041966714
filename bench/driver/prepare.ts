import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Workload } from '../workloads/index.ts'
import { benchFolder } from './peers.ts'

const run = promisify(execFile)

/** Whether a workload's model is a folder in Hugging Face's layout. */
export const isPretrained = ({ kind }: Workload): boolean =>
  ['generate', 'embed', 'tune', 'tokens'].includes(kind)

/** Whether peers that only predict get the model of a workload as an ONNX file. */
export const isExported = (workload: Workload): boolean =>
  !isPretrained(workload) && (workload.mode === 'predict' || workload.kind === 'matmul')

/** Whether what peers read are files of pictures. */
export const isPictures = ({ kind }: Workload): boolean => kind === 'pictures'

/** Writes `model.onnx` for runtimes of ONNX, or the folder `model` for readers of Hugging Face's, or `pictures`, in a process of its own that is not measured. */
export async function prepare(workload: Workload, folder: string): Promise<void> {
  if (!isExported(workload) && !isPretrained(workload) && !isPictures(workload)) return
  await writeFile(join(folder, 'workload.json'), JSON.stringify(workload))
  await run(process.execPath, ['--import', 'tsx', join(benchFolder, 'workers', 'export.ts'), folder], {
    cwd: join(benchFolder, '..'),
  })
}
