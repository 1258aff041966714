import { stripped, wordsOf } from './python-text.ts'

/** How BLEU cuts a text into tokens, by sacreBLEU's names. */
export const bleuTokenizers = ['13a', 'intl', 'zh', 'char', 'none'] as const

export type BleuTokenizer = (typeof bleuTokenizers)[number]

/** mteval's rules for Western languages: punctuation is a token, but for points and commas between digits. */
const western: readonly (readonly [RegExp, string])[] = [
  [/([{-~[-` -&(-+:-@/])/gu, ' $1 '],
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  [/([0-9])(-)/gu, '$1 $2 '],
]

/** mteval-v14's international rules: all of Unicode's punctuation and symbols, but for punctuation between digits. */
const international: readonly (readonly [RegExp, string])[] = [
  [/(\P{N})(\p{P})/gu, '$1 $2 '],
  [/(\p{P})(\P{N})/gu, ' $1 $2'],
  [/(\p{S})/gu, ' $1 '],
]

const replaced = (text: string, rules: readonly (readonly [RegExp, string])[]): string =>
  rules.reduce((line, [pattern, by]) => line.replace(pattern, by), text)

/**
 * What sacreBLEU's `zh` takes for Chinese. Two of its ranges, meant for ideographs from U+20000 and U+2F800 on, are read by
 * Python as four digits and a character, and so are U+2001 to U+2A6D and U+2F81 to U+2FA1; they are here what they are there.
 */
const chinese =
  /[\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\u2001-\u2a6d\u2f81-\u2fa1\uff00-\uffef\u2e80-\u2eff\u3000-\u303f\u31c0-\u31ef\u2f00-\u2fdf\u2ff0-\u2fff\u3100-\u312f\u31a0-\u31bf\ufe10-\ufe1f\ufe30-\ufe4f\u3200-\u33ff]/gu

/** The tokenizers of sacreBLEU (Post 2018, https://arxiv.org/abs/1804.08771), each from a text to its tokens. */
export const tokenizeForBleu: Readonly<Record<BleuTokenizer, (text: string) => string[]>> = {
  '13a'(text) {
    const line = text
      .replaceAll('<skipped>', '')
      .replaceAll('-\n', '')
      .replaceAll('\n', ' ')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
    return wordsOf(replaced(` ${line} `, western))
  },
  intl: (text) => wordsOf(replaced(text, international)),
  zh: (text) => wordsOf(replaced(stripped(text).replace(chinese, ' $& '), western)),
  char: (text) => [...text].flatMap(wordsOf),
  none: wordsOf,
}
