import type { MarkdownRenderer } from 'vitepress'

/** ```mermaid blocks, which GitHub draws, are drawn by the component of the theme. */
export function diagrams(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    if (token?.info.trim() !== 'mermaid') return fence?.(tokens, index, options, env, self) ?? ''
    return `<MermaidDiagram source="${encodeURIComponent(token.content)}" />`
  }
}
