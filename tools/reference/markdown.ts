/** Entries as Markdown that both GitHub and the site's generator render alike. */
import type { Entry, Option } from './entries.ts'

export interface Section {
  readonly title?: string
  readonly entries: readonly Entry[]
}

export interface Sheet {
  readonly title: string
  readonly intro: string
  readonly sections: readonly Section[]
  readonly shared?: { readonly of: string; readonly interfaces: readonly string[] } | undefined
}

const notice = '<!-- Made from the types by `npm run reference`: change the doc comments instead. -->'

export function sheet({ title, intro, sections, shared }: Sheet): string {
  const entries = sections.flatMap((section) => section.entries)
  const common = new Map(
    optionsIn(entries)
      .filter(({ owner }) => shared?.interfaces.includes(owner))
      .map((option) => [option.name, option]),
  )
  const parts = [notice, `# ${title}`, intro]
  if (shared !== undefined) parts.push(`## Options of ${shared.of}`, table([...common.values()]))
  for (const section of sections) {
    if (section.title !== undefined) parts.push(`## ${section.title}`)
    const level = section.title === undefined ? '##' : '###'
    for (const group of alike(section.entries)) parts.push(...described(group, level, shared))
  }
  return `${parts.join('\n\n')}\n`
}

const optionsIn = (entries: readonly Entry[]): Option[] =>
  entries.flatMap(({ parameters }) => parameters.flatMap(({ options }) => options))

/** Entries that differ by their names alone, such as `conv2d` and `convolution2d`, together. */
function alike(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const { name, ...said } = entry
    const key = entry.text === '' ? name : JSON.stringify(said)
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  return [...groups.values()]
}

function described(group: readonly Entry[], level: string, shared: Sheet['shared']): string[] {
  const [entry] = group as [Entry]
  const parts = [`${level} ${group.map(titleOf).join(', ')}`]
  parts.push(`\`\`\`ts\n${group.map(call).join('\n')}\n\`\`\``)
  if (entry.text !== '') parts.push(prose(entry.text))
  const told = entry.parameters.filter(({ text }) => text !== '')
  if (told.length > 0) parts.push(told.map(({ name, text }) => `- \`${name}\`: ${flat(text)}`).join('\n'))
  const options = optionsIn([entry])
  const own = options.filter(({ owner }) => shared?.interfaces.includes(owner) !== true)
  if (own.length > 0) parts.push(table(own))
  if (own.length < options.length && shared !== undefined) {
    const anchor = `options-of-${shared.of.replaceAll(' ', '-')}`
    parts.push(`${own.length > 0 ? 'And the' : 'The'} [options of ${shared.of}](#${anchor}).`)
  }
  if (entry.throws.length > 0) {
    const errors = entry.throws.map((text) => flat(text).replace(/^(\w+)/, '`$1`'))
    parts.push(
      errors.length === 1 ? `Throws ${errors[0]}` : `Throws\n\n${errors.map((e) => `- ${e}`).join('\n')}`,
    )
  }
  for (const example of entry.examples) parts.push(`\`\`\`ts\n${example.trim()}\n\`\`\``)
  return parts
}

/** A function of a namespace without it, for the page says which it is. */
const titleOf = ({ name, namespace }: Entry): string =>
  namespace === undefined ? name : name.slice(namespace.length + 1)

const call = ({ name, parameters }: Entry): string =>
  `${name}(${parameters.map((p) => `${p.name}${p.isOptional ? '?' : ''}`).join(', ')})`

function table(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const value = option.isRequired ? '**needed**' : shownDefault(option.default)
    return `| ${[`${code(option.name)}<br>${code(option.type)}`, value, flat(option.text)].map(cell).join(' | ')} |`
  })
  return ['| Option | Default | What it is |', '| --- | --- | --- |', ...rows].join('\n')
}

const code = (text: string): string => `\`${text}\``

/** A value by itself is code; a sentence is not. */
const shownDefault = (text = ''): string =>
  /^(?:[−-]?[\d.,e-]+|true|false|null)$/.test(text) ? code(text) : prose(text)

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** A doc comment's paragraphs and lists as Markdown, without its line breaks. */
function prose(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => flat(paragraph.replace(/\n\s*- /g, '\u0000')).replaceAll('\u0000', '\n- '))
    .join('\n\n')
}

/** One line: links to symbols become code, and what would be a tag is none. */
const flat = (text: string): string =>
  text
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('*', '\\*')))
    .join('')
