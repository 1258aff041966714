/**
 * Defaults as the code has them: `constructor({ rate = 0.5 }: DropoutOptions)` says that of `DropoutOptions.rate`.
 * The reference shows what doc comments say; this is what holds them to it.
 */
import {
  isBindingElement,
  isIdentifier,
  isIntersectionTypeNode,
  isObjectBindingPattern,
  isParameterDeclaration,
  isTypeReferenceNode,
  isVariableDeclaration,
  type Node,
  type TypeNode,
} from 'typescript/unstable/ast'
import type { Library } from './compiler.ts'

/** Default by `Interface.option`, as written in the code; several where constructors differ. */
export type CodeDefaults = ReadonlyMap<string, ReadonlySet<string>>

export function codeDefaults({ project: { program } }: Library): CodeDefaults {
  const found = new Map<string, Set<string>>()
  const visit = (node: Node): void => {
    if ((isParameterDeclaration(node) || isVariableDeclaration(node)) && isObjectBindingPattern(node.name)) {
      for (const type of namesOf(node.type)) {
        for (const element of node.name.elements) {
          if (!isBindingElement(element) || element.initializer === undefined) continue
          const name = element.propertyName ?? element.name
          if (name === undefined || !isIdentifier(name)) continue
          const option = `${type}.${name.getText()}`
          found.set(option, (found.get(option) ?? new Set()).add(element.initializer.getText()))
        }
      }
    }
    node.forEachChild(visit)
  }
  for (const file of program.getSourceFileNames()) {
    if (!file.includes('/packages/')) continue
    program.getSourceFile(file)?.forEachChild(visit)
  }
  return found
}

/** The interfaces that an annotation names: `A`, `A<T>`, `A & B`, `Omit<A, 'b'>`. */
function namesOf(type: TypeNode | undefined): string[] {
  if (type === undefined) return []
  if (isIntersectionTypeNode(type)) return type.types.flatMap(namesOf)
  if (!isTypeReferenceNode(type)) return []
  return [type.typeName.getText(), ...(type.typeArguments ?? []).flatMap(namesOf)]
}
