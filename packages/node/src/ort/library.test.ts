import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'

// The runtime's own default is to report, and to keep what it has to report in the user's home.
test('the runtime reports nothing and leaves nothing behind', async () => {
  const home = mkdtempSync(join(tmpdir(), 'typegrad-home-'))
  try {
    const index = await bundleProgram(new URL('../../../typegrad/src/index.ts', import.meta.url))
    const program = `
      import { readdirSync, readFileSync } from 'node:fs'
      import { zeros } from '${pathToFileURL(index)}'
      await zeros([3]).add(1).data()
      const maps = process.platform === 'linux' ? readFileSync('/proc/self/maps', 'utf8') : ''
      console.log(JSON.stringify({ telemetry: process.env.ORT_DISABLE_TELEMETRY, database: /onnxruntime\\.db/.test(maps) }))`
    // On a build server the runtime would be silent by itself.
    const { CI: _, ORT_DISABLE_TELEMETRY: __, XDG_CACHE_HOME: ___, ...environment } = process.env
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      env: { ...environment, HOME: home },
    })
    expect(child.status, child.stderr).toBe(0)
    expect(JSON.parse(child.stdout)).toEqual({ telemetry: '1', database: false })
    expect(readdirSync(home)).toEqual([])
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
