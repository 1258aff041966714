import { posix } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

/**
 * Links to files of the repository that are no pages of the site (`../bench/measurements.md`) become their text: on GitHub
 * they lead somewhere, on the site they would not.
 */
export function outsideLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('outside-links', ({ tokens, env }) => {
    const folder = posix.dirname((env as { relativePath?: string }).relativePath ?? '')
    for (const { children } of tokens) {
      let isOutside = false
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const target = String(token.attrGet('href'))
          isOutside = !/^(?:[a-z]+:|\/|#)/.test(target) && posix.join(folder, target).startsWith('..')
        }
        if (!isOutside || !token.type.startsWith('link_')) continue
        if (token.type === 'link_close') isOutside = false
        token.type = token.type.replace('link', 'plain')
        token.tag = 'span'
        token.attrs = []
      }
    }
  })
}
