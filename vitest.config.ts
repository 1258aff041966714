import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vitest/config'

const source = (file: string) => fileURLToPath(new URL(`./packages/typegrad/src/${file}`, import.meta.url))

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
    alias: [{ find: /^typegrad$/, replacement: source('index.ts') }],
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'tools/**/*.test.ts',
      'bench/driver/**/*.test.ts',
    ],
    // Two threads for all files, each of which gets modules of its own but not a process: loading the library anew into
    // a thread of its own took two thirds of the time. What a file changes beyond its modules it puts back.
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
  },
})
