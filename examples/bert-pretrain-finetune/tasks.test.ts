import { expect, test } from 'vitest'
import { tasks, withoutMarks } from './tasks.ts'

test('the list is asked of wanted mails of the larger lists alone', () => {
  const [spam, list] = tasks
  const mail = { text: '', subject: '', spam: 0, list: 'rpm-zzzlist.freshrpms.net' } as const
  expect(spam?.labelOf(mail)).toBe(0)
  expect(list?.labelOf(mail)).toBe(2)
  expect(list?.labelOf({ ...mail, spam: 1 })).toBeUndefined()
  expect(list?.labelOf({ ...mail, list: undefined })).toBeUndefined()
  expect(list?.labelOf({ ...mail, list: 'webdev.linux.ie' })).toBeUndefined()
})

test('what a list adds to its mails is taken out', () => {
  const mail = [
    '[ILUG] Sound on a laptop',
    '',
    'It hums.',
    '> -- ',
    "> Irish Linux Users' Group: ilug@linux.ie",
    'http://www.linux.ie/mailman/listinfo/ilug for (un)subscription information.',
    'List maintainer: listmaster@linux.ie',
  ]
  expect(withoutMarks(mail.join('\n'))).toBe('  Sound on a laptop\n\nIt hums.\n> -- ')
})
