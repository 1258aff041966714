import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (file: string) => fileURLToPath(new URL(`./packages/typegrad/src/${file}`, import.meta.url))

export default defineConfig({
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
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
})
