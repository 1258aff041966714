import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'
import { TranslationMemory } from './translate/memory.ts'
import { loadMessages, type Message, split } from './translate/messages.ts'

const extract = 'examples/data/messages.json'
const message = (english: string): Message => ({ english, german: `de ${english}`, chinese: `zh ${english}` })

test('what is held out is on one side, with all that differs by case and punctuation alone', async () => {
  const messages = [
    ...(await loadMessages(extract)),
    message('IDENTIFIER  expected!'),
    message('Identifier, expected'),
  ]
  for (const every of [2, 3, 7]) {
    const { train, held } = split(messages, every)
    expect([...train, ...held].map(({ english }) => english).sort()).toEqual(
      messages.map(({ english }) => english).sort(),
    )
    expect(Math.abs(held.length - messages.length / every)).toBeLessThan(4)
    const words = ({ english }: Message) =>
      english
        .toLowerCase()
        .match(/[a-z{}\d]+/g)
        ?.join(' ')
    const learnt = new Set(train.map(words))
    expect(held.filter((one) => learnt.has(words(one)))).toEqual([])
  }
})

test('the memory has the text that differs by the fewest words, but not the one left out', () => {
  const texts = [
    'Cannot find name {0}.',
    'Cannot find module {0}.',
    'Cannot find the module named {0}.',
    'Open',
  ]
  const messages = texts.map(message)
  const memory = new TranslationMemory(messages)
  const found = (text: string, except?: Message) => {
    const match = memory.find(text, except)
    return [match?.message.english, Number(match?.likeness.toFixed(4))]
  }
  // One of five words differs, the point among them.
  expect(found('cannot find file {0}.')).toEqual(['Cannot find name {0}.', 0.8])
  expect(found('Cannot find module {0}.', messages[1])).toEqual(['Cannot find name {0}.', 0.8])
  expect(found('Cannot find the module {0}')).toEqual([
    'Cannot find the module named {0}.',
    Number((5 / 7).toFixed(4)),
  ])
  expect(memory.find('elsewhere')).toBeUndefined()
})

test('on a small budget a transformer learns, and is judged beside the memory', {
  timeout: 600_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-translate-'))
  const budget = ['--data', extract, '--held', '16', '--words', '500', '--width', '32', '--layers', '1']
  const training = ['--epochs', '4', '--dropout', '0', '--rate', '0.01', '--beams', '2', '--output', folder]
  const text = await output('translate.ts', ...budget, ...training)
  await rm(folder, { recursive: true })
  const losses = [...text.matchAll(/val_loss: ([\d.]+)/g)].map(([, loss]) => Number(loss))
  // A guess among 500 words is 6.2 nats.
  expect(losses, text).toHaveLength(4)
  expect(losses.at(-1), text).toBeLessThan(5.2)
  // What sacreBLEU 2.6.0 gives for the memory's answers.
  expect(numbers(text, /^german, memory +([\d.]+) +([\d.]+)$/m)).toEqual([18.2, 25.8])
  expect(numbers(text, /^chinese, memory +([\d.]+) +([\d.]+)$/m)).toEqual([18.3, 14.0])
  for (const language of ['german', 'chinese'])
    expect(
      numbers(text, new RegExp(`^${language}, transformer +([\\d.]+) +([\\d.]+)$`, 'm')),
      text,
    ).toHaveLength(2)
})
