/**
 * `bert-pretrain-finetune/`: what a net may be asked about a mail, in `examples/bert-pretrain-finetune.ts`. It knows the mails alone.
 */
import type { Mail } from '../spam-data.ts'

/** A question with a class for an answer. */
export interface MailTask {
  readonly name: string
  readonly classes: number
  /** The class of a mail; undefined where the question makes no sense. */
  readonly labelOf: (mail: Mail) => number | undefined
}

/** The mailing lists of the corpus that have at least 100 mails, by what their names begin with. */
const lists = ['fork.', 'ilug.', 'rpm-', 'razor-users.', 'spamassassin-talk.', 'exmh-', 'zzzzteana']

export const tasks: readonly MailTask[] = [
  { name: 'spam', classes: 2, labelOf: ({ spam }) => spam },
  {
    name: 'mailing list',
    classes: lists.length,
    labelOf: ({ spam, list }) => {
      const place = spam === 1 || list === undefined ? -1 : lists.findIndex((name) => list.startsWith(name))
      return place < 0 ? undefined : place
    },
  },
]

/** Lines that name a mailing list or its machinery, in a quotation too. */
const mark =
  /listinfo|mailing[ -]list|list maintainer|users' group:|subscri|sponsor|sf\.net|sourceforge|yahoo|freshrpms|(xent|taint|linux|example)\.(com|org|ie)/i

/** A mail without what lists put into all of theirs: the answer would stand there. */
export const withoutMarks = (text: string): string =>
  text
    .replace(/\[[^\]\n]{1,40}\]/g, ' ')
    .split('\n')
    .filter((line) => !mark.test(line))
    .join('\n')
