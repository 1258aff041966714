/**
 * Text in pieces, made ready for a terminal: lines break between words, and characters that would command the terminal are
 * shown as �, since a model may say anything.
 *
 * @example
 * const text = new StreamedText(80)
 * for await (const piece of pieces) process.stdout.write(text.push(piece))
 * process.stdout.write(text.finish())
 */
export class StreamedText {
  readonly #columns: number
  #column = 0
  /** What has not been written: spaces, and the beginning of a word behind them. */
  #spaces = ''
  #word = ''
  #width = 0

  constructor(columns: number) {
    this.#columns = columns
  }

  push(piece: string): string {
    let out = ''
    for (const character of piece.replace(/\r/g, '').replace(commands, '\ufffd').replaceAll('\t', '  ')) {
      if (character === '\n') {
        out += `${this.finish()}\n`
        this.#column = 0
      } else if (character === ' ') {
        out += this.#takeWord()
        this.#spaces += ' '
      } else {
        const isWide = wide.test(character)
        // A line may break before and behind a character of Chinese and its like.
        if (isWide) out += this.#takeWord()
        this.#word += character
        this.#width += isWide ? 2 : 1
        if (isWide || this.#width >= this.#columns) out += this.#takeWord()
      }
    }
    return out
  }

  /** What was held back. */
  finish(): string {
    const rest = this.#takeWord()
    this.#spaces = ''
    return rest
  }

  #takeWord(): string {
    const [spaces, word, width] = [this.#spaces, this.#word, this.#width]
    if (word === '') return ''
    this.#spaces = ''
    this.#word = ''
    this.#width = 0
    const breaks = this.#column > 0 && this.#column + spaces.length + width > this.#columns
    this.#column = breaks ? width : this.#column + spaces.length + width
    return breaks ? `\n${word}` : spaces + word
  }
}

/** Control characters but for line feeds and tabs, and those that turn the direction of writing around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const commands = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|\p{Emoji_Presentation}/u
