/**
 * `npm run pack [folder]`: all packages as they are published, one archive each, in `tarballs` or the folder that is
 * named. Ends with an error if publint or Are The Types Wrong find fault with one.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { complaintsOf } from './complaints.ts'
import { isHere, nativeName, natives } from './natives.ts'
import { stage } from './stage.ts'
import { type Tarball, tarballOf } from './tarball.ts'

const into = resolve(process.argv[2] ?? 'tarballs')
const staging = mkdtempSync(join(tmpdir(), 'typegrad-pack-'))
const tarballs: Tarball[] = []
try {
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  for (const staged of await stage(staging, () => true)) {
    const tarball = await tarballOf(staged, into)
    tarballs.push(tarball)
    const megabytes = (statSync(tarball.path).size / 1e6).toFixed(2)
    console.log(`${megabytes.padStart(7)} MB  ${relative('.', tarball.path)}`)
    for (const complaint of await complaintsOf(tarball)) {
      console.error(complaint)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(staging, { recursive: true, force: true })
}

const foreign = natives.filter((native) => !isHere(native)).map((native) => `@typegrad/${nativeName(native)}`)
const here = tarballs.filter(({ manifest }) => !foreign.includes(manifest.name))
console.log(`\nOn this machine: npm install ${here.map(({ path }) => path).join(' ')}`)
