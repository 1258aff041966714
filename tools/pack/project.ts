import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isHere, nativeName, natives } from './natives.ts'
import { serveRegistry } from './registry.ts'
import { type Staged, stage } from './stage.ts'
import { type Tarball, tarballOf } from './tarball.ts'

const execute = promisify(execFile)

/** All packages; those that this machine would install also as archives. */
export interface Published {
  readonly tarballs: readonly Tarball[]
  readonly others: readonly Staged[]
}

/** Packs what this machine would install. */
export async function publish(folder: string): Promise<Published> {
  const isOther = ({ manifest }: Staged): boolean =>
    natives.some((native) => !isHere(native) && manifest.name === `@typegrad/${nativeName(native)}`)
  const staged = await stage(join(folder, 'staged'), isHere)
  const tarballs: Tarball[] = []
  for (const one of staged) if (!isOther(one)) tarballs.push(await tarballOf(one, folder))
  return { tarballs, others: staged.filter(isOther) }
}

export const archiveOf = ({ tarballs }: Published, name: string): Tarball =>
  tarballs.find(({ manifest }) => manifest.name === name) as Tarball

/** The caller's, without what npm and the runner of tests set for the programs that they start. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|NODE_ENV$|VITEST|TSX_)/i.test(name)),
)

/**
 * Makes an empty project and installs typegrad there as from the registry, and other packages from the registry itself.
 * No install script runs.
 *
 * @returns what npm printed, on both streams.
 */
export async function installInto(
  project: string,
  published: Published,
  others: readonly string[] = [],
): Promise<string> {
  const registry = await serveRegistry([...published.tarballs, ...published.others])
  try {
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{ "private": true }')
    const settings = ['ignore-scripts=true', `@typegrad:registry=${registry.url}`, 'update-notifier=false']
    writeFileSync(join(project, '.npmrc'), settings.join('\n'))
    const archive = archiveOf(published, 'typegrad').path
    const { stdout, stderr } = await execute('npm', ['install', archive, ...others], {
      cwd: project,
      env: environment,
    })
    return stdout + stderr
  } finally {
    registry.close()
  }
}
