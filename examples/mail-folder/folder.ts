/**
 * `mail-folder/`: the parts of `examples/mail-folder.ts`: a folder of mails as text files, and naive Bayes to compare with. It knows
 * typegrad as any program does.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { groupKFold } from 'typegrad'
import { keptFolder } from '../../tools/kept-folder.ts'
import { nearDuplicates } from '../near-duplicates.ts'
import { loadMails, type Mail, topicOf } from '../spam-data.ts'

/**
 * SpamAssassin's mails as files, `train/ham/17.txt`, `test/spam/4.txt` and so on; a fifth of them is the test. Mails that are almost
 * the same, and those of one subject, are on one side.
 *
 * @param most how many mails at most.
 * @param cache where it is kept; git ignores the default.
 */
export const mailFolder = (most: number, cache = 'runs/data'): Promise<string> =>
  keptFolder(cache, `mails-${most}`, async (making) => {
    const mails = await loadMails(most)
    const groups = nearDuplicates(
      mails.map(({ text }) => text),
      mails.map(({ subject }, i) => topicOf(subject) || `mail ${i}`),
    )
    const { value: fold } = await groupKFold(groups, { folds: 5 }).next()
    const tested = new Set<number>(fold?.test ?? [])
    for (const side of ['train', 'test'])
      for (const kind of ['ham', 'spam']) await mkdir(join(making, 'mails', side, kind), { recursive: true })
    for (const [i, mail] of mails.entries())
      await writeFile(
        join(making, 'mails', tested.has(i) ? 'test' : 'train', kindOf(mail), `${i}.txt`),
        mail.text,
      )
    return join(making, 'mails')
  })

const kindOf = ({ spam }: Mail): string => (spam === 1 ? 'spam' : 'ham')
