/** What pictures are written as. */
export const pictureEndings: readonly string[] = ['.svg', '.html']

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** A picture on a page that needs nothing else. The picture has light boxes, so the page stays light. */
export const picturePage = (svg: string, title: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
  :root { color-scheme: light }
  body { margin: 0; padding: 1.5rem; font: 16px system-ui, sans-serif; background: #fff; color: #222 }
  h1 { font-size: 1.2rem; font-weight: 600; margin: 0 0 1rem }
  svg { max-width: 100%; height: auto; display: block; margin: 0 auto }
</style>
<h1>${escaped(title)}</h1>
${svg.replace(/^<\?xml[^>]*\?>\s*/, '')}
</html>
`
