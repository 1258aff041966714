import { extname } from 'node:path'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { writeFileAtomically } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import type { Task } from '../annotations/task.ts'
import type { LabelledSample } from '../options.ts'
import { cocoOf } from './coco.ts'
import { conllOf } from './conll.ts'
import { rowsOf } from './rows.ts'

export type ExportFormat = 'jsonl' | 'coco' | 'conll'

export interface ExportOptions {
  /** Default: by the path's ending: `.jsonl`; `.json` is COCO's; `.conll`, `.iob` and `.txt` CoNLL's. */
  readonly format?: ExportFormat
  /** What becomes of samples on which people disagree; see {@link ResultOptions}. Default `'majority'`. */
  readonly disagreements?: 'majority' | 'leaveOut'
}

const exportChecks = optionsOf<ExportOptions>()({
  format: checks.oneOf('jsonl', 'coco', 'conll'),
  disagreements: checks.oneOf('majority', 'leaveOut'),
})

interface Exported {
  readonly task: Task
  readonly classes: readonly string[]
  readonly title: string
  readonly labelled: readonly LabelledSample[]
}

const endings: Readonly<Record<string, ExportFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'coco',
  '.conll': 'conll',
  '.iob': 'conll',
  '.txt': 'conll',
}

export async function exportLabels(path: string, exported: Exported, options: ExportOptions): Promise<void> {
  checkOptions('LabelSession.export', options, exportChecks)
  const format = options.format ?? endings[extname(path).toLowerCase()] ?? 'jsonl'
  await writeFileAtomically(path, [textOf(format, exported)])
}

function textOf(format: ExportFormat, { task, classes, title, labelled }: Exported): string {
  if (format === 'jsonl')
    return rowsOf(task, labelled)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('')
  if (format === 'coco' && task === 'boxes')
    return `${JSON.stringify(cocoOf(labelled as readonly LabelledSample<'boxes'>[], classes, title))}\n`
  if (format === 'conll' && task === 'spans') return conllOf(labelled as readonly LabelledSample<'spans'>[])
  const having = { coco: 'boxes', conll: 'spans' } as const
  throw new ArgumentError({
    where: 'LabelSession.export: format',
    expected: `the task '${having[format]}' for '${format}'`,
    received: `the task '${task}'`,
    fix: "'jsonl' has all tasks.",
  })
}
