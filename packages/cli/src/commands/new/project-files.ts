import { basename } from 'node:path'
import { ownVersion } from '../../program/version.ts'
import { type TemplateName, templates } from './templates.ts'

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/** A folder's name as npm takes it for a package. */
const packageName = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '') || 'project'

/** Files of a project that are not those of its template: the same for all but the packages that it needs. */
export function projectFiles(folder: string, template: TemplateName): Readonly<Record<string, string>> {
  const version = ownVersion()
  const packages = ['typegrad', ...templates[template].packages]
  return {
    'package.json': json({
      name: packageName(folder),
      private: true,
      type: 'module',
      scripts: {
        train: 'tsx src/train.ts',
        predict: 'tsx src/predict.ts',
        check: 'tsc',
      },
      dependencies: Object.fromEntries(packages.map((name) => [name, version])),
      devDependencies: {
        '@typegrad/cli': version,
        '@types/node': '^20.19.43',
        tsx: '^4.23.15',
        typescript: '^7.0.2',
      },
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        lib: ['es2023'],
        types: ['node'],
        strict: true,
        noUncheckedIndexedAccess: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
        noEmit: true,
      },
      include: ['src'],
    }),
    '.gitignore': 'node_modules/\nmodels/\n',
  }
}
