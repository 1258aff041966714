import { stripped } from '../metrics/python-text.ts'

/** Tokens of a word, by their places in a row. */
export interface SpokenWord {
  readonly text: string
  /** The first and the last of its tokens. */
  readonly first: number
  readonly last: number
}

/** Languages that are written without spaces between words: each character counts as one. */
const withoutSpaces: ReadonlySet<string> = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue'])

/** What belongs to the word behind it, and what to the one before it. */
const opening = '"\'“¡¿([{-'
const closing = '"\'.。,，!！?？:：”)]}、'

const asciiPunctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/**
 * Tokens as words: a word begins with a space, or with punctuation, and punctuation then joins the word that it stands at. As
 * `_combine_tokens_into_words` of Hugging Face's Whisper has it.
 *
 * @param decode the text of tokens.
 * @param language what is spoken, as `zh`. Default one that is written with spaces.
 */
export function spokenWords(
  ids: readonly number[],
  decode: (ids: readonly number[]) => string,
  language?: string,
): readonly SpokenWord[] {
  const pieces = wholeCharacters(ids, decode)
  return punctuated(language !== undefined && withoutSpaces.has(language) ? pieces : betweenSpaces(pieces))
}

/** As few tokens at a time as make whole characters: one of several bytes may be spread over several tokens. */
function wholeCharacters(
  ids: readonly number[],
  decode: (ids: readonly number[]) => string,
): readonly SpokenWord[] {
  const broken = '\ufffd'
  const whole = decode(ids)
  const pieces: SpokenWord[] = []
  let first = 0
  let length = 0
  for (const last of ids.keys()) {
    const text = decode(ids.slice(first, last + 1))
    const at = text.indexOf(broken)
    // One that the whole text has as well is no part of a character.
    const isWhole = at === -1 || length + at >= whole.length || whole[length + at] === broken
    if (!isWhole) continue
    pieces.push({ text, first, last })
    first = last + 1
    length += text.length
  }
  return pieces
}

function betweenSpaces(pieces: readonly SpokenWord[]): readonly SpokenWord[] {
  const words: SpokenWord[] = []
  for (const piece of pieces) {
    const before = words.at(-1)
    const begins = piece.text.startsWith(' ') || asciiPunctuation.includes(stripped(piece.text))
    if (begins || before === undefined) words.push(piece)
    else words[words.length - 1] = joined(before, piece)
  }
  return words
}

const joined = (left: SpokenWord, right: SpokenWord): SpokenWord => ({
  text: left.text + right.text,
  first: left.first,
  last: right.last,
})

function punctuated(words: readonly SpokenWord[]): readonly SpokenWord[] {
  const opened: SpokenWord[] = []
  for (const word of words.toReversed()) {
    const behind = opened[0]
    if (behind !== undefined && word.text.startsWith(' ') && opening.includes(stripped(word.text)))
      opened[0] = joined(word, behind)
    else opened.unshift(word)
  }
  const closed: SpokenWord[] = []
  for (const word of opened) {
    const before = closed.at(-1)
    if (before !== undefined && !before.text.endsWith(' ') && closing.includes(word.text))
      closed[closed.length - 1] = joined(before, word)
    else closed.push(word)
  }
  return closed.filter(({ text }) => text !== '')
}
