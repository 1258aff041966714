/**
 * `journal/`: what is labelled, on the disk: one file to which lines are added, and who may write to it. It knows what people say,
 * and no server.
 */
import { checkValue, type ValueBounds, ValueFault } from '../annotations/check-value.ts'
import type { LabelJournalEvent } from '../annotations/event.ts'
import type { Task } from '../annotations/task.ts'

/** What a journal is of. */
export interface JournalHeader<T extends Task = Task> {
  readonly task: T
  readonly classes: readonly string[]
}

const kind = 'labels'
const version = 1

export const headerLine = ({ task, classes }: JournalHeader): string =>
  `${JSON.stringify({ typegrad: kind, version, task, classes })}\n`

export const eventLine = (event: LabelJournalEvent): string => `${JSON.stringify(event)}\n`

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(line: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new ValueFault(
      'a line of JSON',
      `${JSON.stringify(line.slice(0, 60))} (${(error as Error).message})`,
    )
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new ValueFault('an object', line.slice(0, 60))
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw new ValueFault(`a text as "${name}"`, JSON.stringify(value) ?? 'none')
}

/** @throws ValueFault where the line is no header, or one of another version. */
export function readHeader(line: string): JournalHeader<string & Task> {
  const fields = fieldsOf(line)
  if (fields.typegrad !== kind || fields.version !== version) {
    throw new ValueFault(
      `the first line of a journal of labels, version ${version}`,
      line.length > 100 ? `${line.slice(0, 99)}…` : line,
    )
  }
  const { classes } = fields
  if (!Array.isArray(classes) || !classes.every((name): name is string => typeof name === 'string'))
    throw new ValueFault('a list of names as "classes"', JSON.stringify(classes) ?? 'none')
  return { task: textOf(fields, 'task') as Task, classes }
}

/** @throws ValueFault where the line is no event of such a journal. */
export function readEvent<T extends Task>(
  line: string,
  { task, classes }: JournalHeader<T>,
): LabelJournalEvent<T> {
  const fields = fieldsOf(line)
  const said = {
    sample: textOf(fields, 'sample'),
    person: textOf(fields, 'person'),
    at: textOf(fields, 'at'),
  }
  const bounds: ValueBounds = { classes }
  const { event, seconds } = fields
  switch (event) {
    case 'skip':
    case 'undo':
      return { event, ...said }
    case 'decide':
      return { event, ...said, of: textOf(fields, 'of'), value: checkValue(task, fields.value, bounds) }
    case 'label':
      return {
        event,
        ...said,
        of: textOf(fields, 'of'),
        value: checkValue(task, fields.value, bounds),
        ...(typeof seconds === 'number' && { seconds }),
      }
    default:
      throw new ValueFault('an event: label, skip, undo or decide', JSON.stringify(event) ?? 'none')
  }
}
