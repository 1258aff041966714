import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type GoldenModel, goldenFolder } from './golden.ts'

/** What Python's pipelines gave, with the models and the tokenizer that they had. */
export interface GoldenPipelines {
  readonly tokenizer: Readonly<Record<string, unknown>>
  readonly models: Readonly<Record<string, Pick<GoldenModel, 'config' | 'weights'>>>
}

export const readPipelines = <T>(file: string): GoldenPipelines & T =>
  JSON.parse(readFileSync(new URL(`../../golden/${file}.json`, import.meta.url), 'utf8')) as GoldenPipelines &
    T

const folders: string[] = []

/** A folder with one of a golden file's models and its tokenizer. It goes when the tests of the file are done. */
export function pipelineFolder(
  golden: GoldenPipelines,
  name: string,
  files: Readonly<Record<string, unknown>> = {},
): string {
  if (folders.length === 0) {
    afterAll(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    })
  }
  const folder = goldenFolder(golden.models[name] as GoldenPipelines['models'][string])
  folders.push(folder)
  for (const [file, content] of Object.entries({ ...golden.tokenizer, ...files }))
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(content))
  return folder
}
