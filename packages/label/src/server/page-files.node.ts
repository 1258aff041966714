import { readFile } from 'node:fs/promises'

/** What a browser loads: the page, and its program with all that it needs. */
export interface PageFiles {
  readonly html: string
  readonly script: string
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>typegrad</title>
<script type="module" src="page.js"></script>
</head>
<body><main id="app"></main><noscript>This page needs JavaScript.</noscript></body>
</html>
`

let made: Promise<PageFiles> | undefined

/** The page's files, read when they are first asked for. */
export function pageFiles(): Promise<PageFiles> {
  made ??= script().then((text) => ({ html, script: text }))
  return made
}

async function script(): Promise<string> {
  // The package has the program beside it. In the repository nothing is built: there a tool makes it of the sources.
  if (!import.meta.url.endsWith('.ts')) return readFile(new URL('./page.js', import.meta.url), 'utf8')
  const tool = new URL('../../../../tools/label-page.ts', import.meta.url).href
  const { labelPage } = (await import(/* @vite-ignore */ tool)) as { labelPage: () => Promise<string> }
  return labelPage()
}
