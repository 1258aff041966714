import type { Change } from '../aligned-text.ts'
import { matchesOf } from '../matches.ts'
import { classOf, lazily, newToNormalForms } from './characters.ts'

export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'

const segments = lazily(() => {
  const fresh = classOf(newToNormalForms())
  // Marks, halves of Hangul syllables and kana's voicing in half width: what may go together with what stands before.
  const joining = `(?!${fresh})[\\p{M}\\u1160-\\u11ff\\u3131-\\u318e\\uff9e-\\uffdc]`
  return new RegExp(`(${fresh})|[\\s\\S](?:${joining})*`, 'gu')
})
const anyNew = lazily(() => new RegExp(classOf(newToNormalForms()), 'u'))

const ascii = /^\p{ASCII}*$/u

/** Whether a text has this form already. */
function isNormal(text: string, form: NormalForm): boolean {
  return ascii.test(text) || (text.normalize(form) === text && !anyNew().test(text))
}

/**
 * A normal form of Unicode 12 (UAX #15) as a list of changes; undefined where it is the text itself.
 *
 * Characters are decomposed and put into order with the change that each is, and what is composed adds up the changes of its
 * parts, as the crate unicode-normalization-alignments does.
 */
export function normalForm(text: string, form: NormalForm): readonly Change[] | undefined {
  if (isNormal(text, form)) return undefined
  const apart = form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD'
  const changes: Change[] = []
  for (const [segment = '', fresh] of matchesOf(text, segments())) {
    const made = segment.normalize(form)
    if (fresh !== undefined || (made === segment && segment.normalize(apart) === segment)) {
      for (const character of segment) changes.push([character, 0])
      continue
    }
    const parts = Array.from(segment).flatMap((character) =>
      Array.from(character.normalize(apart), (part, i) => ({ part, change: i === 0 ? 0 : 1, used: false })),
    )
    for (const character of made) {
      let change = 1
      for (const part of character.normalize('NFD')) {
        const one = parts.find((other) => !other.used && other.part === part)
        if (one === undefined) continue
        one.used = true
        change += one.change - 1
      }
      changes.push([character, change])
    }
  }
  return changes
}
