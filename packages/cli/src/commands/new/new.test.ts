// Projects as `typegrad new` makes them, and their programs, run here from the files that it wrote. The whole form also
// type-checks each as its own `tsc` would, and runs it in a process of its own.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import '@typegrad/tabular'
import { isWhole } from '../../../../../tools/whole-tests.ts'
import { answering, typed } from '../../testing/typed.ts'
import { templateNames } from './templates.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-cli-new-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => void vi.restoreAllMocks())

/** What the programs of a project printed. */
async function runHere(project: string, program: string): Promise<string> {
  const printed: string[] = []
  vi.spyOn(console, 'log').mockImplementation(
    (...said: readonly unknown[]) => void printed.push(said.map(String).join(' ')),
  )
  await import(/* @vite-ignore */ join(project, 'src', program))
  return printed.join('\n')
}

/** Less of what takes time: the programs stay what they are. */
function hasten(project: string): void {
  const file = join(project, 'src/train.ts')
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace('budget: 60', 'budget: 0.001')
      .replace(/epochs: \d+/, 'epochs: 2, verbose: 0'),
  )
}

const says = {
  table: [/AUC 0\.\d+/, /no|yes/],
  images: [/classes: circle, square, triangle/, /01\.png: (circle|square|triangle) \(\d+ %\)/],
  text: [/^$/, /I was charged twice this month\. → (billing|delivery|technical)/],
} as const

const kept = { table: 'churn.model', images: 'pictures.keras', text: 'messages.keras' } as const

describe.each(templateNames)('the project %s', (template) => {
  const project = join(folder, template)

  test('is made, trains and predicts', { timeout: 120_000 }, async () => {
    const { code, out, err } = await typed(`typegrad new ${project} --template ${template}`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`\n  cd ${project}\n  npm install\n  npm run train\n`)
    expect(readdirSync(project).sort()).toEqual(
      ['.gitignore', 'README.md', 'data', 'package.json', 'src', 'tsconfig.json'].sort(),
    )
    hasten(project)
    expect(await runHere(project, 'train.ts')).toMatch(says[template][0])
    expect(existsSync(join(project, 'models', kept[template]))).toBe(true)
    expect(await runHere(project, 'predict.ts')).toMatch(says[template][1])
  })

  test.runIf(isWhole)('type-checks and runs by itself', { timeout: 600_000 }, () => {
    const root = fileURLToPath(new URL('../../../../..', import.meta.url))
    if (!existsSync(join(project, 'node_modules')))
      symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
    // The packages' sources, which are what the repository has without a build.
    const { paths } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions as {
      paths: Record<string, string[]>
    }
    const absolute = Object.fromEntries(
      Object.entries(paths).map(([name, [path = '']]) => [name, [join(root, path)]]),
    )
    const own = JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8'))
    // As the sources are checked, which a user's compiler does not see.
    const strict = { exactOptionalPropertyTypes: true, erasableSyntaxOnly: true }
    writeFileSync(
      join(project, 'tsconfig.check.json'),
      JSON.stringify({ ...own, compilerOptions: { ...own.compilerOptions, ...strict, paths: absolute } }),
    )
    execFileSync('npx', ['tsc', '-p', 'tsconfig.check.json'], { cwd: project, stdio: 'inherit' })
    const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
    const said = execFileSync('npx', scripts.predict.split(' '), { cwd: project, encoding: 'utf8' })
    expect(said).toMatch(says[template][1])
  })
})

test('asks for what is missing, in a terminal', async () => {
  const project = join(folder, 'asked')
  const ask = answering('text', project)
  expect((await typed('typegrad new', { ask, environment: { LANG: 'zh_CN.UTF-8' } })).code).toBe(0)
  expect(ask.asked).toEqual(['要建什么项目？', '放在哪个文件夹？'])
  expect(readFileSync(join(project, 'README.md'), 'utf8')).toMatch(/^# 文本分类器/)
  expect(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))).toMatchObject({
    name: 'asked',
    type: 'module',
  })
  expect(await typed('typegrad new')).toMatchObject({ code: 2, out: '' })
})

test('a folder with files is left alone', async () => {
  const project = join(folder, 'asked')
  const before = readdirSync(project)
  const { code, err } = await typed(`typegrad new ${project} --template table`)
  expect({ code, err }).toEqual({
    code: 2,
    err: `typegrad: ${project}: expected a folder that is new or empty, received one with files, or a file. Name another one.\n`,
  })
  expect(readdirSync(project)).toEqual(before)
})
