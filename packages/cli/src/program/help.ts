import { type Language, languages, same, type Text } from '../language/text.ts'
import { listing } from '../terminal/listing.ts'
import { wrapped } from '../terminal/text-width.ts'
import { type Command, type CommandDefinition, flagOf, type OptionDefinition } from './definition.ts'
import { flag, oneOf } from './options.ts'

const titles = {
  usage: { en: 'Usage', zh: '用法' },
  commands: { en: 'Commands', zh: '命令' },
  arguments: { en: 'Arguments', zh: '参数' },
  options: { en: 'Options', zh: '选项' },
  examples: { en: 'Examples', zh: '示例' },
  exitCodes: { en: 'Exit codes', zh: '退出码' },
} as const satisfies Readonly<Record<string, Text>>

/** What every command has, beside its own. */
export const json = flag({
  help: { en: 'Write results as JSON.', zh: '以 JSON 输出结果。' },
})
export const lang = oneOf(languages, 'LANGUAGE', {
  help: {
    en: 'en or zh. Default: the locale (LC_ALL, LC_MESSAGES, LANG).',
    zh: 'en 或 zh。默认：系统区域设置（LC_ALL、LC_MESSAGES、LANG）。',
  },
})
const help = flag({ short: 'h', help: { en: 'Show this.', zh: '显示帮助。' } })
const version = flag({ short: 'V', help: { en: 'Show the version.', zh: '显示版本。' } })

const described = (name: string, { short, shown }: OptionDefinition): string =>
  `${short === undefined ? '    ' : `-${short}, `}${flagOf(name)}${shown === undefined ? '' : ` ${shown}`}`

/** Help of a command in lines of at most `columns`. */
export function commandHelp(of: CommandDefinition, language: Language, columns: number): string {
  const args = Object.values(of.arguments)
  const line = args.map(({ shown, isOptional }) => (isOptional ? `[${shown}]` : shown)).join(' ')
  const options = { ...of.options, ...(of.hasJson && { json }), lang, help }
  return [
    ...head(of.summary, `typegrad ${of.name} ${line}`.trimEnd(), language, columns),
    ...(of.details === undefined ? [] : ['', ...wrapped(of.details[language], columns)]),
    ...section(
      headed(titles.arguments[language], language),
      listing(
        args.map(({ shown, help }) => [shown, help[language]]),
        columns,
      ),
    ),
    ...section(
      headed(titles.options[language], language),
      listing(
        Object.entries(options).map(([name, option]) => [described(name, option), option.help[language]]),
        columns,
      ),
    ),
    ...section(headed(titles.examples[language], language), examplesOf(of.examples, language, columns)),
    '',
  ].join('\n')
}

/** Help of the program. */
export function programHelp(commands: readonly Command[], language: Language, columns: number): string {
  return [
    ...head(
      {
        en: 'Models of tables and networks, from a terminal.',
        zh: '在终端里使用表格模型与神经网络。',
      },
      'typegrad COMMAND',
      language,
      columns,
    ),
    ...section(
      headed(titles.commands[language], language),
      listing(
        commands.map(({ definition: { name, summary } }) => [name, summary[language]]),
        columns,
      ),
    ),
    ...section(
      headed(titles.options[language], language),
      listing(
        Object.entries({ lang, version, help }).map(([name, option]) => [
          described(name, option),
          option.help[language],
        ]),
        columns,
      ),
    ),
    ...section(headed(titles.exitCodes[language], language), listing(codes(language), columns)),
    ...section(headed(titles.examples[language], language), examplesOf(programExamples, language, columns)),
    '',
    ...wrapped(
      {
        en: 'typegrad COMMAND --help tells more of a command.',
        zh: '用 typegrad COMMAND --help 查看各命令的详细说明。',
      }[language],
      columns,
    ),
    '',
  ].join('\n')
}

const codes = (language: Language): (readonly [string, string])[] =>
  (
    [
      ['0', { en: 'done', zh: '完成' }],
      ['1', { en: 'could not be done', zh: '未能完成' }],
      ['2', { en: 'the command line cannot be meant', zh: '命令行有误' }],
      ['130', { en: 'stopped by Ctrl-C', zh: '被 Ctrl-C 停止' }],
    ] as const
  ).map(([code, text]) => [code, text[language]])

const programExamples: CommandDefinition['examples'] = [
  ['typegrad inspect customers.csv --target churn', same('')],
  ['typegrad train customers.csv --target churn -o churn.model', same('')],
  ['typegrad predict churn.model new.csv -o predictions.csv', same('')],
]

const head = (summary: Text, usage: string, language: Language, columns: number): string[] => [
  ...wrapped(`${headed(titles.usage[language], language)} ${usage} [OPTIONS]`, columns, '  '),
  '',
  ...wrapped(summary[language], columns),
]

const headed = (title: string, language: Language): string => `${title}${{ en: ':', zh: '：' }[language]}`

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines]

/** A command, with what it does in the line above. */
const examplesOf = (examples: CommandDefinition['examples'], language: Language, columns: number): string[] =>
  examples.flatMap(([command, what]) => [
    ...(what[language] === '' ? [] : wrapped(`  # ${what[language]}`, columns, '  # ')),
    `  ${command}`,
  ])
