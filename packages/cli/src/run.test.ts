import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commands } from './commands/table.ts'
import { textWidth } from './terminal/text-width.ts'
import { typed } from './testing/typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const names = commands.map(({ definition }) => definition.name)

test('without a command, and with --help, all commands are named', async () => {
  const { code, out, err } = await typed('typegrad --help')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^Usage: typegrad COMMAND \[OPTIONS\]\n/)
  for (const name of names) expect(out).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'))
  expect((await typed('typegrad')).out).toBe(out)
  expect((await typed('typegrad --version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

describe.each(['en', 'zh'])('help in %s', (lang) => {
  test.each(['', ...names])('of %s has 80 columns, all options and an example', async (name) => {
    const { code, out } = await typed(`typegrad ${name} --help --lang ${lang}`)
    expect(code).toBe(0)
    // A command is one line, however long it is.
    const lines = out.split('\n').filter((line) => !line.startsWith('  typegrad '))
    expect(lines.filter((line) => textWidth(line) > 80)).toEqual([])
    const { definition } = commands.find(({ definition }) => definition.name === name) ?? {}
    for (const [command] of definition?.examples ?? []) expect(out).toContain(`  ${command}\n`)
    for (const option of Object.keys(definition?.options ?? {}))
      expect(out).toContain(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
    expect(/\p{Script=Han}/u.test(out)).toBe(lang === 'zh')
  })
})

describe('examples of help can be meant', () => {
  const examples = commands.flatMap(({ definition }) => definition.examples.map(([command]) => [command]))
  const idle = commands.map(({ definition }) => ({ definition, load: async () => ({ run: async () => {} }) }))

  test.each(examples)('%s', async (command) => {
    // What stands behind a pipe is another program's.
    const [line = ''] = command?.split(/ [|>]/) ?? []
    expect(await typed(line, { commands: idle })).toEqual({ code: 0, out: '', err: '' })
  })
})

describe('a command line that cannot be meant ends with 2:', () => {
  test.each([
    [
      'typegrad inspet x',
      "COMMAND: expected the name of a command, received 'inspet'. Did you mean inspect?",
    ],
    [
      'typegrad inspect',
      'FILE: expected it behind the name of the command, received nothing. See typegrad --help.',
    ],
    [
      'typegrad inspect a b',
      'ARGUMENTS: expected only those that the command has, received more. Put names with blanks into quotation marks.',
    ],
    [
      'typegrad train x.csv --taget y',
      '--taget: expected an option of this command, received one that it does not have. Did you mean --target?',
    ],
    [
      'typegrad train x.csv --target',
      '--target: expected a value behind it, received nothing. See typegrad --help.',
    ],
    ['typegrad train x.csv --budget soon', "--budget: expected a number above 0, received 'soon'."],
    ['typegrad train x.csv --folds 1', "--folds: expected a whole number of at least 2, received '1'."],
    [
      'typegrad train x.csv --test-share 1',
      "--test-share: expected a share above 0 and below 1, received '1'.",
    ],
    [
      'typegrad train x.csv --task guess',
      "--task: expected one of binary, classes, labels, regression, quantiles, counts, received 'guess'.",
    ],
    ['typegrad completion tcsh', "SHELL: expected one of bash, zsh, fish, received 'tcsh'."],
    ['typegrad inspect x --lang fr', "--lang: expected one of en, zh, received 'fr'."],
  ])('%s', async (line, said) => {
    expect(await typed(line)).toEqual({ code: 2, out: '', err: `typegrad: ${said}\n` })
  })
})

test('the locale chooses the language, and --lang goes before it', async () => {
  const line = 'typegrad train x.csv --budget soon'
  const inChinese = "typegrad：--budget：应为大于 0 的数，实际是 'soon'。\n"
  const inEnglish = "typegrad: --budget: expected a number above 0, received 'soon'.\n"
  expect((await typed(line, { environment: { LANG: 'zh_CN.UTF-8' } })).err).toBe(inChinese)
  expect((await typed(line, { environment: { LANG: 'zh_CN.UTF-8', LC_ALL: 'C' } })).err).toBe(inEnglish)
  expect((await typed(line, { locale: 'zh-CN' })).err).toBe(inChinese)
  expect((await typed(`${line} --lang=en`, { locale: 'zh-CN' })).err).toBe(inEnglish)
})

test('a file that is not there is named, with the nearest that is', async () => {
  writeFileSync(join(folder, 'customers.csv'), 'a\n1\n')
  const { code, err } = await typed(`typegrad inspect ${folder}/custmers.csv`)
  expect(code).toBe(1)
  expect(err).toBe(
    `typegrad: ${folder}/custmers.csv: expected a file or folder, received nothing of that name. Did you mean ${folder}/customers.csv?\n`,
  )
})

test('errors are broken between words on a screen', async () => {
  const { err } = await typed('typegrad train x.csv --taget y', { columns: 60 })
  const lines = err.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(1)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(60)
})

describe('completion', () => {
  test('bash completes commands, options, values and files', async () => {
    const { code, out } = await typed('typegrad completion bash')
    expect(code).toBe(0)
    const complete = (...line: readonly string[]): string[] =>
      execFileSync(
        'bash',
        [
          '-c',
          `${out}\nCOMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')})\nCOMP_CWORD=${line.length - 1}\n_typegrad\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
        ],
        { encoding: 'utf8' },
      )
        .trim()
        .split('\n')
    expect(complete('typegrad', 'p')).toEqual(['predict', 'plot'])
    expect(complete('typegrad', 'train', '--bu')).toEqual(['--budget'])
    expect(complete('typegrad', 'train', '--task', 'c')).toEqual(['classes', 'counts'])
    expect(complete('typegrad', 'completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(complete('typegrad', 'inspect', `${folder}/cust`)).toEqual([`${folder}/customers.csv`])
  })

  test.each(['zsh', 'fish'])('%s knows all commands and options', async (shell) => {
    const { code, out } = await typed(`typegrad completion ${shell}`)
    expect(code).toBe(0)
    for (const { definition } of commands) {
      expect(out).toContain(definition.name)
      for (const option of Object.keys(definition.options))
        expect(out).toContain(option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
    }
  })
})
