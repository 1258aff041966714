/**
 * `language/`: which language the command speaks, and a sentence in each. It knows nothing else.
 */

/** The languages of the command. */
export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** A sentence in every language: one that lacks a translation does not compile. */
export type Text = Readonly<Record<Language, string>>

/** What is the same in every language: names, numbers, paths. */
export const same = (text: string): Text => ({ en: text, zh: text })

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The language of a locale: `LC_ALL`, else `LC_MESSAGES`, else `LANG`, as POSIX orders them, and that of the system where none is set.
 * English for languages that there are no texts in.
 */
export function languageOf(environment: Environment, system: string): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = environment
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '') ?? system
  return /^zh\b|^zh_/i.test(locale) ? 'zh' : 'en'
}
