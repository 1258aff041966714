import { ArgumentError, checkOptions } from 'typegrad/core'
import type { Task } from './annotations/task.ts'
import { type LabelOptions, labelChecks } from './options.ts'
import type { LabelData } from './samples/sample.ts'
import type { LabelSession } from './server/session.node.ts'

/**
 * Opens a page on this machine on which people label data: classes, boxes on pictures, spans of texts, transcripts of sounds.
 * What a person has labelled is on the disk before the page says so. Node only.
 *
 * Each line of `<folder>/journal.jsonl` is what somebody has said of a sample; the last word of each person counts. Calling again
 * with the folder goes on where it ended. Data may have grown in between; other data, or another task, is refused.
 *
 * With `propose`, what a model thinks is shown, and what it is least sure of comes first; with `train`, it learns from the labels
 * meanwhile.
 *
 * @param data rows `{ text }`, `{ image }` or `{ sound }` with or without an `id`: an array, a `RowDataset`, any iterable. Strings are
 * texts (of boxes and transcripts, paths), bytes pictures or sounds.
 * @throws ArgumentError for options, or a folder with labels of other data; DataError naming rows that are no samples;
 * FormatError naming the line of a damaged journal; StateError for a folder of another task, or one that is in use.
 * @example
 * const session = await label(texts, { task: 'class', classes: ['ham', 'spam'], folder: 'runs/mails' })
 * console.log(session.url)
 * await session.finished
 * await finetune(model, session.rows(), { task: tasks.sequenceClassification({ tokenizer }) })
 */
export async function label<const T extends Task>(
  data: LabelData,
  options: LabelOptions<T>,
): Promise<LabelSession<T>> {
  checkOptions('label', options, labelChecks)
  checkClasses(options.task, options.classes)
  const { openSession } = await import('./server/session.node.ts')
  return openSession(data, options)
}

/** Letters of a class's name. */
const longestName = 200

function checkClasses(task: Task, classes: readonly string[] = []): void {
  const fault =
    task === 'transcript'
      ? classes.length > 0 && 'none, since transcripts have no classes'
      : classes.length === 0 && 'the names of the classes'
  const odd = classes.find(
    (name, i) =>
      typeof name !== 'string' ||
      name.trim() !== name ||
      name === '' ||
      name.length > longestName ||
      classes.indexOf(name) < i,
  )
  if (fault === false && odd === undefined) return
  throw new ArgumentError({
    where: 'label: classes',
    expected: fault || 'different names, without spaces around them',
    received: odd === undefined ? (classes.length === 0 ? 'none' : classes.join(', ')) : JSON.stringify(odd),
  })
}
