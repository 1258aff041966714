import { type AlignedText, Rewriter, unitsAt } from './aligned-text.ts'

/**
 * A printable character for each of the 256 bytes, as GPT-2 has them: those of Latin-1 that are printable stand for
 * themselves, the others for 256 and on (https://github.com/openai/gpt-2, `bytes_to_unicode`).
 */
export const characterOfByte: readonly string[] = (() => {
  const isPrintable = (b: number) => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae
  let next = 256
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(isPrintable(b) ? b : next++))
})()

/** The byte that a character stands for. */
export const byteOfCharacter: ReadonlyMap<string, number> = new Map(characterOfByte.map((c, b) => [c, b]))

const encoder = new TextEncoder()
const printable = /^[!-~ ]*$/

/** The bytes of a text (UTF-8) as characters, each with the place of the character that it is of. */
export function byteCharacters(text: AlignedText): AlignedText {
  if (printable.test(text.text)) return text.withText(text.text.replaceAll(' ', 'Ġ'))
  const out = new Rewriter(text)
  for (let i = 0; i < text.text.length; ) {
    const units = unitsAt(text.text, i)
    out.put(bytesAsCharacters(text.text.slice(i, i + units)), i)
    i += units
  }
  return out.finish()
}

const asCharacters = new Map<string, string>()

function bytesAsCharacters(character: string): string {
  let made = asCharacters.get(character)
  if (made === undefined) {
    made = Array.from(encoder.encode(character), (b) => characterOfByte[b] as string).join('')
    if (asCharacters.size < 20_000) asCharacters.set(character, made)
  }
  return made
}
