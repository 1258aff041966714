/** What the reference says of each export: read from its types and doc comments, and nowhere else. */
import {
  isBindingElement,
  isInterfaceDeclaration,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isPropertySignatureDeclaration,
  type Node,
  type VariableDeclaration,
} from 'typescript/unstable/ast'
import {
  type Symbol as CompilerSymbol,
  type Signature,
  SignatureKind,
  SymbolFlags,
  type Type,
} from 'typescript/unstable/sync'
import { type Library, resolved } from './compiler.ts'

export interface Option {
  readonly name: string
  /** As written in the source. */
  readonly type: string
  readonly isRequired: boolean
  /** What the doc comment says behind "Default". */
  readonly default: string | undefined
  /** The doc comment without its default. */
  readonly text: string
  /** The interface that declares it. */
  readonly owner: string
  /** Where it is declared: options stand in the order of the source, for the compiler's own order varies. */
  readonly file: string
  readonly position: number
}

export interface Parameter {
  readonly name: string
  readonly isOptional: boolean
  /** What `@param` says of it. */
  readonly text: string
  /** Its members, of an object of options. */
  readonly options: readonly Option[]
}

/** One function, factory or method. */
export interface Entry {
  /** As a program calls it: `layers.dense`. */
  readonly name: string
  /** `layers`, of a function of a namespace. */
  readonly namespace?: string
  readonly parameters: readonly Parameter[]
  readonly text: string
  readonly throws: readonly string[]
  readonly examples: readonly string[]
}

