import { expect, test } from 'vitest'
import { escapeMarkup } from './markup.ts'

test('no character ends a tag or an attribute', () => {
  expect(escapeMarkup(`<a href="x" id='y'> & é`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt; &amp; é')
  expect(escapeMarkup('&amp;')).toBe('&amp;amp;')
})
