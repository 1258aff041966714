import { CommanderError } from 'commander'
import { type Language, same, type Text } from '../language/text.ts'
import { type ExitCode, exitCodes, Failure, type FailureParts, Interrupted, sentence } from './failure.ts'

/** What is said of an error, and what the command ends with. */
export interface Explanation {
  readonly message: string
  readonly code: ExitCode
}

/** An error of whatever kind as a sentence by the library's formula, without a stack. */
export function explain(error: unknown, language: Language): Explanation {
  if (error instanceof Interrupted)
    return { message: { en: 'Stopped.', zh: '已停止。' }[language], code: exitCodes.interrupted }
  if (error instanceof Failure) return { message: sentence(error.parts, language), code: error.code }
  if (error instanceof CommanderError) {
    const parts = wrongLine(error)
    return {
      message: parts === undefined ? error.message : sentence(parts, language),
      code: exitCodes.wrongUse,
    }
  }
  if (!(error instanceof Error)) return { message: String(error), code: exitCodes.failed }
  const parts = ofSystem(error)
  if (parts !== undefined) return { message: sentence(parts, language), code: exitCodes.failed }
  return { message: error.message, code: isWrongUse(error) ? exitCodes.wrongUse : exitCodes.failed }
}

/** Errors of the library whose codes say that the caller asked for what there is not: a column, an option, a name. */
const isWrongUse = (error: Error): boolean =>
  'code' in error && (error.code === 'argument' || error.code === 'name') && 'parts' in error

type Described = (quoted: string) => FailureParts

const seeHelp: Text = {
  en: 'See typegrad --help.',
  zh: '参见 typegrad --help。',
}

/** What commander complains of, by its codes; its sentences name what is meant in quotation marks. */
const wrongLines: Readonly<Record<string, Described>> = {
  'commander.unknownOption': (quoted) => ({
    where: quoted,
    expected: { en: 'an option of this command', zh: '此命令的选项' },
    received: { en: 'one that it does not have', zh: '它没有的选项' },
  }),
  'commander.unknownCommand': (quoted) => ({
    where: 'COMMAND',
    expected: { en: 'the name of a command', zh: '命令名' },
    received: same(`'${quoted}'`),
  }),
  'commander.missingArgument': (quoted) => ({
    where: quoted.toUpperCase(),
    expected: { en: 'it behind the name of the command', zh: '命令名后的这个参数' },
    received: { en: 'nothing', zh: '空' },
  }),
  'commander.optionMissingArgument': (quoted) => ({
    where: quoted,
    expected: { en: 'a value behind it', zh: '其后的值' },
    received: { en: 'nothing', zh: '空' },
  }),
  'commander.excessArguments': () => ({
    where: 'ARGUMENTS',
    expected: { en: 'only those that the command has', zh: '只有命令自己的参数' },
    received: { en: 'more', zh: '更多参数' },
    fix: {
      en: 'Put names with blanks into quotation marks.',
      zh: '含空格的名称需要加引号。',
    },
  }),
}

function wrongLine({ code, message }: CommanderError): FailureParts | undefined {
  // Of `-t, --target <COLUMN>` the long name.
  const named = /'([^']*)'/.exec(message)?.[1] ?? ''
  const quoted = /--[\w-]+/.exec(named)?.[0] ?? named
  const near = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(message)?.[1]
  const parts = wrongLines[code]?.(quoted)
  if (parts === undefined) return undefined
  const fix: Text =
    near === undefined ? seeHelp : { en: `Did you mean ${near}?`, zh: `您是不是想用 ${near}？` }
  return { fix, ...parts }
}

const nothingWritten: Text = {
  en: 'Nothing was written.',
  zh: '没有写入任何内容。',
}

type SystemFault = (path: string) => FailureParts

/** The system's errors, by their codes. */
const systemFaults: Readonly<Record<string, SystemFault>> = {
  ENOSPC: (path) => ({
    where: path,
    expected: { en: 'room on the disk', zh: '磁盘有剩余空间' },
    received: { en: 'a full one', zh: '磁盘已满' },
    fix: {
      en: 'Nothing was written. Make room, or name an output on another disk.',
      zh: '没有写入任何内容。请腾出空间，或把输出放到另一块磁盘。',
    },
  }),
  EDQUOT: (path) => systemFaults.ENOSPC?.(path) as FailureParts,
  ENOENT: (path) => ({
    where: path,
    expected: { en: 'a file or folder', zh: '文件或文件夹' },
    received: { en: 'nothing of that name', zh: '没有这个名称' },
  }),
  EACCES: (path) => ({
    where: path,
    expected: { en: 'a file that this user may read or write', zh: '当前用户可读写的文件' },
    received: { en: 'one that is closed to this user', zh: '没有权限' },
    fix: nothingWritten,
  }),
  EPERM: (path) => systemFaults.EACCES?.(path) as FailureParts,
  EROFS: (path) => ({
    where: path,
    expected: { en: 'a disk that can be written to', zh: '可写的磁盘' },
    received: { en: 'a read-only one', zh: '只读磁盘' },
    fix: nothingWritten,
  }),
  EISDIR: (path) => ({
    where: path,
    expected: { en: 'a file', zh: '文件' },
    received: { en: 'a folder', zh: '文件夹' },
  }),
  ENOTDIR: (path) => ({
    where: path,
    expected: { en: 'a path whose folders are folders', zh: '由文件夹组成的路径' },
    received: { en: 'one that leads through a file', zh: '其中有一部分是文件' },
  }),
}

/** DuckDB and libraries of other languages tell of a full disk in words. */
const fullDisk = /no space left on device|ENOSPC/i

function ofSystem(error: Error): FailureParts | undefined {
  const { code, path } = error as NodeJS.ErrnoException
  const where = path?.replace(/\.typegrad-(tmp|old)-.*$/, '') ?? 'disk'
  const known = code === undefined ? undefined : systemFaults[code]
  if (known !== undefined && Object.hasOwn(systemFaults, code as string)) return known(where)
  return fullDisk.test(error.message) ? systemFaults.ENOSPC?.(where) : undefined
}
