import { expect, test } from 'vitest'
import { anchorOf, passagesOf, readPassages, textOf } from './passages.ts'
import { questions } from './questions.ts'

const page = `# Tea

After this page you can make **tea**.

## Boil \`water\`

Fill the [kettle](kettle.md#parts)
and wait.

- First item
- Second item

\`\`\`ts
boil(100) // until it sings
\`\`\`

| heat | tea |
| --- | --- |
| 80 | green |

## Next

- [Coffee](coffee.md)
`

test('a page is cut at its headings, and Markdown’s marks are left out', () => {
  const [first, second, ...others] = passagesOf('tea', page)
  expect(others).toEqual([])
  expect(first).toMatchObject({ title: 'Tea', heading: 'Tea', place: 'tea.md' })
  expect(first?.blocks).toEqual([{ kind: 'text', text: 'After this page you can make tea.' }])
  expect(second).toMatchObject({ title: 'Tea', heading: 'Boil water', place: 'tea.md#boil-water' })
  expect(second?.blocks.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'text: Fill the kettle and wait.',
    'text: First item',
    'text: Second item',
    'code: boil(100) // until it sings',
    'text: heat · tea',
    'text: 80 · green',
  ])
  // Of code only what it says in words is searched.
  expect(textOf(second as NonNullable<typeof second>)).toBe(
    'Tea: Boil water\nFill the kettle and wait.\nFirst item\nSecond item\nuntil it sings\nheat · tea\n80 · green',
  )
})

test('long sections become passages that overlap by whole blocks, and lose nothing', () => {
  const paragraphs = Array.from({ length: 30 }, (_, i) =>
    `p${i} ${'word '.repeat(5 + ((i * 7) % 19))}`.trim(),
  )
  const passages = passagesOf('long', `# Long\n\n## Part\n\n${paragraphs.join('\n\n')}\n`)
  const texts = passages.map(({ blocks }) => blocks.map(({ text }) => text))
  expect(passages.length).toBeGreaterThan(3)
  for (const [i, blocks] of texts.entries()) {
    expect(blocks.join(' ').split(' ').length).toBeLessThanOrEqual(100)
    const before = texts[i - 1]
    if (before === undefined) continue
    const shared = blocks.filter((text) => before.includes(text))
    expect(shared.length).toBeGreaterThan(0)
    expect(before.slice(-shared.length)).toEqual(shared)
    expect(shared.length).toBeLessThan(blocks.length)
  }
  expect([...new Set(texts.flat())]).toEqual(paragraphs)
})

test('a block that is longer than a passage stays whole', () => {
  const long = `start ${'word '.repeat(300)}end`
  const passages = passagesOf('x', `# X\n\nbefore\n\n${long}\n\nafter\n`)
  expect(passages.filter(({ blocks }) => blocks.some(({ text }) => text === long))).toHaveLength(1)
})

test('anchors are those of links', () => {
  expect(anchorOf('Files of Keras and TensorFlow.js')).toBe('files-of-keras-and-tensorflowjs')
})

test('each question’s answers are places of the guide', async () => {
  const places = new Set((await readPassages('docs/guide')).map(({ place }) => place))
  expect(questions).toHaveLength(40)
  for (const [question, ...answers] of questions) {
    expect(answers.length, question).toBeGreaterThan(0)
    for (const answer of answers) expect(places, question).toContain(answer)
  }
})
