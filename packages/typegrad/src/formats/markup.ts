const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * A text as it stands in HTML, SVG and other XML, between tags and in the quotes of an attribute: none of its characters ends either.
 *
 * @example
 * escapeMarkup('a < "b"') // 'a &lt; &quot;b&quot;'
 */
export const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
