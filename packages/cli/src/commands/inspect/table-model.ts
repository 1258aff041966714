import { basename } from 'node:path'
import { TableModel } from '@typegrad/tabular'
import { type FoundFile, kindNames } from '../../files/file-kind.ts'
import { reportLines } from '../report/report-lines.ts'
import type { Finding } from './finding.ts'

/** What a model of a table was trained for, and what it reached. */
export async function inspectTableModel({ kind, path }: FoundFile): Promise<Finding> {
  const { report } = await TableModel.load(path)
  return {
    json: { report },
    lines: (context) => [basename(path), context.say(kindNames[kind]), '', ...reportLines(report, context)],
  }
}
