import { basename } from 'node:path'
import { ForecastModel } from '@typegrad/tabular'
import { type FoundFile, kindNames } from '../../files/file-kind.ts'
import { wrapped } from '../../terminal/text-width.ts'
import type { Finding } from './finding.ts'

/** What a model of series was trained for, and what it reached. */
export async function inspectForecastModel({ kind, path }: FoundFile): Promise<Finding> {
  const model = await ForecastModel.load(path)
  return {
    json: { report: model.report },
    lines: (context) => [
      basename(path),
      context.say(kindNames[kind]),
      '',
      ...`${model}`.split('\n').flatMap((line) => wrapped(line, context.columns, '    ')),
    ],
  }
}
