import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { loadMails, readMail } from './spam-data.ts'

test('a mail is its subject and its body, decoded', async () => {
  const source = [
    'From somebody@example.com  Thu Aug 22 12:36:23 2002',
    'Received: from mail.example.com',
    'Subject: =?iso-8859-1?Q?caf=E9?=',
    'Content-Type: text/html; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<html><body><style>p { color: red }</style><font color=3D"red"><b>Buy=',
    ' now</b></font> &amp; here</body></html>',
  ].join('\n')
  const { subject, text, list } = await readMail(source)
  expect(list).toBeUndefined()
  expect(subject).toBe('café')
  expect(text).toMatch(/^café\n\n/)
  expect(text.replace(/\s+/g, ' ').trim()).toBe('café <html Buy now & here')
})

test.runIf(isWhole)('the whole corpus is read', { timeout: 120_000 }, async () => {
  const mails = await loadMails()
  expect(mails).toHaveLength(6046)
  expect(mails.filter(({ spam }) => spam === 1)).toHaveLength(500 + 1396)
  expect(mails.filter(({ text }) => text.trim() === '').length).toBeLessThan(10)
  expect(mails[0]?.subject).toBe('Re: New Sequences Window')
  expect(mails.filter(({ spam, list }) => spam === 0 && list === 'ilug.linux.ie')).toHaveLength(544)
})
