/** `npm run reference`: writes docs/reference/ from the types. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLibrary } from './compiler.ts'
import { reference } from './reference.ts'

const folder = fileURLToPath(new URL('../../docs/reference', import.meta.url))
const { files } = withLibrary(reference)
mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder)) if (!files.has(file)) rmSync(join(folder, file))
for (const [file, text] of files) writeFileSync(join(folder, file), text)
console.log(`docs/reference: ${files.size} pages`)
