import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { Tarball } from './tarball.ts'

const attw = fileURLToPath(new URL('../../node_modules/@arethetypeswrong/cli/dist/index.js', import.meta.url))

/** What publint and Are The Types Wrong have to say against a package. */
export async function complaintsOf(tarball: Tarball): Promise<string[]> {
  const { name, exports } = tarball.manifest
  const bytes = await readFile(tarball.path)
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: content }, level: 'warning' })
  const said = messages.map((message) => `${name}: publint: ${formatMessage(message, pkg)}`)
  // What exports nothing has no types that could be wrong: native libraries.
  if (exports !== undefined) said.push(...(await wrongTypesOf(tarball)))
  return said
}

/**
 * By Node's resolution, from modules and from CommonJS, and by that of bundlers. That CommonJS gets modules here is
 * meant: all supported versions of Node have `require(esm)`.
 */
function wrongTypesOf({ path, manifest }: Tarball): Promise<string[]> {
  const options = [
    '--profile',
    'node16',
    '--ignore-rules',
    'cjs-resolves-to-esm',
    '--format',
    'ascii',
    '--no-definitely-typed',
  ]
  return new Promise((resolve) => {
    execFile(process.execPath, [attw, path, ...options], (error, stdout, stderr) => {
      resolve(error === null ? [] : [`${manifest.name}: attw: ${stdout}${stderr}`])
    })
  })
}
