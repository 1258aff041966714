import type { AnyModel } from './model.ts'

type Methods = Partial<{ [K in keyof AnyModel]: AnyModel[K] }>

/**
 * Gives all models methods that stand in other folders (training, saving, drawing), which know what a model is while it
 * knows nothing of them; each folder declares its own in an interface that merges with the class.
 */
export function withMethods(
  type: { readonly prototype: AnyModel },
  methods: Methods & ThisType<AnyModel>,
): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(methods)))
    Object.defineProperty(type.prototype, name, { ...descriptor, enumerable: false })
}
