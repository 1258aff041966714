/**
 * The library as TypeScript's own compiler sees it. TypeScript 7 offers this view under `typescript/unstable`, which
 * may change with its next version: what the rest of this folder needs of it stands here and in `entries.ts`.
 */
import { fileURLToPath } from 'node:url'
import {
  API,
  type Checker,
  type Symbol as CompilerSymbol,
  type Project,
  SymbolFlags,
} from 'typescript/unstable/sync'

const root = fileURLToPath(new URL('../..', import.meta.url))
const source = `${root}packages/typegrad/src`

export interface Library {
  readonly checker: Checker
  readonly project: Project
  /** What the package exports. */
  readonly exports: readonly CompilerSymbol[]
  /** What one of its subpaths exports: `layers`. */
  readonly exportsOfDoor: (door: string) => readonly CompilerSymbol[]
}

/** Hands the checked library to `read`, and ends the compiler's process behind it. */
export function withLibrary<T>(read: (library: Library) => T): T {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [`${root}tsconfig.build.json`] })
    const project = snapshot.getProjects()[0]
    if (project === undefined) throw new Error(`expected a project at ${root}`)
    const { checker } = project
    const exportsOf = (path: string): readonly CompilerSymbol[] => {
      const file = project.program.getSourceFile(`${source}/${path}`)
      const module = file && checker.getSymbolAtLocation(file)
      if (module === undefined) throw new Error(`expected a module at ${path}`)
      return checker.getExportsOfModule(module)
    }
    const exports = exportsOf('index.ts')
    return read({ checker, project, exports, exportsOfDoor: (door) => exportsOf(`doors/${door}.ts`) })
  } finally {
    api.close()
  }
}

/** What a name stands for, through every `export … from`. */
export const resolved = (checker: Checker, symbol: CompilerSymbol): CompilerSymbol =>
  symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
