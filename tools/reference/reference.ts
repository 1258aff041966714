/** The whole reference: its pages by file, and what its makers want to know of the options. */
import type { Symbol as CompilerSymbol } from 'typescript/unstable/sync'
import { type Library, resolved } from './compiler.ts'
import { type Entry, functionsOf, methodsOf, type Option } from './entries.ts'
import { type Sheet, sheet } from './markdown.ts'
import { type Page, pages, rest } from './pages.ts'

export interface Reference {
  /** Markdown by the name of its file. */
  readonly files: ReadonlyMap<string, string>
  /** Every option that is shown, once. */
  readonly options: readonly Option[]
}

export function reference(library: Library): Reference {
  const { checker, exports, exportsOfDoor } = library
  const inNamespace = (name: string): readonly CompilerSymbol[] => {
    const symbol = exports.find((one) => one.name === name)
    if (symbol === undefined) throw new Error(`expected ${name} among the exports`)
    return checker.getExportsOfModule(resolved(checker, symbol))
  }
  const functions = functionsOf(library, exports)
  const named = new Set(pages.flatMap((page) => page.functions ?? []))
  const unknown = [...named].filter((name) => !functions.some((entry) => entry.name === name))
  if (unknown.length > 0) throw new Error(`expected exports, received ${unknown.join(', ')}`)

  const isNew = ({ name }: Entry): boolean => !functions.some((entry) => entry.name === name)

  const sheetOf = (page: Page, names = page.functions ?? []): Sheet => {
    const { title, intro, shared, door, namespaces = [], classes = [], without = [] } = page
    const sections = [
      { entries: functions.filter(({ name }) => names.includes(name)).sort(inOrderOf(names)) },
      { entries: door === undefined ? [] : functionsOf(library, exportsOfDoor(door)).filter(isNew) },
      ...namespaces.map((name) => ({
        ...(namespaces.length > 1 && { title: `${name.charAt(0).toUpperCase()}${name.slice(1)}` }),
        entries: functionsOf(library, inNamespace(name)).map((entry) => ({
          ...entry,
          name: `${name}.${entry.name}`,
          namespace: name,
        })),
      })),
      ...classes.map((name) => ({
        title: `Methods of ${name}`,
        entries: methodsOf(library, exports, name).filter((entry) => !without.includes(entry.name)),
      })),
    ]
    return { title, intro, shared, sections: sections.filter(({ entries }) => entries.length > 0) }
  }
  const left = functions.map(({ name }) => name).filter((name) => !named.has(name))
  const sheets = new Map<string, Sheet>(pages.map((page) => [page.file, sheetOf(page)]))
  sheets.set(rest.file, sheetOf(rest, left))

  const shown = [...sheets.values()].flatMap(({ sections }) => sections.flatMap(({ entries }) => entries))
  const options = shown.flatMap(({ parameters }) => parameters.flatMap((parameter) => parameter.options))
  return {
    files: new Map([
      ...[...sheets].map(([file, content]): [string, string] => [`${file}.md`, sheet(content)]),
      ['index.md', index([...pages, rest])],
    ]),
    options: [...new Map(options.map((option) => [`${option.owner}.${option.name}`, option])).values()],
  }
}

const inOrderOf = (names: readonly string[]) => (a: Entry, b: Entry) =>
  names.indexOf(a.name) - names.indexOf(b.name)

const index = (all: readonly Page[]): string => `<!-- Made by \`npm run reference\`. -->

# Reference

Every function, layer, loss, metric, optimizer and callback, with each option, its type and its default. These pages are
made from the types and doc comments of the source; a test holds them, and the defaults that they state, to the code.

${all.map(({ file, title, intro }) => `- [${title}](${file}.md): ${intro}`).join('\n')}
`