/** The functions among some exports, in the order of the alphabet. */
export function functionsOf(library: Library, exports: readonly CompilerSymbol[]): Entry[] {
  return exports
    .filter(({ name }) => /^[a-z]/.test(name))
    .flatMap((symbol) => entryOf(library, symbol.name, resolved(library.checker, symbol)) ?? [])
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

/** The public methods of a class that have a doc comment, static ones first, in the order in which they are declared. */
export function methodsOf(library: Library, exports: readonly CompilerSymbol[], className: string): Entry[] {
  const { checker } = library
  const symbol = exports.find(({ name }) => name === className)
  if (symbol === undefined) throw new Error(`expected ${className} among the exports`)
  const declared = resolved(checker, symbol)
  const own = [...declared.getMembers().values()]
  const fixed = [...declared.getExports().values()]
  const documentedEntry = (name: string, member: CompilerSymbol): Entry[] => {
    const entry = entryOf(library, name, member)
    return entry === undefined || entry.text === '' ? [] : [entry]
  }
  const method =
    (prefix: string) =>
    (member: CompilerSymbol): Entry[] => {
      if ((member.flags & SymbolFlags.Method) === 0 || /^[#_]/.test(member.name)) return []
      const declaration = member.declarations[0]?.resolve(library.project)
      if (declaration === undefined) return []
      // Methods of other folders stand in an interface that merges with the class.
      if (isMethodSignatureDeclaration(declaration)) return documentedEntry(`${prefix}${member.name}`, member)
      if (!isMethodDeclaration(declaration)) return []
      if (/\b(?:private|protected)\b/.test(String(declaration.modifiers?.map((m) => m.getText()).join(' '))))
        return []
      return documentedEntry(`${prefix}${member.name}`, member)
    }
  const instance = `${className.charAt(0).toLowerCase()}${className.slice(1)}.`
  return [...fixed.flatMap(method(`${className}.`)), ...own.flatMap(method(instance))]
}

function entryOf(library: Library, name: string, symbol: CompilerSymbol): Entry | undefined {
  const { checker } = library
  const type = checker.getTypeOfSymbol(symbol)
  const signatures = type === undefined ? [] : checker.getSignaturesOfType(type, SignatureKind.Call)
  if (signatures.length === 0) return undefined
  // Of several forms the one that takes most: it has all the options.
  const signature = signatures.reduce((a, b) => (b.getParameters().length > a.getParameters().length ? b : a))
  const documented = documentedSymbol(library, symbol)
  const tags = documented.getJsDocTags(checker)
  const said = (tag: string): string[] => tags.flatMap((t) => (t.name === tag && t.text ? [t.text] : []))
  return {
    name,
    parameters: parametersOf(library, signature, said('param')),
    text: documented.getDocumentationComment(checker).trim(),
    throws: said('throws'),
    examples: said('example'),
  }
}

/** `export const { abs } = functions` has no comment of its own: that of the property, which says what `abs` is. */
function documentedSymbol({ checker, project }: Library, symbol: CompilerSymbol): CompilerSymbol {
  const declaration = symbol.valueDeclaration?.resolve(project)
  if (declaration === undefined || !isBindingElement(declaration)) return symbol
  const { initializer } = declaration.parent.parent as VariableDeclaration
  const object = initializer && checker.getTypeAtLocation(initializer)
  const name = declaration.propertyName?.getText() ?? symbol.name
  return (object && checker.getPropertyOfType(object, name)) ?? symbol
}

function parametersOf(library: Library, signature: Signature, said: readonly string[]): Parameter[] {
  const { checker, project } = library
  return signature
    .getParameters()
    .filter(isTaken(library))
    .map((symbol) => {
      // A parameter that is taken apart on the spot has no name of its own.
      const name = symbol.name.startsWith('__') ? 'options' : symbol.name
      const declared = symbol.valueDeclaration?.resolve(project)?.getText() ?? ''
      const type = checker.getTypeOfSymbol(symbol)
      const isOptions = name === 'options' || /(?:Options|StepOutputs)\b/.test(declared)
      return {
        name,
        isOptional: /^\w+\?|^[^=]*\}?[^=]*[^=>]=[^>=]/.test(declared),
        text: said.find((text) => text.startsWith(`${name} `))?.slice(name.length + 1) ?? '',
        options: isOptions && type !== undefined ? optionsOf(library, type) : [],
      }
    })
}

/** Not what types alone speak of: the `rest` of a function that takes nothing more. */
const isTaken =
  ({ project }: Library) =>
  (symbol: CompilerSymbol): boolean =>
    symbol.name !== 'rest' || symbol.valueDeclaration?.resolve(project)?.getText().startsWith('...') !== true

function optionsOf(library: Library, type: Type): Option[] {
  const { checker } = library
  const given = checker.getNonNullableType(type) ?? type
  // Where a name may stand in the place of options, the options.
  const objects = given.isUnionType()
    ? given.getTypes().filter((member) => member.getSymbol()?.name.endsWith('Options'))
    : [given]
  const options = objects
    .flatMap((object) => checker.getPropertiesOfType(object))
    .flatMap((symbol) => optionOf(library, symbol) ?? [])
  const own = objects[0]?.getSymbol()?.name
  return options.sort(
    (a, b) =>
      Number(b.isRequired) - Number(a.isRequired) ||
      Number(b.owner === own) - Number(a.owner === own) ||
      (a.file === b.file ? a.position - b.position : a.file < b.file ? -1 : 1),
  )
}

function optionOf({ checker, project }: Library, symbol: CompilerSymbol): Option | undefined {
  const declaration = symbol.declarations[0]?.resolve(project)
  if (declaration === undefined || !isPropertySignatureDeclaration(declaration)) return undefined
  const said = symbol.getDocumentationComment(checker).trim()
  const written = (declaration.type?.getText() ?? '').replace(/\s+/g, ' ').replace(/^\| /, '')
  const type = checker.getTypeOfSymbol(symbol)
  // `Other['option']` and conditions mean nothing to a reader; the compiler spells out what they come to.
  const shown = /\w\['/.test(written) && type !== undefined ? checker.typeToString(type) : written
  return {
    name: symbol.name,
    type: shown.replace(/ \| undefined\b/g, ''),
    isRequired: (symbol.flags & SymbolFlags.Optional) === 0,
    ...splitDefault(said),
    owner: ownerOf(declaration),
    file: declaration.getSourceFile().fileName,
    position: declaration.pos,
  }
}

/** The interface that declares a member; '' of a type without a name. */
const ownerOf = ({ parent }: Node): string => (isInterfaceDeclaration(parent) ? parent.name.getText() : '')

/** "Added to the root. Default 1e-7. Never 0." → `1e-7`, and the rest. */
export function splitDefault(text: string): Pick<Option, 'default' | 'text'> {
  const match = /(?:^|(?<=[.:;]\s))Default:? (.+?)\.(?=\s|$)\s*/s.exec(text)
  if (match === null) return { default: undefined, text }
  return {
    default: match[1]?.replace(/\s+/g, ' '),
    text: `${text.slice(0, match.index)}${text.slice(match.index + match[0].length)}`.trim(),
  }
}
