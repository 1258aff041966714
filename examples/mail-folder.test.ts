import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel } from 'typegrad'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mailFolder } from './mail-folder/folder.ts'
import { NaiveBayes } from './mail-folder/naive-bayes.ts'
import { numbers, output } from './program.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-mail-folder-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('naive Bayes is its formula', () => {
  // The example of 13.2 of the book: China 2, Beijing 3, Shanghai 4, Macao 5, Tokyo 6, Japan 7.
  const bayes = new NaiveBayes(8, 2)
  for (const text of [
    [2, 3, 2],
    [2, 2, 4],
    [2, 5],
  ])
    bayes.learn(text, 1)
  bayes.learn([6, 7, 2, 0, 0], 0)
  expect(bayes.classOf([2, 2, 2, 6, 7, 0])).toBe(1)
  expect(bayes.classOf([6, 7])).toBe(0)
  // Without words the more frequent class.
  expect(bayes.classOf([0, 0])).toBe(1)
})

test('mails are files in folders of classes, each once', async () => {
  const mails = await mailFolder(60, folder)
  const files = new Map<string, readonly string[]>()
  for (const side of ['train', 'test'])
    for (const kind of ['ham', 'spam']) files.set(`${side}/${kind}`, await readdir(join(mails, side, kind)))
  const all = [...files.values()].flat()
  expect(all).toHaveLength(60)
  expect(new Set(all).size).toBe(60)
  const tested = [...(files.get('test/ham') ?? []), ...(files.get('test/spam') ?? [])].length
  expect(tested).toBeGreaterThan(8)
  expect(tested).toBeLessThan(20)
})

test('on a small budget it learns, is judged beside naive Bayes, and is saved with its vocabulary', {
  timeout: 240_000,
}, async () => {
  const budget = ['--mails', '300', '--words', '2000', '--length', '100', '--units', '8', '--seeds', '2']
  const text = await output(
    'mail-folder.ts',
    ...budget,
    '--epochs',
    '20',
    '--output',
    folder,
    '--cache',
    folder,
  )
  const [learned = 0, spam = 0, held = 0] = numbers(
    text,
    /^(\d+) mails to learn from \((\d+) spam\), (\d+) held out/m,
  )
  expect(learned + held).toBe(300)
  expect(spam).toBeGreaterThan(50)
  const [bayes] = numbers(text, /^naive Bayes +([\d.]+)/m)
  const [network, spread] = numbers(text, /^network, 2 seeds +([\d.]+)\s%\s±\s([\d.]+)/m)
  // Two in three are wanted.
  expect(bayes, text).toBeGreaterThan(78)
  expect(network, text).toBeGreaterThan(78)
  expect(spread).toBeLessThan(10)
  const saved = await loadModel(join(folder, 'model'))
  const probabilities = await (await saved.predict(['free money, click here now', 'see the patch'])).data()
  expect(probabilities).toHaveLength(2)
})
