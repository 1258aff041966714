import type { RewriteRule } from './rewrite.ts'

/** Nodes that matter to differentiation only: by now they stand for their first input. */
export const dropGradientMarkers: RewriteRule = (node) => {
  switch (node.kind) {
    case 'identity':
    case 'stopGradient':
    case 'customGradient':
      return node.inputs[0] ?? node
    default:
      return node
  }
}
