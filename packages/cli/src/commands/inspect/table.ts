import { basename } from 'node:path'
import { profile, readTable } from '@typegrad/data'
import type { FoundFile } from '../../files/file-kind.ts'
import { checkOutput, writeText } from '../../files/output.ts'
import type { CommandContext } from '../../program/context.ts'
import type { Given } from '../../program/definition.ts'
import type { inspect } from './definition.ts'
import type { Finding } from './finding.ts'

/** The profile of a table. */
export async function inspectTable(
  { path }: FoundFile,
  { target, time, compare, rows, html, force }: Given<typeof inspect>,
  context: CommandContext,
): Promise<Finding> {
  if (html !== undefined) await checkOutput(html, force)
  const made = await profile(await readTable(path), {
    ...(target !== undefined && { target: target as never }),
    ...(time !== undefined && { time: time as never }),
    ...(compare !== undefined && { compareWith: await readTable(compare) }),
    ...(rows !== undefined && { sampleRows: rows }),
    title: basename(path),
  })
  if (html !== undefined) {
    await context.writing(html, () => writeText(html, made.toHTML()))
    context.note({ en: `The profile is in ${html}.`, zh: `概况已写入 ${html}。` })
  }
  return { json: { profile: made.toJSON() }, lines: () => `${made}`.split('\n') }
}
