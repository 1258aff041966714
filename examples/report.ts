import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { escapeMarkup } from 'typegrad/formats'
import type { Reading } from './readings.ts'
import { confusionTable } from './report-confusion.ts'
import { curves, type TrainingHistory } from './report-curves.ts'
import { mistakeGallery, rightGallery } from './report-gallery.ts'
import { css } from './report-style.ts'
import { writeWhole } from './run-folder.ts'

export interface Report {
  readonly title: string
  /** What stands at the top, such as `['Test accuracy', '98.9 %']`. */
  readonly summary: readonly (readonly [label: string, value: string])[]
  /** What `fit` returns: a value an epoch for each of `loss`, `val_loss`, `accuracy`, `val_accuracy`, … */
  readonly history: TrainingHistory
  /** What the figures mean, below the curves. */
  readonly meaning?: string
  /** `confusion[label][guess]`: how often. */
  readonly confusion: readonly (readonly number[])[]
  readonly classes: readonly string[]
  /** Some that it read right, all of which are shown. */
  readonly right?: readonly Reading[]
  /** What it got wrong, of which the surest are shown. */
  readonly mistakes: readonly Reading[]
}

/**
 * Writes one HTML file with all that is worth seeing of a training run. It needs nothing else: no network, no
 * script, no other file.
 */
export async function writeReport(file: string, report: Report): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  writeWhole(file, page(report))
}

function page({
  title,
  summary,
  history,
  meaning,
  confusion,
  classes,
  right = [],
  mistakes,
}: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${escapeMarkup(title)}</h1>
${summaryList(summary)}
${curves(history, meaning)}
${confusionTable(confusion, classes)}
${rightGallery(right, classes)}
${mistakeGallery(mistakes, classes)}
</main>
</body>
</html>
`
}

function summaryList(summary: Report['summary']): string {
  const items = summary.map(
    ([label, value]) => `<div><dt>${escapeMarkup(label)}</dt><dd>${escapeMarkup(value)}</dd></div>`,
  )
  return items.length === 0 ? '' : `<dl class="summary">${items.join('')}</dl>`
}
