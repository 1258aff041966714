import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { configDefaults, defineConfig, type Plugin } from 'vitest/config'

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

/** Whole trainings of examples, and trainings that are ended and resumed in processes: minutes, `npm run unit:long`. */
const long =
  process.env.TYPEGRAD_LONG === '1'
    ? []
    : [
        'examples/{examples,generative,overfitting,spam,weather}.test.ts',
        'packages/typegrad/src/models/resume.test.ts',
      ]

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
    exclude: [...configDefaults.exclude, ...long],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
})
