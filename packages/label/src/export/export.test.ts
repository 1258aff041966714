import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { LabelledSample } from '../options.ts'
import { cocoOf } from './coco.ts'
import { conllOf, readConll } from './conll.ts'
import { iob2 } from './words.ts'

const sample = { index: 0, medium: 'text', path: undefined, read: undefined, row: undefined } as const

test('boxes are the file that pycocotools opened, with two pictures and three boxes', () => {
  const boxes = [
    { class: 'cat', x: 10, y: 20, width: 30.5, height: 40 },
    { class: 'dog', x: 0, y: 0, width: 100, height: 80 },
  ]
  const labelled: LabelledSample<'boxes'>[] = [
    {
      ...sample,
      medium: 'image',
      id: 'a',
      text: undefined,
      path: 'pictures/a.jpg',
      value: { width: 100, height: 80, boxes },
    },
    {
      ...{ ...sample, medium: 'image', id: 'b', text: undefined },
      value: { width: 50, height: 50, boxes: [{ class: 'dog', x: 1, y: 2, width: 3, height: 4 }] },
    },
  ]
  const golden = JSON.parse(readFileSync(new URL('../../golden/coco.json', import.meta.url), 'utf8'))
  expect(cocoOf(labelled, ['cat', 'dog'], 'animals')).toEqual(golden)
})

test('words are whole, and cut only where a span begins or ends within one', () => {
  const text = 'Ada’s mother-in-law lives in 東京.'
  const spans = [
    { class: 'PER', start: 0, end: 3 },
    { class: 'LOC', start: text.indexOf('東'), end: text.indexOf('東') + 2 },
  ]
  const { tokens, labels } = iob2(text, spans)
  expect(tokens.slice(0, 2)).toEqual(['Ada', '’s'])
  expect(labels.slice(0, 2)).toEqual(['B-PER', 'O'])
  expect(tokens.filter((_, i) => labels[i]?.endsWith('LOC')).join('')).toBe('東京')
  expect(tokens.at(-1)).toBe('.')
})

test('CoNLL is read as it is written, and a line without a label is named', () => {
  const labelled: LabelledSample<'spans'>[] = [
    { ...sample, id: '0', text: 'Ada Lovelace', value: [{ class: 'PER', start: 0, end: 12 }] },
    { ...sample, id: '1', text: ' ', value: [] },
    { ...sample, id: '2', text: 'in Rome', value: [{ class: 'LOC', start: 3, end: 7 }] },
  ]
  const text = conllOf(labelled)
  expect(text).toBe('Ada B-PER\nLovelace I-PER\n\nin O\nRome B-LOC\n\n')
  expect(readConll(text)).toEqual([
    { tokens: ['Ada', 'Lovelace'], labels: ['B-PER', 'I-PER'] },
    { tokens: ['in', 'Rome'], labels: ['O', 'B-LOC'] },
  ])
  // CoNLL-2003's own lines.
  expect(readConll('-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\n')).toEqual([
    { tokens: ['EU'], labels: ['B-ORG'] },
  ])
  expect(() => readConll('Ada B-PER\nlives\n')).toThrow(
    /line 2: expected a word and its label, received lives/,
  )
})
