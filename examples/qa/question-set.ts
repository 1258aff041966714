/**
 * `qa/`: the parts of `examples/qa.ts`: questions about this project's reference whose answers stand in it, and a simple way to
 * find them. It knows typegrad as any program does.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { tasks } from '@typegrad/transformers'

/** A question whose answer stands in the text. */
export interface Question extends tasks.QuestionRow {
  /** The function that the text is about. */
  readonly about: string
  readonly answers: readonly [{ readonly text: string; readonly start: number }]
}

/** An option of a function, as the reference's tables have it. */
interface Option {
  readonly name: string
  readonly value: string
  readonly says: string
}

/** How many options a text has: more would be longer than what is read at once. */
const mostOptions = 4

/** How many words of a description a question has: its text, too, is to have room in what is read at once. */
const mostWords = 16

/**
 * Questions made from the tables of the reference, in three forms: the default of an option, the option that a description is
 * of, and what an option is. The text has the options of one function as sentences; a description that several functions
 * share is asked for once, so that no answer is known from another function.
 *
 * @param folder with the pages of the reference.
 */
export async function questionSet(folder: string): Promise<readonly Question[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort()
  const pages = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const asked = new Set<string>()
  return pages.flatMap(functionsOf).flatMap(({ about, options }) =>
    parts(options).flatMap((some) => {
      const fresh = some.filter(({ says }) => !asked.has(says))
      for (const { says } of fresh) asked.add(says)
      return fresh.flatMap((option) => questionsOf(about, some, option))
    }),
  )
}

const parts = (options: readonly Option[]): readonly (readonly Option[])[] =>
  Array.from({ length: Math.ceil(options.length / mostOptions) }, (_, i) =>
    options.slice(i * mostOptions, (i + 1) * mostOptions),
  )

/** The functions of a page with the options of their tables. */
function functionsOf(
  page: string,
): readonly { readonly about: string; readonly options: readonly Option[] }[] {
  return page
    .split(/^#{2,3} /m)
    .slice(1)
    .map((section) => ({
      about: section.split('\n', 1)[0]?.replace(/[`*]/g, '').trim() ?? '',
      options: [...section.matchAll(/^\| `(\w+)`[^|]*(?:\\\|[^|]*)*\| ([^|]+) \| ([^|]+) \|$/gm)].flatMap(
        ([, name = '', value = '', says = '']) => {
          const option = { name, value: plain(value), says: plain(says).replace(/\.$/, '') }
          return option.value === '' || option.says.length < 12 ? [] : [option]
        },
      ),
    }))
}

const plain = (text: string): string =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]|<br>/g, '')
    .trim()

function questionsOf(about: string, options: readonly Option[], asked: Option): readonly Question[] {
  let context = ''
  const places = { name: 0, says: 0, value: 0 }
  for (const option of options) {
    const at = context.length
    context += `${option.name}: ${option.says}. It is ${option.value} by default. `
    if (option !== asked) continue
    places.name = at
    places.says = at + option.name.length + 2
    places.value = at + `${option.name}: ${option.says}. It is `.length
  }
  const row = (question: string, part: keyof Option): Question => ({
    ...{ about, question, context },
    answers: [{ text: asked[part], start: places[part] }],
  })
  const words = asked.says.split(' ')
  const told = words.slice(0, mostWords).join(' ')
  const description = `${told[0]?.toLowerCase()}${told.slice(1)}${words.length > mostWords ? ' …' : ''}`
  return [
    row(`What is the default of ${asked.name} in ${about}?`, 'value'),
    row(`Which option of ${about} is this: ${description}?`, 'name'),
    row(`What does ${asked.name} of ${about} say?`, 'says'),
  ]
}

/** Every so many functions are held out, all of their questions. */
export function split(
  questions: readonly Question[],
  every: number,
): { readonly train: readonly Question[]; readonly test: readonly Question[] } {
  const functions = [...new Set(questions.map(({ about }) => about))]
  const isHeld = (question: Question) => functions.indexOf(question.about) % every === 0
  return { train: questions.filter((one) => !isHeld(one)), test: questions.filter(isHeld) }
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/**
 * A simple answer: of the sentence that shares the most words with the question, what stands behind its last shared word, or
 * all of it (after the sliding window of Richardson et al. 2013, https://aclanthology.org/D13-1020).
 */
export function answerByWords({ question, context }: Question): string {
  const asked = new Set(wordsOf(question))
  const sentences = context.split(/(?<=\.) /)
  const shared = (sentence: string) => new Set(wordsOf(sentence).filter((word) => asked.has(word))).size
  const best = sentences.reduce((a, b) => (shared(b) > shared(a) ? b : a))
  const words = best.split(' ')
  const last = words.findLastIndex((word) => wordsOf(word).some((part) => asked.has(part)))
  const behind = words.slice(last + 1).join(' ')
  return behind === '' ? best : behind
}
