import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vitest/config'

const packages = fileURLToPath(new URL('./packages', import.meta.url))

/** Classes with decorators, by the compiler that also makes the package: the runner's own leaves decorators as they are. */
const decorators: Plugin = {
  name: 'decorators',
  enforce: 'pre',
  async transform(source, file) {
    if (!file.endsWith('.ts') || !/^@\w+\(/m.test(source)) return undefined
    return transform(source, { loader: 'ts', target: 'es2023', sourcefile: file, sourcemap: true })
  },
}

export default defineConfig({
  plugins: [decorators],
  resolve: {
    alias: [
      { find: /^typegrad$/, replacement: `${packages}/typegrad/src/index.ts` },
      { find: /^typegrad\/(\w+)$/, replacement: `${packages}/typegrad/src/doors/$1.ts` },
      { find: '@typegrad/hub/options', replacement: `${packages}/hub/src/options.ts` },
      { find: /^@typegrad\/([\w-]+)$/, replacement: `${packages}/$1/src/index.ts` },
    ],
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'tools/**/*.test.ts',
      'bench/driver/**/*.test.ts',
    ],
    // Two threads that keep the library's modules from file to file: loading them anew for each took half of the time.
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    // Programs that tests start find the packages' sources as the tests do, from whatever folder.
    env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL('./tsconfig.json', import.meta.url)) },
    setupFiles: [`${packages}/typegrad/src/testing/fresh-state.ts`],
    testTimeout: 30_000,
  },
})
